"""Where a customer said to be: a cell in a plain cookie, and the last few places with their names in another.

Both are cookies of the jurisdiction's site. Neither is signed: a list needs no key, and what a customer says here is only ever
what they could have typed.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Self

from django.http import HttpRequest, HttpResponse

from core.errors import Invalid
from core.geo import check_cell
from core.plain_text import is_plain
from places.addresses import MAX_CITY, MAX_POSTCODE, MAX_REGION, MAX_STREET, Address
from regions import topology
from regions.cookies import delete_from_site, set_for_site

COOKIE = "where"
PLACES = "places"
MAX_AGE_SECONDS = 180 * 86_400
MAX_PLACES = 5
MAX_BYTES = 1_500  # of the places' cookie

_PARTS = {"street": MAX_STREET, "postcode": MAX_POSTCODE, "city": MAX_CITY, "region": MAX_REGION}


@dataclass(frozen=True)
class KnownPlace:
    """A cell, and what is there as it was found or chosen: an address, or only a city."""

    cell: str
    address: Address

    @property
    def name(self) -> str:
        """As short as people say it: “12 Canary Street, New York”."""
        address = self.address
        return ", ".join(part for part in (address.street, address.city) if part) or address.postcode

    @classmethod
    def of(cls, cell: str, address: Address) -> Self:
        """Without the unit, and no part longer than a form takes."""
        parts = {part: getattr(address, part)[:most].strip() for part, most in _PARTS.items()}
        return cls(cell, Address(country=address.country, **parts))

    @classmethod
    def read(cls, entry: Any) -> Self | None:
        """What `written` gave; None when it is anything else."""
        if not isinstance(entry, list) or len(entry) != 2 + len(_PARTS):
            return None
        if not all(isinstance(text, str) and is_plain(text) for text in entry):
            return None
        cell, country, *texts = entry
        parts = dict(zip(_PARTS, texts, strict=True))
        is_in_bounds = all(len(parts[part]) <= most for part, most in _PARTS.items())
        if not is_in_bounds or country not in topology.current().country_jurisdictions:
            return None
        try:
            place = cls(check_cell(cell), Address(country=country, **parts))
        except Invalid:
            return None
        return place if place.name else None

    def written(self) -> list[str]:
        return [self.cell, self.address.country, *(getattr(self.address, part) for part in _PARTS)]


def remembered(request: HttpRequest) -> str | None:
    """The cell, or None when there is none or it is not one."""
    try:
        return check_cell(request.COOKIES.get(COOKIE, ""))
    except Invalid:
        return None


def known_places(request: HttpRequest) -> list[KnownPlace]:
    """The last places, the newest first, one for a cell; what in the cookie is none is left out."""
    text = request.COOKIES.get(PLACES, "")
    if not text or len(text) > MAX_BYTES:
        return []
    try:
        entries = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        return []
    places: dict[str, KnownPlace] = {}
    for place in map(KnownPlace.read, entries if isinstance(entries, list) else []):
        if place:
            places.setdefault(place.cell, place)
    return list(places.values())[:MAX_PLACES]


def known_at(request: HttpRequest, cell: str) -> KnownPlace | None:
    """The place that a customer knows in a cell."""
    return next((place for place in known_places(request) if place.cell == cell), None)


def current(request: HttpRequest) -> KnownPlace | None:
    """The place of the cell that is remembered, when it has a name."""
    cell = remembered(request)
    return known_at(request, cell) if cell else None


def remember(response: HttpResponse, request: HttpRequest, cell: str, address: Address | None = None) -> HttpResponse:
    """This is where the customer is now. Without an address, by the name that the cell has already.

    A cookie is set only where it changes.
    """
    places = known_places(request)
    place = KnownPlace.of(cell, address) if address else None
    if not place or not place.name:
        place = next((known for known in places if known.cell == cell), None)
    newest = [place] if place else []
    value = _value([*newest, *(known for known in places if known.cell != cell)])
    for name, wanted in ((COOKIE, cell), (PLACES, value)):
        if request.COOKIES.get(name, "") != wanted:
            set_for_site(response, name, wanted, max_age_seconds=MAX_AGE_SECONDS)
    return response


def forget(response: HttpResponse) -> HttpResponse:
    delete_from_site(response, COOKIE)
    delete_from_site(response, PLACES)
    return response


def _value(places: list[KnownPlace]) -> str:
    """As many of them as the cookie holds; one always fits."""
    for count in range(min(len(places), MAX_PLACES), 0, -1):
        entries = [place.written() for place in places[:count]]
        text = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
        value = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
        if len(value) <= MAX_BYTES:
            return value
    return ""
