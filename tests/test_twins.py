"""The twin rule: of one checkout that two homes have accepted, one goes on."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from core.actor import Role
from orders import twins
from orders.status import TRANSITIONS, Status, Verb, is_final
from orders.twins import Twin, precedence, verdict

REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
EAST = Twin("us-east-1", Status.PLACED, placed_at=10, accepted_at=None)
WEST = Twin("us-west-2", Status.PLACED, placed_at=20, accepted_at=None)


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (EAST, WEST, None),
        (WEST, EAST, Verb.SUPERSEDE),
        (replace(WEST, placed_at=10), EAST, Verb.SUPERSEDE),  # the order of regions decides
        (replace(WEST, status=Status.ACCEPTED, accepted_at=30), EAST, None),
        (EAST, replace(WEST, status=Status.ACCEPTED, accepted_at=30), Verb.SUPERSEDE),
        (
            replace(EAST, status=Status.READY, accepted_at=40),
            replace(WEST, status=Status.ACCEPTED, accepted_at=30),
            Verb.SUPERSEDE,
        ),
        (WEST, replace(EAST, status=Status.REJECTED), None),
        (WEST, replace(EAST, status=Status.DUPLICATE), None),
        (WEST, replace(EAST, status=Status.CANCELLED), Verb.CANCEL_WITH_TWIN),
        (
            replace(WEST, status=Status.DELIVERED, accepted_at=30),
            replace(EAST, status=Status.ACCEPTED, accepted_at=15),
            None,
        ),
        (
            replace(EAST, status=Status.ACCEPTED, accepted_at=15),
            replace(WEST, status=Status.COLLECTED, accepted_at=30),
            Verb.SUPERSEDE,  # whoever has been served needs no second one, even of the kitchen that was first
        ),
    ],
)
def test_the_rule(own: Twin, other: Twin, expected: Verb | None) -> None:
    assert verdict(own, other, regions=REGIONS) == expected


times = st.integers(1, 3)


@settings(max_examples=500, deadline=None, database=None)
@given(
    statuses=st.tuples(st.sampled_from(Status), st.sampled_from(Status)),
    placed=st.tuples(times, times),
    accepted=st.tuples(st.none() | times, st.none() | times),
)
def test_a_retry_is_told_of_the_one_that_the_rule_leaves(
    statuses: tuple[Status, Status], placed: tuple[int, int], accepted: tuple[int | None, int | None]
) -> None:
    pair = [
        Twin(home, *rest) for home, *rest in zip(("us-east-1", "us-west-2"), statuses, placed, accepted, strict=True)
    ]
    for own, other in (pair, pair[::-1]):
        assert precedence(own, REGIONS) != precedence(other, REGIONS), "whatever order they come in"
        if verdict(own, other, regions=REGIONS) == Verb.SUPERSEDE:
            assert precedence(other, REGIONS) < precedence(own, REGIONS)


class Twins(RuleBasedStateMachine):
    """Two homes that see each other's order late, several times and out of order; kitchens and the customer act on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100
        self.orders = [EAST, WEST]
        self.versions: list[list[Twin]] = [[EAST], [WEST]]
        self.seen = [0, 0]  # the newest version of the other one that each has seen
        self.cancelled = False

    @rule(who=st.integers(0, 1), verb=st.sampled_from([Verb.ACCEPT, Verb.PREPARE, Verb.FINISH, Verb.REJECT]))
    def kitchen(self, who: int, verb: Verb) -> None:
        self._do(who, verb, Role.KITCHEN)

    @rule(who=st.integers(0, 1))
    def customer(self, who: int) -> None:
        if self._do(who, Verb.CANCEL, Role.CUSTOMER):
            self.cancelled = True

    @rule(who=st.integers(0, 1), data=st.data())
    def arrive(self, who: int, data: st.DataObject) -> None:
        """Some version of the other's order arrives; an older one than was seen is dropped by the version's condition."""
        number = data.draw(st.integers(0, len(self.versions[1 - who]) - 1))
        if number >= self.seen[who]:
            self._see(who, number)

    def teardown(self) -> None:
        before = [twin.status for twin in self.orders]
        for _ in range(4):
            for who in (0, 1):
                self._see(who, len(self.versions[1 - who]) - 1)
        living = [twin for twin in self.orders if not is_final(twin.status)]
        duplicates = [twin for twin in self.orders if twin.status == Status.DUPLICATE]
        assert len(living) <= 1, "two go on"
        assert len(duplicates) <= 1, "both gave way"
        if self.cancelled:
            assert not living, "a customer who cancelled gets food"
        elif Status.REJECTED not in before:
            assert len(living) == 1, "none goes on"
        if duplicates and living:
            assert living[0].accepted_at or not duplicates[0].accepted_at, "a kitchen cooks what was given up"

    def _see(self, who: int, number: int) -> None:
        self.seen[who] = number
        verb = twins.verdict(self.orders[who], self.versions[1 - who][number], regions=REGIONS)
        if verb:
            assert self._do(who, verb, Role.SYSTEM)

    def _do(self, who: int, verb: Verb, role: Role) -> bool:
        following = TRANSITIONS.get(self.orders[who].status, {}).get(verb)
        if following is None or following[1] != role:
            return False
        self.now += 1
        changed = replace(self.orders[who], status=following[0])
        if following[0] == Status.ACCEPTED:
            changed = replace(changed, accepted_at=self.now)
        self.orders[who] = changed
        self.versions[who].append(changed)
        return True


QUICK = settings(max_examples=1000, stateful_step_count=6, deadline=None, database=None)


def test_of_two_twins_exactly_one_goes_on() -> None:
    run_state_machine_as_test(Twins, settings=QUICK)


@pytest.mark.parametrize(
    "mutant", ["nobody gives way", "both give way", "acceptance does not count", "cancellation is not shared"]
)
def test_each_part_of_the_rule_is_needed(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(own: Twin, other: Twin, *, regions: tuple[str, ...]) -> Verb | None:
        if mutant == "nobody gives way":
            return None
        if mutant == "both give way":
            return None if is_final(own.status) else Verb.SUPERSEDE
        if mutant == "acceptance does not count":
            return verdict(replace(own, accepted_at=None), replace(other, accepted_at=None), regions=regions)
        return None if other.status == Status.CANCELLED else verdict(own, other, regions=regions)

    monkeypatch.setattr(twins, "verdict", broken)
    with pytest.raises((AssertionError, ExceptionGroup)):
        run_state_machine_as_test(Twins, settings=settings(QUICK, print_blob=False))
