"""One thing on a map as `catalog.imports.osm` reads it, whichever format it came in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import Invalid

Position = tuple[float, float]
"""Latitude and longitude in degrees."""

KINDS = ("node", "way", "relation")


@dataclass(frozen=True)
class Element:
    id: str | None  # “node-123”, as OpenStreetMap numbers it; None: it has no number that stays
    tags: Mapping[str, Any]
    locate: Callable[[], Position]  # raises `Invalid`; asked last, as most of a map is not a place that serves food


def id_of(kind: Any, number: Any) -> str | None:
    """“node-123” of a type and a number; None when they are none. Numbers below 1 are an editor's own, and change."""
    digits = str(number) if isinstance(number, int | str) and not isinstance(number, bool) else ""
    if kind not in KINDS or not (digits.isascii() and digits.isdigit() and len(digits) <= 18 and int(digits)):
        return None
    return f"{kind}-{int(digits)}"


def position_of(latitude: Any, longitude: Any) -> Position:
    """The position of two numbers of a file; `Invalid` when they are none, or none in degrees."""
    for degrees in (latitude, longitude):
        if isinstance(degrees, bool) or not isinstance(degrees, int | float):
            raise Invalid("has no position")
    # Compared as they are: a whole number may be too large for a float, and none of them is NaN then.
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Invalid("has a latitude beyond 90° or a longitude beyond 180°: export in WGS 84 (EPSG:4326), in degrees")
    return float(latitude), float(longitude)


def middle(box: tuple[float, float, float, float]) -> Position:
    """Of south, west, north, east."""
    south, west, north, east = box
    return round((south + north) / 2, 7), round((west + east) / 2, 7)
