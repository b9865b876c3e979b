"""The twin rule: what becomes of one checkout that two homes have accepted. Pure.

A retry that is routed elsewhere while the first home is cut off makes a twin. Each home applies this rule alike, to its own
current record and to the twin's replica, and writes only its own: of two living twins exactly one gives way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from orders.status import Status, Verb, is_final

SERVED = {Status.DELIVERED, Status.COLLECTED}
DEFEATS_NOBODY = {Status.REJECTED, Status.DUPLICATE}


@dataclass(frozen=True)
class Twin:
    """What the rule looks at; times in milliseconds."""

    home: str
    status: str
    placed_at: int
    accepted_at: int | None


def verdict(own: Twin, other: Twin, *, regions: Sequence[str]) -> Verb | None:
    """What a home has to do with its own order on seeing the other one; `regions` in the order of regions.toml.

    Ever accepted beats not accepted, the earlier acceptance first; then the earlier placing; then the order of regions. A
    customer who cancelled one has cancelled both; one who has been served needs no other. What has ended stays as it is.
    """
    if is_final(own.status):
        return None
    if other.status == Status.CANCELLED:
        return Verb.CANCEL_WITH_TWIN
    if other.status in SERVED:
        return Verb.SUPERSEDE
    if other.status in DEFEATS_NOBODY or _rank(own, regions) < _rank(other, regions):
        return None
    return Verb.SUPERSEDE


def _rank(twin: Twin, regions: Sequence[str]) -> tuple[bool, int, int, int]:
    """The lower one survives."""
    return twin.accepted_at is None, twin.accepted_at or 0, twin.placed_at, regions.index(twin.home)


def precedence(twin: Twin, regions: Sequence[str]) -> tuple[int, tuple[bool, int, int, int]]:
    """Who asks what a checkout has become is answered with the lowest: the one that goes on, or will when all is settled.

    One that was served needs no other; what goes on goes before what has ended without food, and a duplicate comes last.
    """
    if twin.status in SERVED:
        place = 0
    elif not is_final(twin.status):
        place = 1
    else:
        place = 3 if twin.status == Status.DUPLICATE else 2
    return place, _rank(twin, regions)
