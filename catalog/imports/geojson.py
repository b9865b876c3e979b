"""GeoJSON features as the elements of an Overpass answer, so that `catalog.imports.osm` reads both the same way.

Format: https://www.rfc-editor.org/rfc/rfc7946; the names of the identifier are those that overpass-turbo and osmium write.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from core.errors import Invalid

PREFIXES = ("addr", "contact", "diet", "payment", "name")
"""The first parts of tags that are written with a colon; some tools write `addr_street` for `addr:street`."""

Point = tuple[float, float]  # longitude, latitude: GeoJSON's order


def element_of(feature: Any) -> dict[str, Any]:
    """An Overpass element with type, id, position and tags; `Invalid` when the feature has no such thing."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Invalid("is not a GeoJSON feature")
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise Invalid("has no properties")
    kind, number = _identity(feature, properties)
    longitude, latitude = _point(feature.get("geometry"))
    place = {"lat": latitude, "lon": longitude}
    return {"type": kind, "id": number, "tags": _tags(properties), **(place if kind == "node" else {"center": place})}


def _identity(feature: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[str, int]:
    """“node/123” under one of its names, or a type and a number apart."""
    for text in (properties.get("@id"), feature.get("id"), properties.get("id"), properties.get("osm_id")):
        if match := re.fullmatch(
            r"(?:https?://(?:www\.)?openstreetmap\.org/)?(node|way|relation)/(\d{1,18})", str(text)
        ):
            return match[1], int(match[2])
    kind = properties.get("@type") or properties.get("osm_type") or properties.get("type")
    number = properties.get("@id") or properties.get("osm_id") or properties.get("id")
    if kind in ("node", "way", "relation") and re.fullmatch(r"\d{1,18}", str(number)):
        return kind, int(str(number))
    raise Invalid("has no OpenStreetMap id such as “node/123”; export with “@id”")


def _tags(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties and those nested under `tags`, by the names that OpenStreetMap has for them."""
    nested = properties.get("tags")
    given = {**properties, **(nested if isinstance(nested, dict) else {})}
    renamed = {_with_colon(name): value for name, value in given.items() if name != "tags"}
    return {**renamed, **{name: value for name, value in given.items() if ":" in name}}


def _with_colon(name: str) -> str:
    prefix, separator, rest = name.partition("_")
    return f"{prefix}:{rest}" if separator and prefix in PREFIXES else name


def _point(geometry: Any) -> Point:
    """A point itself, the centre of an area's (largest) outer ring."""
    if not isinstance(geometry, dict):
        raise Invalid("has no geometry")
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            return _position(coordinates)
        case "Polygon":
            return _centre(_outer_ring(coordinates))
        case "MultiPolygon" if isinstance(coordinates, list) and coordinates:
            return _centre(max((_outer_ring(polygon) for polygon in coordinates), key=lambda ring: abs(_area(ring))))
    raise Invalid("has no geometry that is a Point, a Polygon or a MultiPolygon")


def _outer_ring(polygon: Any) -> list[Point]:
    if not isinstance(polygon, list) or not polygon or not isinstance(polygon[0], list) or len(polygon[0]) < 3:
        raise Invalid("has a polygon without an outer ring")
    return [_position(point) for point in polygon[0]]


def _position(point: Any) -> Point:
    if not isinstance(point, list) or len(point) < 2:
        raise Invalid("has no position")
    for degrees in point[:2]:
        if isinstance(degrees, bool) or not isinstance(degrees, int | float) or not -180 <= degrees <= 180:
            raise Invalid("has a position that is not on Earth")
    return float(point[0]), float(point[1])


def _area(ring: list[Point]) -> float:
    """Twice the signed area, in square degrees: good enough to compare and to weigh within one building."""
    return math.fsum(_cross(a, b) for a, b in _edges(ring))


def _centre(ring: list[Point]) -> Point:
    """The centroid; of a ring without area, the mean of its corners."""
    # Relative to a corner: the products of whole coordinates would lose the digits that matter.
    x0, y0 = ring[0]
    local = [(x - x0, y - y0) for x, y in ring]
    area = _area(local)
    if abs(area) < 1e-14:
        return x0 + math.fsum(x for x, _ in local) / len(ring), y0 + math.fsum(y for _, y in local) / len(ring)
    x = math.fsum((a[0] + b[0]) * _cross(a, b) for a, b in _edges(local)) / (3 * area)
    y = math.fsum((a[1] + b[1]) * _cross(a, b) for a, b in _edges(local)) / (3 * area)
    return round(x0 + x, 7), round(y0 + y, 7)


def _edges(ring: list[Point]) -> list[tuple[Point, Point]]:
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def _cross(a: Point, b: Point) -> float:
    return a[0] * b[1] - b[0] * a[1]
