"""Finding where a delivery goes, and whether the restaurant goes there."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from catalog.models import Restaurant
from core import formats, geo
from core.messages import language, say
from orders.destination import Destination, Position
from orders.errors import AddressNotChecked, AddressNotFound, OutsideDeliveryArea
from places import fields, finding
from places.addresses import Address
from places.finding import Place, PlacesUnavailable
from regions import topology

ANOTHER_TOWN_KM = 100
"""So far from a restaurant no town lies that it delivers to a part of."""


def find(address: Address, confirmed: Position | None, restaurant: Restaurant) -> Destination:
    """Ask the provider once. What it does not know for sure is where its owner has `confirmed` that it is.

    Raises `AddressNotFound`, `AddressNotChecked` while the provider is away, and `OutsideDeliveryArea`.
    """
    try:
        places = finding.locate(address, language=language(), near=restaurant.position)
    except PlacesUnavailable:
        if confirmed is None:
            raise AddressNotChecked from None
        places = []
    sure = next((place for place in places if place.is_sure), None)
    if sure:
        destination = Destination(*sure.position, is_verified=True)
    elif far := _another_town(address, places, restaurant):
        raise outside(far.position, restaurant)
    elif confirmed is not None:
        destination = Destination(*confirmed, is_verified=False)
    else:
        raise AddressNotFound(candidates=[candidate(place) for place in places])
    if not restaurant.delivers_to_position(destination.position):
        raise outside(destination.position, restaurant)
    return destination


def _another_town(address: Address, places: Sequence[Place], restaurant: Restaurant) -> Place | None:
    """The town of the address, where it is so far away that no street of it can be near: a confirmation would be a mistake."""
    of_town = [place for place in places if place.address.city.casefold() == address.city.casefold()]
    nearest = min(of_town, key=lambda place: geo.distance_km(place.position, restaurant.position), default=None)
    if nearest and geo.distance_km(nearest.position, restaurant.position) > ANOTHER_TOWN_KM:
        return nearest
    return None


def outside(position: Position, restaurant: Restaurant) -> OutsideDeliveryArea:
    distance_km, radius_km = geo.distance_km(position, restaurant.position), int(restaurant.radius_m) / 1000
    cell = geo.cell_at(*position)
    topo = topology.current()
    return OutsideDeliveryArea(
        say(
            "This address is %(distance)s from %(restaurant)s, which delivers up to %(radius)s. "
            "Choose pick-up or a restaurant nearer to you.",
            # Up, so that nobody reads “3.0 km away, delivers up to 3.0 km”.
            distance=formats.km(math.ceil(distance_km * 10) / 10),
            restaurant=restaurant.name,
            radius=formats.km(radius_km),
        ),
        distance_km=round(distance_km, 3),
        radius_km=radius_km,
        cell=cell,
        restaurants=f"{topo.jurisdiction_url(restaurant.jurisdiction)}/api/v1/restaurants?cell={cell}",
    )


def candidate(place: Place) -> dict[str, Any]:
    """A place for a program to offer: its parts as they can be sent back."""
    latitude, longitude = place.position
    parts = {name: part for name, part in asdict(fields.tidy(place.address)).items() if part and name != "country"}
    return {
        "label": place.label,
        "precision": place.precision,
        "latitude": latitude,
        "longitude": longitude,
        "address": parts,
    }
