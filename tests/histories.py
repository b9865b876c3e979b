"""Are histories of concurrent clients possible? Per order: a register that moves as people may move it. Pure.

A history is what clients saw: when each asked and when it was answered. It is linearizable when every operation can be given one
moment between the two, so that one after the other they make sense (Wing and Gong, “Testing and Verifying Concurrent Objects”,
1993: take away, one after the other, an operation that nothing else has to precede).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from orders.status import FOR_PEOPLE, TRANSITIONS, Status


@dataclass(frozen=True)
class Operation:
    """One request at an order's home; times in seconds of one monotonic clock.

    `ended` is infinite where no answer came: a write may then have happened at any later time, or never.
    """

    began: float
    ended: float
    status: Status  # what was read, or what was written
    is_write: bool = False

    @property
    def is_open(self) -> bool:
        return math.isinf(self.ended)


@dataclass(frozen=True)
class Seen:
    """What a session was shown by whatever region, in the order of its asking."""

    version: int
    status: Status


def linearizable(history: Sequence[Operation], *, start: Status = Status.PLACED) -> bool:
    """Can these operations on one order, `start` at first, be put into one sequence that respects their times?

    Exponential in how many overlap, not in how many there are.
    """
    operations = sorted((x for x in history if x.is_write or not x.is_open), key=lambda x: x.began)
    everything = frozenset(range(len(operations)))
    tried: set[tuple[frozenset[int], Status]] = set()
    to_try = [(everything, start)]
    while to_try:
        left, status = to_try.pop()
        if all(operations[number].is_open for number in left):
            return True
        if (left, status) in tried:
            continue
        tried.add((left, status))
        first_end = min(operations[number].ended for number in left)
        for number in left:
            operation = operations[number]
            if operation.began <= first_end and _follows(status, operation):
                to_try.append((left - {number}, operation.status))
    return False


def monotonic(session: Sequence[Seen]) -> bool:
    """Is nobody who looks again shown something older?"""
    return all(later.version >= earlier.version for earlier, later in pairwise(session))


def one_truth(seen: Sequence[Seen]) -> bool:
    """Does a version say the same to everybody?"""
    statuses: dict[int, Status] = {}
    return all(statuses.setdefault(look.version, look.status) == look.status for look in seen)


def _follows(status: Status, operation: Operation) -> bool:
    if not operation.is_write:
        return operation.status == status
    possible = TRANSITIONS.get(status, {})
    return operation.status in {following for verb, (following, _) in possible.items() if verb in FOR_PEOPLE}
