"""Everything that may happen to orders in several regions, in any sequence, and what must hold whatever happens."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from core import ids
from core.actor import GUEST
from core.errors import Conflict, Forbidden, TokenReused, WrongRegion
from foodforthought import stream_worker
from orders import lifecycle, placing
from orders.errors import NotPossibleNow
from orders.models import Order
from orders.pricing import Choice
from orders.review import Wish
from orders.status import Kind, Status, Verb, is_final
from orders.texts import Contact
from regions import backlog
from regions.reconciliation import Reconciliation
from tests.factories import guest_of, kitchen_of, make_dish, make_restaurant
from tests.replication.memory import Item, Memory
from tests.replication.world import MEMBERS, ORDERS, STUB, Broken, Killed, Store, World

START_MS = 1_790_000_000_000
NAMES = "aaab"
FINISHED_BADLY = {Status.REJECTED, Status.CANCELLED, Status.DUPLICATE}
KITCHEN = [Verb.ACCEPT, Verb.ACCEPT, Verb.REJECT, Verb.PREPARE, Verb.FINISH, Verb.HAND_OVER]
MEAL = [Verb.ACCEPT, Verb.FINISH, Verb.HAND_OVER]
FAULTS = [
    "cut off",
    "the stream is lost",
    "poison",
    "refused",
    "the queue is down",
    "alone and without a queue",
    "an answer is lost",
    "all arrives meanwhile",
    "accepted meanwhile",
]
RESTAURANTS = {"na": make_restaurant("american"), "eu": make_restaurant("french", country="FR")}
MENUS = {found.id: (found, [make_dish(restaurant=found.id)]) for found in RESTAURANTS.values()}
AWAY = (BotoCoreError, ClientError)

anywhere = st.integers(0, 3)  # a region, counted around
name = st.sampled_from(NAMES)
kills = st.sampled_from([None, None, None, None, 1, 2, 4, 9])  # the calls that a process still makes
seldom = st.sampled_from([False, False, True])
verbs = st.sampled_from([*KITCHEN, Verb.CANCEL])
ticks = st.sampled_from([1, 1, 0, 2, -3])  # milliseconds; a clock may be set back


@dataclass(frozen=True)
class Told:
    """What a client was told of an order."""

    version: int
    removed: bool
    history: list[Any]


class Regions(RuleBasedStateMachine):
    """Customers, kitchens, workers and faults."""

    def make_store(self, regions: tuple[str, ...]) -> Store:
        return Memory()

    def __init__(self) -> None:
        super().__init__()
        self.world: World | None = None

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        members = MEMBERS[data.draw(st.sampled_from(list(MEMBERS)), "regions")]
        self.world = World(members, self.make_store(tuple(members)), now_ms=START_MS)
        self.world.patch.setattr(placing, "menu", MENUS.__getitem__)
        self.regions = tuple(members)
        self.unread = data.draw(
            st.one_of(st.none(), st.integers(0, len(members) - 1)), "whose stream is lost in the end"
        )
        self.pending: dict[str, list[int]] = {region: [] for region in members}  # records not handed over yet
        self.noticed = dict.fromkeys(members, 0)  # how much of a stream has been put into `pending`
        self.lost: set[str] = set()  # regions whose stream has lost records
        self.acknowledged: dict[str, Told] = {}  # key → the last
        self.seen: dict[str, Order] = {}  # key → as it was before the last change
        self.removed: set[str] = set()  # ids that were removed at some time
        # Without an order there is nothing to go wrong; with several of one name there are twins.
        for at in data.draw(st.lists(anywhere, min_size=1, max_size=3), "placed by then"):
            self.place(at, NAMES[0], data.draw(st.integers(0, 1)), None, False)

    def teardown(self) -> None:
        if self.world is None:
            return
        try:
            if sys.exc_info()[0] is None:  # nothing has failed yet
                self.settle_down()
                self.check_all()
        finally:
            self.world.patch.undo()

    # Few rules that do much each: Hypothesis takes one like the other.

    @rule(at=anywhere, name=name, tick=ticks, killed=kills, race=seldom)
    def place(self, at: int, name: str, tick: int, killed: int | None, race: bool) -> None:
        """A first try, or a retry that was routed here; in a `race` everything arrives just before it is written."""
        here = self._at(at, tick)
        if race:
            self.world.meanwhile = self._deliver_all
        jurisdiction = self.world.seen.jurisdiction_of(here)
        token = f"{START_MS // 1000}.{name * 24}{jurisdiction}"
        wish = Wish(RESTAURANTS[jurisdiction].id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP)
        order_id = ids.order_id_from(token)
        known = [item for item in self._items(here) if "deleted_at" not in item and item["id"]["S"] == order_id]
        undisturbed = killed is None and self.world.meanwhile is None
        contact = Contact("Ada", "+1 212 555 0100")
        told = self._do(here, lambda: placing.place(token=token, wish=wish, contact=contact, by=GUEST), killed)
        if told is None:
            if undisturbed:
                raise Broken(f"a removed order can be placed again: {here} refused {order_id}")
            self.acknowledged.pop(Order.key_of(here, order_id), None)  # it may be there again, or not
            return
        order, created = told
        if known and created:
            raise Broken(f"a retry finds what is here: {here} made {order.key} beside {known[0]['key']}")
        if created or (order.key not in self.acknowledged and order_id not in self.removed):
            self._acknowledge(order)

    @rule(
        at=anywhere, name=name, words=st.one_of(verbs.map(lambda verb: [verb]), st.just(MEAL)), tick=ticks, old=seldom
    )
    def change(self, at: int, name: str, words: list[Verb], tick: int, old: bool) -> None:
        """The kitchen's word, or the customer's, at home; perhaps of somebody who has looked at an `old` state."""
        here = self._at(at, tick)
        for verb in words:
            order = self._look(here, here, name)
            if order:
                seen, self.seen[order.key] = self.seen.get(order.key, order), order
                self._change(here, seen if old else order, verb)

    @rule(at=anywhere, pick=st.integers(0, 5), verb=verbs)
    def change_elsewhere(self, at: int, pick: int, verb: Verb) -> None:
        here = self._at(at)
        copies = [x for x in self._items(here) if x["home"]["S"] != here and "content_fingerprint" in x]
        if copies:
            self._change(here, Order.from_raw_data(copies[pick % len(copies)]), verb)

    @rule(at=anywhere, name=name, tick=ticks, again=st.booleans())
    def delete(self, at: int, name: str, tick: int, again: bool) -> None:
        """And perhaps place it again at once, with a clock that has been set back meanwhile."""
        here = self._at(at, tick)
        order = self._look(here, here, name)
        if order and self._do(here, lambda: remove(order)) is not None:
            self._acknowledge(order)
            self.removed.add(order.key.partition("#")[2])
            if again:
                self.place(at, name, -3, None, False)

    @rule(at=anywhere, count=st.integers(1, 6), killed=kills)
    def deliver(self, at: int, count: int, killed: int | None) -> None:
        """The next records of a stream. A worker that is killed before its checkpoint gets them again."""
        here = self._at(at)
        self._deliver(here, self._pending(here)[:count], killed)

    @rule(at=anywhere, picks=st.lists(st.integers(0, 30), min_size=1, max_size=4), again=st.booleans())
    def deliver_out_of_order(self, at: int, picks: list[int], again: bool) -> None:
        """Or again what has been delivered long ago."""
        here = self._at(at)
        numbers = range(len(self.world.streams[here])) if again else self._pending(here)
        if numbers:
            self._deliver(here, [numbers[pick % len(numbers)] for pick in picks])

    @rule(at=anywhere, what=st.sampled_from(["drain", "reconcile", "settle", "wait", "mend"]))
    def work(self, at: int, what: str) -> None:
        """What the clock or an operator does."""
        here = self._at(at)
        match what:
            case "wait":
                self.world.now_ms += 30_000
            case "mend":
                self.world.cut.clear()
                self.world.queue_down.clear()
                self.world.refused.clear()
                self.world.now_ms += 6_000  # the breakers let somebody try
            case "reconcile":
                self._reconcile(here)
            case _:
                with self.world.worker_of(here):
                    {"drain": stream_worker.drain, "settle": stream_worker.settle}[what]({}, None)

    @rule(at=anywhere, other=anywhere, name=name, what=st.sampled_from(FAULTS))
    def fail(self, at: int, other: int, name: str, what: str) -> None:
        world, here, there = self.world, self._at(at), self._at(other)
        order = self._look(here, here, name)
        if what == "cut off" and here != there:
            world.cut.add(frozenset({here, there}))
        elif what == "the stream is lost":
            self._lose_the_stream(here)
        elif what == "poison" and order and here != there:
            world.poison.add((there, order.key, str(order.version)))
        elif what == "refused" and order and here != there:
            world.refused.add((there, order.key))
        elif what == "the queue is down":
            world.queue_down.add(here)
        elif what == "alone and without a queue":
            world.queue_down.add(here)
            world.cut |= {frozenset({here, other}) for other in self.regions if other != here}
        elif what == "an answer is lost":
            world.lose_answer = True
        elif what == "all arrives meanwhile":
            world.meanwhile = self._deliver_all
        elif what == "accepted meanwhile":
            world.meanwhile = lambda: self._change(here, self._look(here, here, name), Verb.ACCEPT)

    # How it is done

    def _at(self, number: int, tick: int = 0) -> str:
        self.world.now_ms += tick
        return self.regions[number % len(self.regions)]

    def _items(self, region: str) -> list[Item]:
        return self.world.store.items(region, ORDERS)

    def _look(self, here: str, home: str, name: str) -> Order | None:
        """A home's order of this name as a region holds it."""
        token = f"{START_MS // 1000}.{name * 24}{self.world.seen.jurisdiction_of(home)}"
        item = self.world.store.item(here, ORDERS, Order.key_of(home, ids.order_id_from(token)))
        # With a stub from abroad nobody can begin anything.
        return Order.from_raw_data(item) if item and "content_fingerprint" in item else None

    def _do(self, here: str, action: Callable[[], Any], killed: int | None = None) -> Any:
        """An action's answer; None when it was refused, failed, or never came to an end."""
        self.world.calls_left = killed
        before, self.world.replicating = self.world.replicating, False
        undisturbed, at_home = self.world.meanwhile is None, self._items(here)
        try:
            with self.world.acting_as(here):
                return action()
        except (Conflict, NotPossibleNow, Forbidden, WrongRegion) as error:
            if isinstance(error, TokenReused):
                raise Broken(f"the same content is no reuse: {here}") from error
            if undisturbed and self._items(here) != at_home:
                raise Broken(f"who is refused has changed nothing: {here}") from error
            return None
        except Killed:
            return None
        finally:
            self.world.calls_left = None
            self.world.replicating = before

    def _change(self, here: str, order: Order | None, verb: Verb) -> None:
        if order is None:
            return
        by = guest_of(order) if verb == Verb.CANCEL else kitchen_of(order)
        before = order.version
        done = self._do(here, lambda: lifecycle.change(order, verb, by=by))
        # What was done before is answered from what was read, which may be old here: that tells of nothing new.
        if done is not None and order.version != before:
            self._acknowledge(order)

    def _acknowledge(self, order: Order) -> None:
        self.acknowledged[order.key] = Told(
            int(order.version), order.is_tombstone, [] if order.is_tombstone else list(order.history)
        )

    def _pending(self, here: str) -> list[int]:
        end = len(self.world.streams[here])
        self.pending[here] += range(self.noticed[here], end)
        self.noticed[here] = end
        return self.pending[here]

    def _deliver(self, here: str, numbers: Sequence[int], killed: int | None = None) -> None:
        batch, numbers = [self.world.streams[here][number] for number in numbers], list(numbers)
        self.world.calls_left = killed
        try:
            if batch:
                self.world.hand_over(here, batch)
        except (Killed, *AWAY):
            return
        finally:
            self.world.calls_left = None
        self.pending[here] = [number for number in self._pending(here) if number not in numbers]

    def _deliver_all(self) -> None:
        for here in self.regions:
            self._deliver(here, self._pending(here))

    def _reconcile(self, here: str) -> None:
        with self.world.worker_of(here) as worker:
            run = Reconciliation(
                topology=worker.topology, rules=worker.rules, targets=worker.topology.others(), replicator=worker,
                standing=lambda found: None, progress=lambda how_far: None,
            )  # fmt: skip
            try:
                run.run(from_start=True)
            except AWAY:
                return

    def _lose_the_stream(self, here: str) -> None:
        """The region's worker was away for longer than its stream keeps records; what others copied has arrived."""
        for other in self.regions:
            if other != here:
                self._deliver(other, self._pending(other))
        if self._pending(here):
            self.pending[here].clear()
            self.lost.add(here)

    def _settle(self, here: str) -> None:
        with self.world.worker_of(here):
            stream_worker.settle({}, None)

    # In the end

    def settle_down(self) -> None:
        """Everything is mended, and nobody orders any more."""
        world = self.world
        if self.unread is not None:
            self._lose_the_stream(self.regions[self.unread])
        self._work_everywhere()  # once more as things are
        world.cut.clear()
        world.queue_down.clear()
        world.refused.clear()
        world.lose_answer, world.meanwhile = False, None
        for _, key, version in sorted(world.poison):
            self._mend(key, version)
        for here in sorted(self.lost):
            self._reconcile(here)
            self._settle(here)
        for _ in range(12):
            self._work_everywhere()
            waiting = {here: backlog_of(world, here) for here in self.regions}
            if not any(self._pending(here) for here in self.regions) and not any(waiting.values()):
                return
        raise Broken(f"it comes to rest: {waiting} in the backlogs, {self.pending} in the streams")

    def _work_everywhere(self) -> None:
        self.world.now_ms += 30_000
        self._deliver_all()
        for here in self.regions:
            with suppress(*AWAY), self.world.worker_of(here):
                stream_worker.drain({}, None)

    def _mend(self, key: str, version: str) -> None:
        """What a region does not take is changed at home."""
        home = key.partition("#")[0]
        item = self.world.store.item(home, ORDERS, key)
        if item and item["version"]["N"] == version:
            order = Order.from_raw_data(item)
            with self.world.acting_as(home):
                order.update([Order.restaurant_name.set("Mended")])
            if key in self.acknowledged:
                self._acknowledge(order)

    def check_all(self) -> None:
        held = {here: {item["key"]["S"]: item for item in self._items(here)} for here in self.regions}
        self._check_acknowledged(held)
        self._check_replicas(held)
        self._check_twins(held)

    def _check_acknowledged(self, held: dict[str, dict[str, Item]]) -> None:
        for key, told in self.acknowledged.items():
            found = held[key.partition("#")[0]].get(key)
            if found is None:
                raise Broken(f"no acknowledged write is lost: {key} is gone")
            is_older = int(found["version"]["N"]) < told.version
            is_back = told.removed and "deleted_at" not in found
            known = json.loads(found["history"]["S"]) if "history" in found else []
            if is_older or is_back or known[: len(told.history)] != told.history:
                raise Broken(f"no acknowledged write is lost: of {key} {told} was told, but it is {found}")

    def _check_replicas(self, held: dict[str, dict[str, Item]]) -> None:
        topo = self.world.seen
        for here in self.regions:
            wanted = {}
            for home in self.regions:
                abroad = topo.jurisdiction_of(home) != topo.jurisdiction_of(here)
                for key, item in held[home].items():
                    if item["home"]["S"] == home:
                        wanted[key] = {n: v for n, v in item.items() if n in STUB} if abroad else item
            for key in wanted.keys() | held[here].keys():
                if held[here].get(key) != wanted.get(key):
                    raise Broken(f"all replicas are equal: {key} in {here} is not what its home says")

    def _check_twins(self, held: dict[str, dict[str, Item]]) -> None:
        groups: dict[str, list[Item]] = {}
        for here, items in held.items():
            for key, item in items.items():
                if item["home"]["S"] == here:
                    groups.setdefault(key.partition("#")[2], []).append(item)
        for order_id, twins in groups.items():
            check_twins(twins, removed=order_id in self.removed)


def check_twins(twins: Sequence[Item], *, removed: bool) -> None:
    """Of all that one checkout has become, at home, when everybody knows everything."""
    present = [twin for twin in twins if "deleted_at" not in twin]
    states = [Status(twin["status"]["S"]) for twin in present]
    going_on = [twin for twin, state in zip(present, states, strict=True) if not is_final(state)]
    served = [state for state in states if is_final(state) and state not in FINISHED_BADLY]
    if len(going_on) > 1 or (going_on and served):
        raise Broken(f"of twins one survives: {states}")
    if Status.CANCELLED in states and going_on:
        raise Broken(f"a cancellation is for both: {states}")
    if removed or {Status.CANCELLED, Status.REJECTED} & set(states):
        return  # somebody has ended it
    if present and not going_on and not served:
        raise Broken(f"of twins one survives: {states}")
    if going_on and "accepted_at" not in going_on[0] and any("accepted_at" in twin for twin in present):
        raise Broken(f"a kitchen's word counts: {states}")


def remove(order: Order) -> Order:
    order.bury()
    order.save()
    return order


def backlog_of(world: World, home: str) -> int:
    with world.acting_as(home):
        return sum(backlog.count(target, home=home) for target in world.seen.regions)
