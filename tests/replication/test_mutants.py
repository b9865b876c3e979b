"""Each mechanism is needed: with it taken out, the machine sees a property broken. docs/proofs.md lists them."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from core import clock
from core.errors import Conflict
from foodforthought import stream_worker
from localcloud.layout import ROOT
from orders import placing, settling, twins
from orders.models import Order
from orders.status import Status, Verb, is_final
from orders.twins import Twin, verdict
from regions import backlog, puts, reconciliation, replication, replicator, topology
from regions.comparison import Held
from regions.models import HomedModel
from regions.replicator import Replicator
from tests.replication.machine import Regions
from tests.replication.test_machine import QUICK
from tests.replication.world import Broken, World

Patch = pytest.MonkeyPatch
MUTANTS: dict[str, tuple[str, Callable[[Patch], None]]] = {}


def mutant(breaks: str) -> Callable[[Callable[[Patch], None]], Callable[[Patch], None]]:
    def register(change: Callable[[Patch], None]) -> Callable[[Patch], None]:
        MUTANTS[change.__name__] = (breaks, change)
        return change

    return register


def _at_every_start(patch: Patch, forget: Callable[[], None]) -> None:
    """What a mutant remembers is of one run."""
    original = World.__init__

    def start(self: World, *details: Any, **more: Any) -> None:
        forget()
        original(self, *details, **more)

    patch.setattr(World, "__init__", start)


# How a write is made


@mutant("versions never go back")
def copies_are_put_without_a_condition(patch: Patch) -> None:
    patch.setattr(puts, "CONDITION", "attribute_not_exists(version) OR version < :version OR version >= :version")


@mutant("no write outside home")
def nobody_asks_for_the_home(patch: Patch) -> None:
    patch.setattr(HomedModel, "check_home", lambda self: None)


def _hook(patch: Patch, change: Callable[..., Any]) -> None:
    """`change(order, usual condition, attributes, actions)` gives another condition, or changes what is written."""
    original = HomedModel._handle_version_attribute

    def hook(self: Any, *, attributes: Any = None, actions: Any = None) -> Any:
        return change(self, original(self, attributes=attributes, actions=actions), attributes, actions)

    patch.setattr(HomedModel, "_handle_version_attribute", hook)


def _write_version(order: Any, version: int, attributes: Any, actions: Any) -> None:
    order._next_version = version
    if attributes is not None:
        attributes["version"] = {"N": str(version)}
    else:
        actions[-2] = type(order).version.set(version)


@mutant("versions never go back")
def a_creation_counts_from_one(patch: Patch) -> None:
    def change(order: Any, usual: Any, attributes: Any, actions: Any) -> Any:
        if attributes is None or order.is_tombstone:
            return usual
        _write_version(order, 1, attributes, actions)
        return type(order).key.does_not_exist() | type(order).deleted_at.exists()

    _hook(patch, change)


@mutant("the same content is no reuse")
def a_creation_does_not_look_at_the_tombstone(patch: Patch) -> None:
    original = HomedModel._handle_version_attribute

    def hook(self: Any, *, attributes: Any = None, actions: Any = None) -> Any:
        if attributes is not None and not self.is_tombstone:
            self.version = None
        return original(self, attributes=attributes, actions=actions)

    patch.setattr(HomedModel, "_handle_version_attribute", hook)


@mutant("versions never go back")
def a_version_is_only_the_time(patch: Patch) -> None:
    def change(order: Any, usual: Any, attributes: Any, actions: Any) -> Any:
        _write_version(order, clock.now_ms(), attributes, actions)
        return usual

    _hook(patch, change)


@mutant("versions never go back")
def a_tombstone_is_replaced_by_a_lower_version(patch: Patch) -> None:
    def change(order: Any, usual: Any, attributes: Any, actions: Any) -> Any:
        if attributes is None or order.is_tombstone:
            return usual
        _write_version(order, clock.now_ms(), attributes, actions)
        return type(order).key.does_not_exist() | type(order).deleted_at.exists()

    _hook(patch, change)


@mutant("(no acknowledged write is lost|versions never go back)")
def a_change_carries_no_condition(patch: Patch) -> None:
    def change(order: Any, usual: Any, attributes: Any, actions: Any) -> Any:
        return usual if actions is None else type(order).key.exists()

    _hook(patch, change)


@mutant("who is refused has changed nothing")
def the_write_id_is_not_looked_at(patch: Patch) -> None:
    def settle(self: Any, error: Any) -> None:
        raise Conflict from error

    patch.setattr(HomedModel, "_settle", settle)


@mutant("no acknowledged write is lost")
def every_failed_condition_counts_as_our_own_write(patch: Patch) -> None:
    patch.setattr(HomedModel, "_settle", lambda self, error: self.update_local_version_attribute())


@mutant("(no acknowledged write is lost|all replicas are equal)")
def what_is_removed_is_deleted(patch: Patch) -> None:
    def save(self: Any, *details: Any, **more: Any) -> Any:
        if not self.is_tombstone:
            return original(self, *details, **more)
        return self._get_connection().delete_item(self.key)

    original = HomedModel.save
    patch.setattr(HomedModel, "save", save)


@mutant("(a tombstone says nothing|nothing personal abroad)")
def a_tombstone_keeps_what_was_in_it(patch: Patch) -> None:
    names = frozenset(Order.get_attributes())
    patch.setattr(HomedModel, "bookkeeping", names)


# What is copied where


@mutant("nothing echoes")
def replicas_are_copied_on(patch: Patch) -> None:
    def copies_of(image: Any, *, topology: Any, **details: Any) -> Any:
        seen_from_home = replace(topology, here=image["home"]["S"])
        return [copy for copy in original(image, topology=seen_from_home, **details) if copy.region != topology.here]

    original = replication.copies_of
    patch.setattr(replication, "copies_of", copies_of)


@mutant("nothing personal abroad")
def the_whole_image_goes_abroad(patch: Patch) -> None:
    patch.setattr(replication, "_abroad", lambda image, rule: image)


@mutant("all replicas are equal")
def nothing_goes_abroad(patch: Patch) -> None:
    patch.setattr(replication, "_abroad", lambda image, rule: None)


@mutant("all replicas are equal")
def of_several_copies_the_oldest_is_kept(patch: Patch) -> None:
    def oldest(copies: Any) -> Any:
        kept: dict[Any, Any] = {}
        for copy in copies:
            kept.setdefault((copy.region, copy.key), copy)
        return list(kept.values())

    patch.setattr(replicator, "newest", oldest)


# The backlog, and repair


@mutant("all replicas are equal")
def what_is_missed_is_forgotten(patch: Patch) -> None:
    patch.setattr(backlog, "add", lambda target, entries: None)


@mutant("all replicas are equal")
def a_queue_that_takes_nothing_is_ignored(patch: Patch) -> None:
    def add(target: str, entries: Sequence[Any]) -> None:
        with suppress(Exception):
            original(target, entries)

    original = backlog.add
    patch.setattr(backlog, "add", add)


@mutant("all replicas are equal")
def draining_lets_go_of_what_was_not_taken(patch: Patch) -> None:
    original = Replicator._copy_again

    def copy_again(self: Replicator, *details: Any) -> list[Any]:
        original(self, *details)
        return []

    patch.setattr(Replicator, "_copy_again", copy_again)


@mutant("(it comes to rest|all replicas are equal)")
def draining_copies_the_image_that_was_missed(patch: Patch) -> None:
    """Not the home's current record."""
    missed: dict[tuple[str, tuple[str, ...]], Any] = {}
    put = replicator.put

    def put_first_missed(copy: Any, **details: Any) -> Any:
        place = (copy.region, copy.key)
        try:
            return put(missed.get(place, copy), **details)
        except ClientError:
            missed.setdefault(place, copy)
            raise

    patch.setattr(replicator, "put", put_first_missed)
    _at_every_start(patch, missed.clear)


@mutant("all replicas are equal")
def a_comparison_looks_only_for_what_is_missing(patch: Patch) -> None:
    def versions_in(*asked: Any, **details: Any) -> Any:
        held, units = original(*asked, **details)
        return {key: replace(found, version=10**15) for key, found in held.items()}, units

    original = reconciliation.versions_in
    patch.setattr(reconciliation, "versions_in", versions_in)


@mutant("all replicas are equal")
def a_comparison_looks_only_at_what_is_there(patch: Patch) -> None:
    def versions_in(region: str, rule: Any, keys: Any, **details: Any) -> Any:
        held, units = original(region, rule, keys, **details)
        return {**dict.fromkeys(keys, Held(10**15, is_tombstone=False)), **held}, units

    original = reconciliation.versions_in
    patch.setattr(reconciliation, "versions_in", versions_in)


# Twins


@mutant("(a retry finds what is here|the same content is no reuse)")
def placing_looks_at_its_own_key_only(patch: Patch) -> None:
    patch.setattr(
        placing, "_to_answer_with", lambda orders: next((o for o in orders if o.home == placing.topology.here()), None)
    )


@mutant("of twins one survives")
def nobody_settles_twins(patch: Patch) -> None:
    patch.setattr(settling, "settle_twins", lambda order_id: None)


@mutant("of twins one survives")
def a_new_order_is_not_compared_with_what_came_meanwhile(patch: Patch) -> None:
    def may_have_twins(records: Any) -> list[str]:
        here = topology.here()
        return original([record for record in records if record["dynamodb"]["NewImage"]["home"]["S"] != here])

    original = stream_worker.may_have_twins
    patch.setattr(stream_worker, "may_have_twins", may_have_twins)


@mutant("of twins one survives")
def nothing_is_settled_after_a_lost_stream(patch: Patch) -> None:
    patch.setattr(Order, "scan_for_twins", list)


def _rule(patch: Patch, rule: Callable[..., Verb | None]) -> None:
    patch.setattr(settling, "verdict", rule)


@mutant("of twins one survives")
def both_twins_give_way(patch: Patch) -> None:
    _rule(patch, lambda own, other, regions: None if is_final(own.status) or is_final(other.status) else Verb.SUPERSEDE)


@mutant("a kitchen's word counts")
def acceptance_does_not_count(patch: Patch) -> None:
    def rule(own: Twin, other: Twin, *, regions: Sequence[str]) -> Verb | None:
        return verdict(replace(own, accepted_at=None), replace(other, accepted_at=None), regions=regions)

    _rule(patch, rule)


@mutant("a cancellation is for both")
def a_cancellation_is_not_shared(patch: Patch) -> None:
    def rule(own: Twin, other: Twin, *, regions: Sequence[str]) -> Verb | None:
        return None if other.status == Status.CANCELLED else verdict(own, other, regions=regions)

    _rule(patch, rule)


@mutant("a twin gives way to one that goes on")
def what_was_rejected_defeats_others(patch: Patch) -> None:
    patch.setattr(twins, "DEFEATS_NOBODY", {Status.DUPLICATE})


@mutant("of twins one survives")
def a_tie_has_no_loser(patch: Patch) -> None:
    def rank(twin: Twin, regions: Sequence[str]) -> tuple[bool, int, int]:
        return twin.accepted_at is None, twin.accepted_at or 0, twin.placed_at

    def rule(own: Twin, other: Twin, *, regions: Sequence[str]) -> Verb | None:
        verb = verdict(own, other, regions=regions)
        return None if verb == Verb.SUPERSEDE and rank(own, regions) == rank(other, regions) else verb

    _rule(patch, rule)


TO_FAIL = settings(QUICK, max_examples=1000, phases=[Phase.generate], print_blob=False)
SEEDS = range(20)
"""Tried one after the other until one shows what is listed: which of several properties breaks first is chance, and another
after any change of the machine's code."""

IN_EVERY_GATE = {
    "copies_are_put_without_a_condition",
    "nobody_asks_for_the_home",
    "a_change_carries_no_condition",
    "replicas_are_copied_on",
    "the_whole_image_goes_abroad",
    "what_is_missed_is_forgotten",
    "nobody_settles_twins",
}
"""One of each kind that is seen soon; `make proofs` takes out all of them."""


def broken_with(number: int) -> str:
    """The property that breaks first in the runs of this seed; "" when none does."""
    machine = type("Regions", (Regions,), {})  # the seed is an attribute of the class
    try:
        run_state_machine_as_test(seed(number)(machine), settings=TO_FAIL)
    except Broken as broken:
        return str(broken)
    return ""


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name", [name if name in IN_EVERY_GATE else pytest.param(name, marks=pytest.mark.proof) for name in MUTANTS]
)
def test_it_is_seen_when_a_mechanism_is_missing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    breaks, change = MUTANTS[name]
    change(monkeypatch)
    seen: list[str] = []
    for number in SEEDS:
        seen.append(broken_with(number))
        if re.match(breaks, seen[-1]):
            return
    pytest.fail(f"“{breaks}” was never seen to break, but {seen}")


def test_the_document_lists_them() -> None:
    _, _, after = (ROOT / "docs" / "proofs.md").read_text().partition("| without it | what breaks |\n| --- | --- |\n")
    told = re.findall(r"^\| (.+) \| (.+) \|$", after.partition("\n\n")[0], re.MULTILINE)
    listed = {(name.replace("_", " "), breaks.strip("()").replace("|", " / ")) for name, (breaks, _) in MUTANTS.items()}
    assert listed == set(told)
    assert len(told) == len(MUTANTS)
    assert set(MUTANTS) > IN_EVERY_GATE
