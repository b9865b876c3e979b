"""The life of an order, as a table."""

from pathlib import Path

import pytest

from core.actor import Role
from core.errors import Forbidden
from orders.errors import NotPossibleNow
from orders.status import PROGRESS, TRANSITIONS, Kind, Status, Verb, can, check_verb, diagram, is_final


def test_every_state_can_be_reached_and_every_life_ends() -> None:
    reached = {Status.PLACED} | {following for verbs in TRANSITIONS.values() for following, _ in verbs.values()}
    assert reached == set(Status)
    for status in Status:
        steps = {status}
        for _ in Status:
            steps |= {following for step in steps for following, _ in TRANSITIONS.get(step, {}).values()}
        assert any(is_final(step) for step in steps)


@pytest.mark.parametrize("kind", Kind)
def test_progress_follows_the_table(kind: Kind) -> None:
    for status, following in zip(PROGRESS[kind], PROGRESS[kind][1:], strict=False):
        verbs = {verb for verb, (target, _) in TRANSITIONS[status].items() if target == following}
        assert any(can(status, verb, kind=kind, by=Role.KITCHEN) for verb in verbs)


def test_a_customer_cancels_only_what_nobody_has_accepted() -> None:
    assert check_verb(Status.PLACED, Verb.CANCEL, kind=Kind.PICKUP, by=Role.CUSTOMER) == Status.CANCELLED
    with pytest.raises(NotPossibleNow):
        check_verb(Status.ACCEPTED, Verb.CANCEL, kind=Kind.PICKUP, by=Role.CUSTOMER)


def test_a_customer_does_not_do_the_kitchens_work() -> None:
    with pytest.raises(Forbidden):
        check_verb(Status.PLACED, Verb.ACCEPT, kind=Kind.DELIVERY, by=Role.CUSTOMER)


def test_a_pickup_is_not_dispatched() -> None:
    assert not can(Status.READY, Verb.DISPATCH, kind=Kind.PICKUP, by=Role.KITCHEN)
    assert can(Status.READY, Verb.HAND_OVER, kind=Kind.PICKUP, by=Role.KITCHEN)


def test_the_architecture_shows_the_diagram_of_the_table() -> None:
    assert diagram() in (Path(__file__).parent.parent / "docs" / "architecture.md").read_text()
