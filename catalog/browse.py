"""The list near a place: one window of the nearest cards, filtered and sorted in memory, then a page of it."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from catalog import hours, search
from catalog.cursor import Cursor
from catalog.models import Card, Kitchen, kitchens_of
from catalog.place import Place
from core import geo
from regions import topology

PAGE = 50
"""Rows at most on a page: their availability is one BatchGet of at most 100 keys."""

MAX_WORDS_CHARACTERS = 100
MAX_CHOICES = 12  # cuisines or diets chosen together
MAX_CHOICE_CHARACTERS = 60


class Sort(StrEnum):
    """Open ones come first in any case; those who are equal are sorted by distance."""

    DISTANCE = "distance"
    FEE = "fee"
    TIME = "time"


@dataclass(frozen=True)
class Wanted:
    """Which restaurants: of any of these cuisines, with something for all of these diets, for all the words typed."""

    words: str = ""
    cuisines: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    only_open: bool = False
    sort: Sort = Sort.DISTANCE


@dataclass(frozen=True)
class Row:
    card: Card
    kitchen: Kitchen
    is_open: bool
    changes_at: datetime | None  # when it closes or opens, in its own time zone; None: not for long, or unknown
    dish: str | None  # the dish that was found, when the restaurant's own name and cuisines do not say it

    @property
    def takes_orders(self) -> bool:
        return self.is_open and not self.kitchen.paused

    @property
    def minutes(self) -> int:
        """What the kitchen takes right now."""
        return int(self.card.preparation_minutes) + self.kitchen.busy_minutes


@dataclass(frozen=True)
class Listing:
    """A page, and what it is a page of: `looked_at` restaurants (the window), `found` of which were wanted."""

    cell: str
    city: str | None
    rows: tuple[Row, ...]
    first: int  # which of the found the first row is, from 1
    found: int
    looked_at: int
    looked_at_km: tuple[float, float]  # the nearest and the farthest of the window
    is_nearest: bool  # the window is the first one
    goes_on: bool  # there are restaurants farther away than the window
    cuisines: tuple[tuple[str, int], ...]  # in the window, the most frequent first, each with how many cook it
    diets: tuple[tuple[str, int], ...]
    next_cursor: str | None

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def is_last_of_window(self) -> bool:
        return self.last >= self.found


class Glance:
    """What choosing and sorting need of a card, from its raw image: a window has 300 of them, a page shows 50."""

    __slots__ = ("cuisines", "diets", "dish", "image", "is_open", "place")

    def __init__(self, image: dict[str, Any], centre: tuple[float, float]) -> None:
        self.image = image
        self.place = Place(_text(image, "time_zone"), _text(image, "country"), _text(image, "state") or None, centre)
        self.cuisines = _listed(_text(image, "cuisines"))
        self.diets = _listed(_text(image, "diets"))
        self.is_open = False
        self.dish: str | None = None

    def fits(self, wanted: Wanted, words: Sequence[str], at: datetime) -> bool:
        if wanted.cuisines and not any(cuisine in self.cuisines for cuisine in wanted.cuisines):
            return False
        if not all(diet in self.diets for diet in wanted.diets):
            return False
        self.is_open = hours.is_open(_text(self.image, "opening_hours"), self.place, at)
        if wanted.only_open and not self.is_open:
            return False
        if not words:
            return True
        about = (_text(self.image, "name"), *_listed(_text(self.image, "names")), *self.cuisines)
        fits, self.dish = search.match(words, about=about, dishes=_text(self.image, "dish_names"))
        return fits

    def rank(self, sort: Sort) -> tuple[bool, int, str]:
        return not self.is_open, self.number(RANKED[sort]) if sort in RANKED else 0, self.image["sk"]["S"]

    def number(self, name: str) -> int:
        return int(self.image[name]["N"])


RANKED = {Sort.FEE: "delivery_fee_minor", Sort.TIME: "preparation_minutes"}


def near(cell: str, *, at: datetime, wanted: Wanted = Wanted(), cursor: str = "") -> Listing:
    """Restaurants that deliver to a cell, open ones first. Two round trips, whatever is wanted.

    Search, filters and order hold within a window of the 300 nearest; the cursor goes on behind it. `Invalid` for a cell or
    cursor that is not one.
    """
    geo.check_cell(cell)
    place = Cursor.parse(cursor, of=wanted, at=at)
    images, following = Card.window(cell, after=place.after)
    words = search.words_of(wanted.words)
    centre = geo.centre_of(cell)
    window = [Glance(image, centre) for image in images]
    fitting = [glance for glance in window if glance.fits(wanted, words, place.at)]
    fitting.sort(key=lambda glance: glance.rank(wanted.sort))
    end = place.offset + PAGE
    following_page = place.further(end) if end < len(fitting) else Cursor(following, 0, at) if following else None
    return Listing(
        cell=cell,
        city=next((city for city in (_text(image, "city") for image in images) if city), None),
        rows=_rows(fitting[place.offset : end], at, wanted.sort),
        first=place.offset + 1,
        found=len(fitting),
        looked_at=len(images),
        looked_at_km=(_km(images[0]), _km(images[-1])) if images else (0.0, 0.0),
        is_nearest=place.after is None,
        goes_on=following is not None,
        cuisines=_counted(word for glance in window for word in glance.cuisines),
        diets=_counted(word for glance in window for word in glance.diets),
        next_cursor=following_page.written(of=wanted) if following_page else None,
    )


def _rows(glances: Sequence[Glance], at: datetime, sort: Sort) -> tuple[Row, ...]:
    topo = topology.current()
    cards = [Card.from_raw_data(glance.image) for glance in glances]
    kitchens = kitchens_of([(card.restaurant, topo.jurisdiction_of_country(card.country)) for card in cards])
    rows = []
    for card, glance in zip(cards, glances, strict=True):
        timing = card.opening_hours, glance.place, at
        rows.append(
            Row(card, kitchens[card.restaurant], hours.is_open(*timing), hours.next_change(*timing), glance.dish)
        )
    # What the kitchen said a moment ago comes after the hours: a paused restaurant goes behind the open ones, a busy one back.
    return tuple(sorted(rows, key=lambda row: (not row.takes_orders, row.minutes if sort == Sort.TIME else 0)))


def _counted(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(words).items(), key=lambda entry: (-entry[1], entry[0])))


def _km(image: dict[str, Any]) -> float:
    return int(image["sk"]["S"].partition("#")[0]) / 1000


def _text(image: dict[str, Any], name: str) -> str:
    return image[name].get("S", "") if name in image else ""


@lru_cache(maxsize=2048)
def _listed(text: str) -> tuple[str, ...]:
    """A list of words, or the values of an object, as they are stored. Many restaurants have the same ones."""
    stored = json.loads(text) if text else None
    return tuple(stored.values() if isinstance(stored, dict) else stored or ())
