"""Who does what with an order, and what is kept of it."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Restaurant
from core import clock, ids
from core.actor import GUEST, SYSTEM, Actor, Role
from core.errors import Conflict, Forbidden, Invalid, NotFound, WrongRegion
from orders import lifecycle, placing
from orders.errors import NotPossibleNow
from orders.models import Order
from orders.pricing import Choice
from orders.reading import customer_of
from orders.review import Wish
from orders.status import FOR_PEOPLE, TAKES, TRANSITIONS, Kind, Status, Verb
from orders.texts import Contact
from regions.replication import rule_of
from tests.conftest import region
from tests.factories import guest_of, kitchen_of, make_token, save_restaurant

LIFE = (Verb.ACCEPT, Verb.PREPARE, Verb.FINISH, Verb.HAND_OVER)


@pytest.fixture
def restaurant(tables: None) -> Restaurant:
    return save_restaurant()


@pytest.fixture
def token() -> str:
    return make_token()


@pytest.fixture
def order(restaurant: Restaurant, token: str) -> Order:
    return place(restaurant, token)


def place(restaurant: Restaurant, token: str, **wanted: Any) -> Order:
    wish = Wish(restaurant.id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP, **wanted)
    contact = Contact("Ada", "+1 212 555 0100")
    order, _ = placing.place(token=token, wish=wish, contact=contact, by=GUEST)
    return order


def stored(order: Order) -> Order:
    return Order.get(order.key, consistent_read=True)


def test_the_history_says_who_did_what(order: Order) -> None:
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order, "acc-7"), minutes=25)
    lifecycle.change(order, Verb.REJECT, by=kitchen_of(order, "acc-8"), reason="The oven is broken.")
    placed, accepted, rejected = ({**entry, "at": None} for entry in stored(order).history)
    assert placed == {"status": "placed", "at": None, "by": {"role": "customer"}}
    assert accepted == {
        "status": "accepted", "at": None, "verb": "accept", "by": {"role": "kitchen", "account": "acc-7"}, "minutes": 25,
    }  # fmt: skip
    assert rejected == {
        "status": "rejected", "at": None, "verb": "reject", "by": {"role": "kitchen", "account": "acc-8"},
        "reason": "The oven is broken.",
    }  # fmt: skip
    assert stored(order).reason == "The oven is broken."


def test_who_did_it_and_why_stays_in_the_jurisdiction() -> None:
    assert "history" in Order.personal
    assert "history" not in rule_of(Order).stub


@pytest.mark.parametrize(
    "stranger",
    [
        Actor(Role.KITCHEN, account="acc-7", restaurant="another"),
        Actor(Role.KITCHEN, account="acc-7"),
        Actor(Role.CUSTOMER, guest_of="us-east-1#01JDF3QK8Z7Y6X5W4V3T2S1R0P"),
        GUEST,
    ],
)
@pytest.mark.parametrize("verb", FOR_PEOPLE)
def test_nobody_moves_an_order_that_is_not_theirs(order: Order, verb: Verb, stranger: Actor) -> None:
    with pytest.raises(Forbidden, match="somebody else"):
        lifecycle.change(order, verb, by=stranger)
    assert stored(order).version == order.version


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb in TRANSITIONS[Status.PLACED]])
def test_each_role_does_its_own_part_only(order: Order, verb: Verb) -> None:
    actors = {Role.KITCHEN: kitchen_of(order), Role.CUSTOMER: guest_of(order), Role.SYSTEM: SYSTEM}
    assert actors.keys() == set(Role)
    for role in set(Role) - {TRANSITIONS[Status.PLACED][verb][1]}:
        with pytest.raises(Forbidden):
            lifecycle.change(order, verb, by=actors[role])
    assert stored(order).version == order.version


def test_a_guest_is_whoever_has_the_secret_of_the_order(order: Order, restaurant: Restaurant, token: str) -> None:
    other = place(restaurant, make_token())
    mine = customer_of(order, ids.access_secret_from(token))
    for access in (None, "", "guess", ids.access_secret_from(make_token())):
        with pytest.raises(NotFound):
            customer_of(order, access)
    with pytest.raises(Forbidden):
        lifecycle.change(other, Verb.CANCEL, by=mine)
    assert lifecycle.change(order, Verb.CANCEL, by=mine).status == "cancelled"


def test_only_a_customer_places_an_order(restaurant: Restaurant, order: Order) -> None:
    wish = Wish(restaurant.id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP)
    for actor in (kitchen_of(order), SYSTEM):
        with pytest.raises(Forbidden):
            placing.place(token=make_token(), wish=wish, contact=Contact("Ada", "+1 212 555 0100"), by=actor)
    assert len(list(Order.scan())) == 1


@pytest.mark.parametrize("verb", LIFE)
def test_what_one_has_done_is_answered_again_whatever_came_of_it(order: Order, verb: Verb) -> None:
    """The answer was lost on its way, and others went on meanwhile."""
    kitchen = kitchen_of(order)
    for step in LIFE:
        lifecycle.change(order, step, by=kitchen)
        if step == verb:
            at_once = lifecycle.change(stored(order), verb, by=kitchen)
            assert at_once.attribute_values == stored(order).attribute_values == order.attribute_values
    later = lifecycle.change(stored(order), verb, by=kitchen)
    assert later.status == "collected", "nobody is shown an order that goes back"
    assert stored(order).version == order.version
    assert [entry.get("verb") for entry in stored(order).history] == [None, *LIFE]


@pytest.mark.parametrize("verb", LIFE)
def test_what_another_has_done_is_refused(order: Order, verb: Verb) -> None:
    for step in LIFE[: LIFE.index(verb) + 1]:
        lifecycle.change(order, step, by=kitchen_of(order, "acc-7"))
    for actor in (kitchen_of(order, "acc-8"), Actor(Role.KITCHEN, restaurant=order.restaurant)):
        with pytest.raises(NotPossibleNow):
            lifecycle.change(stored(order), verb, by=actor)


def test_other_minutes_are_no_repetition(order: Order) -> None:
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order), minutes=20)
    with pytest.raises(NotPossibleNow):
        lifecycle.change(stored(order), Verb.ACCEPT, by=kitchen_of(order), minutes=40)


def test_of_two_hands_that_read_the_same_order_the_slower_is_told_what_it_did_itself_only(order: Order) -> None:
    mine, ours, theirs = (stored(order) for _ in range(3))
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order, "acc-7"), minutes=20)
    assert lifecycle.change(mine, Verb.ACCEPT, by=kitchen_of(order, "acc-7"), minutes=20).version == order.version
    with pytest.raises(Conflict):
        lifecycle.change(ours, Verb.ACCEPT, by=kitchen_of(order, "acc-8"), minutes=20)
    with pytest.raises(Conflict):
        lifecycle.change(theirs, Verb.CANCEL, by=guest_of(order))
    assert stored(order).version == order.version


def test_nothing_is_repeated_outside_the_home(order: Order) -> None:
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    with region("us-west-2"), pytest.raises(WrongRegion):
        lifecycle.change(stored(order), Verb.ACCEPT, by=kitchen_of(order))


def test_minutes_say_when_the_food_is_there(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    now_ms = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: now_ms)
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order), minutes=50)
    assert stored(order).expected_at == now_ms + 50 * 60_000


def test_without_minutes_it_is_expected_as_before(order: Order) -> None:
    before = order.expected_at
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    assert stored(order).expected_at == before


def test_what_is_ordered_for_later_is_not_expected_before(restaurant: Restaurant) -> None:
    wanted = (clock.now_ms() // 900_000 + 4 * 30) * 900_000
    order = place(restaurant, make_token(), scheduled_for=wanted)
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order), minutes=20)
    assert stored(order).expected_at == wanted


@pytest.mark.parametrize(
    ("verb", "details"),
    [
        (Verb.ACCEPT, {"minutes": 0}),
        (Verb.ACCEPT, {"minutes": -5}),
        (Verb.ACCEPT, {"minutes": lifecycle.MAX_MINUTES + 1}),
        (Verb.ACCEPT, {"reason": "Because"}),
        (Verb.REJECT, {"minutes": 20}),
        (Verb.REJECT, {"reason": "x" * 301}),
        (Verb.REJECT, {"reason": "\x1b[2J"}),
        (Verb.REJECT, {"reason": "\u202egnp.exe"}),
        (Verb.REJECT, {"twin_home": "us-west-2"}),
    ],
)
def test_what_does_not_go_with_a_verb_changes_nothing(order: Order, verb: Verb, details: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        lifecycle.change(order, verb, by=kitchen_of(order), **details)
    assert stored(order).version == order.version


def test_every_verb_is_done_once_at_most() -> None:
    """Else a repetition could not be told from a second time."""

    def paths(status: Status, done: tuple[Verb, ...]) -> None:
        for verb, (following, _) in TRANSITIONS.get(status, {}).items():
            assert verb not in done
            paths(following, (*done, verb))

    paths(Status.PLACED, ())
    assert set(TAKES) <= set(Verb)


def command(*arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command("order", *arguments, stdout=out, **options)
    return out.getvalue()


def test_the_laptops_command_is_the_kitchen_of_the_orders_restaurant(order: Order) -> None:
    command("us-east-1", order.id, "accept", "--minutes", "15")
    assert stored(order).history[-1]["by"] == {"role": "kitchen", "account": "laptop"}
    shown = command("us-east-1", order.id, "reject", "--reason", "No more dough")
    assert "rejected  kitchen laptop" in shown
    assert "No more dough" in shown


def test_the_command_says_where_the_order_can_be_changed(order: Order) -> None:
    with (
        region("us-west-2"),
        pytest.raises(CommandError, match=r"Nothing was saved here\. AWS_REGION=us-east-1 before the command"),
    ):
        command("us-east-1", order.id, "accept")


def test_the_kitchen_of_another_restaurant_is_refused(order: Order) -> None:
    with pytest.raises(CommandError, match="somebody else"):
        command("us-east-1", order.id, "accept", "--restaurant", "another")
    assert stored(order).status == "placed"


@pytest.mark.parametrize("order_id", ["heartbeat", "x", "", "01JDF3QK8Z7Y6X5W4V3T2S1R0P", "A" * 3_000])
def test_what_is_no_order_is_told_to_the_command(restaurant: Restaurant, order_id: str) -> None:
    with pytest.raises(CommandError, match="holds no order"):
        command("us-east-1", order_id)


def test_the_command_prints_a_ticket(order: Order) -> None:
    order.update(
        [
            Order.kind.set("delivery"),
            Order.address.set("12 Canary Street\nFlat 3\nNew York, NY 10003"),
            Order.position.set({"latitude": 40.7306, "longitude": -73.9866, "is_verified": True}),
            Order.note.set("Ring twice"),
        ]
    )
    ticket = command("us-east-1", order.id)
    for line in (
        "1 × Margherita (Small)", "note: Ring twice", "12 Canary Street", "Flat 3", "New York, NY 10003",
        "geo:40.73060,-73.98660?q=40.73060,-73.98660(12%20Canary%20Street%2C%20Flat%203%2C%20New%20York%2C%20NY%2010003)",
    ):  # fmt: skip
        assert f"  {line}\n" in ticket, ticket
    assert f"delivery: {order.contact_name}, (212) 555-01" in ticket
    assert "NOT VERIFIED" not in ticket
    order.update([Order.position.set({**order.position, "is_verified": False})])
    assert "  ADDRESS NOT VERIFIED" in command("us-east-1", order.id)
