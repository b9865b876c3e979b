"""Where a delivery goes: the position of an address, as the provider knows it or as its owner has confirmed it."""

from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import quote

from core import geo
from core.errors import Invalid

Position = tuple[float, float]
"""Latitude and longitude in degrees."""


@dataclass(frozen=True)
class Destination:
    """A position, and whether the address was found there for sure."""

    latitude: float
    longitude: float
    is_verified: bool

    @classmethod
    def read(cls, stored: Any) -> Self | None:
        """What an order has of it; None for what a newer release, or somebody by hand, has made of it."""
        try:
            latitude, longitude = geo.check_position(float(stored["latitude"]), float(stored["longitude"]))
            return cls(latitude, longitude, stored["is_verified"] is True)
        except (TypeError, KeyError, ValueError, Invalid):
            return None

    @property
    def stored(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def position(self) -> Position:
        return self.latitude, self.longitude

    @property
    def cell(self) -> str:
        return geo.cell_at(*self.position)

    def geo_uri(self, label: str) -> str:
        """For a map application: RFC 5870, and the `q` by which Android shows a pin with its name."""
        at = f"{self.latitude:.5f},{self.longitude:.5f}"
        return f"geo:{at}?q={at}({quote(label, safe='')})"
