"""The list near a place: one window of the nearest cards, filtered and put open-first in memory, then a page of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog import hours
from catalog.models import Card, Kitchen, kitchens_of
from core import geo
from core.errors import Invalid
from core.messages import say
from regions import topology

PAGE = 50
"""Rows at most on a page: their availability is one BatchGet of at most 100 keys."""


@dataclass(frozen=True)
class Row:
    card: Card
    kitchen: Kitchen
    is_open: bool
    changes_at: (
        datetime | None
    )  # when it closes (open) or opens (closed), in its own time zone; None: never, or unknown

    @property
    def takes_orders(self) -> bool:
        return self.is_open and not self.kitchen.paused

    @property
    def minutes(self) -> int:
        """What the kitchen takes right now."""
        return int(self.card.preparation_minutes) + self.kitchen.busy_minutes


@dataclass(frozen=True)
class Listing:
    """A page. `looked_at` says how many of the nearest restaurants were looked at for it, `cuisines` what they cook."""

    cell: str
    rows: tuple[Row, ...]
    looked_at: int
    cuisines: tuple[str, ...]
    next_cursor: str | None


def near(
    cell: str, *, at: datetime, cuisine: str = "", words: str = "", only_open: bool = False, cursor: str = ""
) -> Listing:
    """Restaurants that deliver to a cell, open ones first, then the nearest. Two round trips.

    Sorting and filters hold within a window of the 300 nearest; the cursor goes on behind it. `Invalid` for a cell or
    cursor that is not one.
    """
    geo.check_cell(cell)
    start, offset = _parse_cursor(cursor)
    cards, following = Card.window(cell, after=start)
    rated = [
        (card, hours.is_open(card.opening_hours, card.time_zone, at)) for card in cards if _fits(card, cuisine, words)
    ]
    if only_open:
        rated = [pair for pair in rated if pair[1]]
    rated.sort(key=lambda pair: (not pair[1], pair[0].sk))
    shown = rated[offset : offset + PAGE]
    next_cursor: str | None = None
    if offset + PAGE < len(rated):
        next_cursor = f"{start or ''}~{offset + PAGE}"
    elif following:
        next_cursor = f"{following}~0"
    return Listing(
        cell=cell,
        rows=_rows(shown, at),
        looked_at=len(cards),
        cuisines=tuple(sorted({word for card in cards for word in card.cuisines})),
        next_cursor=next_cursor,
    )


def _rows(rated: Sequence[tuple[Card, bool]], at: datetime) -> tuple[Row, ...]:
    topo = topology.current()
    kitchens = kitchens_of([(card.restaurant, topo.jurisdiction_of_country(card.country)) for card, _ in rated])
    rows = [
        Row(card, kitchens[card.restaurant], is_open, hours.next_change(card.opening_hours, card.time_zone, at))
        for card, is_open in rated
    ]
    # What the kitchen said a moment ago comes after the hours: a paused restaurant goes behind the open ones.
    return tuple(sorted(rows, key=lambda row: not row.takes_orders))


def _fits(card: Card, cuisine: str, words: str) -> bool:
    if cuisine and cuisine not in card.cuisines:
        return False
    text = f"{card.name} {' '.join(card.cuisines)}".casefold()
    return all(word in text for word in words.casefold().split())


def _parse_cursor(cursor: str) -> tuple[str | None, int]:
    start, _, offset = cursor.rpartition("~")
    if not cursor:
        return None, 0
    if len(cursor) > 200 or not offset.isdecimal() or len(offset) > 4 or (start and "#" not in start):
        raise Invalid(say("This cursor is not one that a list gave out. Begin with the first page."))
    return start or None, int(offset)
