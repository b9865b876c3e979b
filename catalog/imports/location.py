"""Which country, state and time zone a position is in; the position comes before what is written beside it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from catalog.countries import COUNTRIES, COUNTRY_OF_TERRITORY
from catalog.imports.element import Position
from core.errors import Invalid

ROUNDED_M = 100
"""A position this far beyond the border of a country that is served may be that country's: it was rounded, or the border was."""
CLOSE_M = 500
"""Within so many metres of a border, `addr:country` says on which side a place is."""
METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class Location:
    time_zone: str  # IANA
    territory: str  # ISO 3166; MQ is a territory of FR
    country: str  # ISO 3166, one of `catalog.countries`


def locate(position: Position, tagged: str) -> Location:
    """`tagged` is the country's code that is written beside it, or "". `Invalid` where nobody is served."""
    here = _where(*position)
    if tagged and tagged not in (here.territory, here.country):
        here = next((near for near in _around(position, CLOSE_M) if tagged in (near.territory, near.country)), here)
    if here.country not in COUNTRIES and here.territory != tagged:
        here = next((near for near in _around(position, ROUNDED_M) if near.country in COUNTRIES), here)
    if here.country not in COUNTRIES:
        raise Invalid(f"lies in a country that is not served ({here.territory or 'the open sea'})")
    return here


def _around(position: Position, metres: int) -> Iterator[Location]:
    """What lies in eight directions, near first."""
    latitude, longitude = position
    shrink = max(math.cos(math.radians(latitude)), 0.01)
    for distance in sorted({metres // 4, metres}):
        for eighth in range(8):
            angle = eighth * math.pi / 4
            north = latitude + distance * math.cos(angle) / METRES_PER_DEGREE
            east = longitude + distance * math.sin(angle) / METRES_PER_DEGREE / shrink
            if abs(north) <= 90 and abs(east) <= 180:
                yield _where(north, east)


def _where(latitude: float, longitude: float) -> Location:
    """opening-hours-py knows the borders of the time zones, Babel whose they are; no zone is two countries'."""
    from opening_hours import OpeningHours

    always = OpeningHours("24/7", coords=(latitude, longitude), auto_country=False)
    begin, *_ = next(iter(always.intervals(datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")))))
    return _of_zone(str(begin.tzinfo))


@cache
def _of_zone(zone: str) -> Location:
    from babel.core import get_global

    territory = get_global("zone_territories").get(zone, "")
    territory = "" if territory == "ZZ" else territory  # Babel's “nobody's”, for the zones of the open sea
    return Location(zone, territory, COUNTRY_OF_TERRITORY.get(territory, territory))
