"""Which region a request goes to: what Route 53 decides on AWS, as a pure rule."""

from collections.abc import Collection
from dataclasses import dataclass

from core.geo import distance_km
from regions.topology import Topology


@dataclass(frozen=True)
class Place:
    """Where a person is, in degrees."""

    latitude: float
    longitude: float


def place_of(text: str, topology: Topology) -> Place | None:
    """A place from a region's name or “latitude,longitude”; None when it is neither."""
    if text in topology.regions:
        region = topology.regions[text]
        return Place(region.latitude, region.longitude)
    latitude, _, longitude = text.partition(",")
    try:
        place = Place(float(latitude), float(longitude))
    except ValueError:
        return None
    return place if abs(place.latitude) <= 90 and abs(place.longitude) <= 180 else None


def candidates(host: str, *, place: Place, healthy: Collection[str], topology: Topology) -> list[str]:
    """The regions that a host leads to, the best first; empty when the host is unknown or none of them is healthy.

    A region's own endpoint leads there whether it is healthy or not: such names have no health check.
    """
    by_host = {topology.region_host(name): name for name in topology.regions}
    if host in by_host:
        return [by_host[host]]
    jurisdictions = {topology.jurisdiction_host(name): name for name in topology.jurisdictions}
    # The signpost leads to all regions; so does any other host (127.0.0.1), and who gets it leads to its own endpoint.
    names = topology.members(jurisdictions[host]) if host in jurisdictions else tuple(topology.regions)

    def distance(name: str) -> float:
        region = topology.regions[name]
        return distance_km((place.latitude, place.longitude), (region.latitude, region.longitude))

    return sorted((name for name in names if name in healthy), key=distance)
