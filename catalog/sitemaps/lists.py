"""The lists of restaurants for search engines: one for each cell around the cities, each made by one Query."""

from functools import cache

from catalog.cities import CITIES
from catalog.models import Card
from core import geo
from core.errors import NotFound
from regions import topology

RADIUS_KM = 5.0
"""How far around a city's centre its cells are listed."""


@cache
def cells() -> dict[str, str]:
    """Every cell that has a list, with the jurisdiction that it lies in."""
    topo = topology.current()
    return {
        cell: topo.jurisdiction_of_country(city.country)
        for city in CITIES
        for cell in geo.cells_within((city.latitude, city.longitude), RADIUS_KM)
    }


def cards_of(cell: str) -> list[Card]:
    """The cards of a cell, the nearest `catalog.models.WINDOW` at most; `NotFound` for a cell that has no list."""
    if cell not in cells():
        raise NotFound
    return [Card.from_raw_data(item) for item in Card.window(cell)[0]]
