"""Where a GeoJSON geometry is: the point itself, or the centre of an area. All in degrees, good for the size of a building."""

import math
from typing import Any

from catalog.imports.element import Position, position_of
from core.errors import Invalid

Point = tuple[float, float]  # longitude, latitude: GeoJSON's order
MAX_DEGREES = 0.5  # from one corner to another: an airport is smaller


def centre_of(geometry: Any) -> Position:
    """A point itself, the centre of an area's (largest) outer ring, also of a line that closes."""
    if not isinstance(geometry, dict):
        raise Invalid("has no geometry")
    if geometry.get("type") == "GeometryCollection":
        return _centre_of_collection(geometry.get("geometries"))
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            longitude, latitude = _point(coordinates)
        case "MultiPoint" if isinstance(coordinates, list) and coordinates:
            points = {_point(point) for point in coordinates}
            if len(points) > 1:
                raise Invalid("has several points, and nothing says which is meant")
            ((longitude, latitude),) = points
        case "LineString":
            longitude, latitude = _centre(_closed(coordinates))
        case "MultiLineString" if isinstance(coordinates, list) and len(coordinates) == 1:
            longitude, latitude = _centre(_closed(coordinates[0]))
        case "Polygon":
            longitude, latitude = _centre(_outer_ring(coordinates))
        case "MultiPolygon" if isinstance(coordinates, list) and coordinates:
            rings = (_outer_ring(polygon) for polygon in coordinates)
            longitude, latitude = _centre(max(rings, key=lambda ring: abs(_area(ring))))
        case _:
            raise Invalid("has no geometry that is a point or an area")
    return latitude, longitude


def _centre_of_collection(parts: Any) -> Position:
    """Of its areas, or else of its only point; a collection within another is not looked into."""
    kinds: dict[str, list[Any]] = {}
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, dict):
            kinds.setdefault(str(part.get("type")), []).append(part.get("coordinates"))
    areas = [*kinds.get("Polygon", []), *(area for areas in kinds.get("MultiPolygon", []) for area in _listed(areas))]
    points = [*kinds.get("Point", []), *(point for points in kinds.get("MultiPoint", []) for point in _listed(points))]
    if areas:
        return centre_of({"type": "MultiPolygon", "coordinates": areas})
    return centre_of({"type": "MultiPoint", "coordinates": points})


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _closed(line: Any) -> list[Point]:
    ring = [_point(point) for point in _listed(line)]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise Invalid("is a line, neither a point nor an area")
    return ring


def _outer_ring(polygon: Any) -> list[Point]:
    if not isinstance(polygon, list) or not polygon or not isinstance(polygon[0], list) or len(polygon[0]) < 3:
        raise Invalid("has a polygon without an outer ring")
    return [_point(point) for point in polygon[0]]


def _point(point: Any) -> Point:
    if not isinstance(point, list) or len(point) < 2:
        raise Invalid("has no position")
    latitude, longitude = position_of(point[1], point[0])
    return longitude, latitude


def _area(ring: list[Point]) -> float:
    """Twice the signed area, in square degrees: good enough to compare and to weigh within one building."""
    return math.fsum(_crosses(ring))


def _centre(ring: list[Point]) -> Point:
    """The centroid; of a ring without area, the mean of its corners."""
    # Relative to a corner: the products of whole coordinates would lose the digits that matter.
    x0, y0 = ring[0]
    local = [(x - x0, y - y0) for x, y in ring]
    if any(max(abs(x), abs(y)) > MAX_DEGREES for x, y in local):
        raise Invalid("is larger than any building, or crosses the 180th meridian")
    crosses = _crosses(local)
    area = math.fsum(crosses)
    if abs(area) < 1e-14:
        return x0 + math.fsum(x for x, _ in local) / len(ring), y0 + math.fsum(y for _, y in local) / len(ring)
    edges = list(zip(local, [*local[1:], local[0]], crosses, strict=True))
    x = math.fsum((a[0] + b[0]) * cross for a, b, cross in edges) / (3 * area)
    y = math.fsum((a[1] + b[1]) * cross for a, b, cross in edges) / (3 * area)
    return round(x0 + x, 7), round(y0 + y, 7)


def _crosses(ring: list[Point]) -> list[float]:
    return [ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True)]
