"""Where things are: distances, and the H3 cells (resolution 7, about 5 km² each) that stand for places everywhere."""

import math

from core.errors import Invalid
from core.messages import say

RESOLUTION = 7
EARTH_RADIUS_KM = 6371.0088
# A profile, its new cards and the old ones' tombstones change in one transaction of at most 100 items.
MAX_RADIUS_KM = 6.0
_MAX_RINGS = 4  # cells of resolution 7 lie at least 1.9 km apart


def distance_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance between two (latitude, longitude) in degrees."""
    (lat_a, lng_a), (lat_b, lng_b) = ((math.radians(x), math.radians(y)) for x, y in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin((lng_b - lng_a) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def check_position(latitude: float, longitude: float) -> tuple[float, float]:
    if not (math.isfinite(latitude) and math.isfinite(longitude) and abs(latitude) <= 90 and abs(longitude) <= 180):
        raise Invalid(say("A latitude is a number from -90 to 90, a longitude from -180 to 180."))
    return latitude, longitude


def cell_at(latitude: float, longitude: float) -> str:
    """The cell of a position in degrees; `Invalid` when there is no such position."""
    import h3  # here, and below: to load it takes 20 ms of CPU, and the first page of a process may not need it

    return h3.latlng_to_cell(*check_position(latitude, longitude), RESOLUTION)


def check_cell(cell: str) -> str:
    """The cell itself, or `Invalid` when it is not one of ours."""
    if len(cell) != 15 or not _is_valid(cell):
        raise Invalid(say("We don’t know this place. Tell us again where you are."))
    return cell


def _is_valid(cell: str) -> bool:
    import h3

    return h3.is_valid_cell(cell) and h3.get_resolution(cell) == RESOLUTION


def centre_of(cell: str) -> tuple[float, float]:
    import h3

    return h3.cell_to_latlng(cell)


def cells_within(position: tuple[float, float], radius_km: float) -> dict[str, int]:
    """The cells that a delivery radius covers, each with the distance of its centre in metres.

    A cell is covered when its centre is; the cell of the position itself always is.
    """
    import h3

    if not 0 < radius_km <= MAX_RADIUS_KM:
        raise Invalid(say("A delivery radius is more than 0 and at most %(most)s km.", most=f"{MAX_RADIUS_KM:g}"))
    own = cell_at(*position)
    metres = {cell: round(distance_km(position, centre_of(cell)) * 1000) for cell in h3.grid_disk(own, _MAX_RINGS)}
    return {
        cell: m for cell, m in sorted(metres.items(), key=lambda pair: pair[1]) if m <= radius_km * 1000 or cell == own
    }
