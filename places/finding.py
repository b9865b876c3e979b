"""From what people type to places, and back: Amazon Location in this process's own region, so in the reader's jurisdiction.

What is typed and what is found is personal: it goes into bodies only, to this region's provider only, and into no log.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import geo
from core.errors import Unavailable
from core.events import WARNING, event
from places.addresses import Address, street_line
from regions import aws, topology
from regions.breaker import Breaker

TIMEOUT_SECONDS = 0.3
BREAKER_SECONDS = 10.0
MAX_TEXT = 200  # characters that the provider takes
SUGGESTIONS = 6
CANDIDATES = 5
SURE = 0.9
"""Of 1, which the provider gives where it has recognised all of what was typed; what it is less sure of, a person decides."""

REFUSES_TEXT = "ValidationException"

Position = tuple[float, float]
"""Latitude and longitude in degrees."""

_breaker = Breaker(open_seconds=BREAKER_SECONDS)


class PlacesUnavailable(Unavailable):
    """Addresses can’t be looked up right now."""

    detail = "Choose a city, share your location, or use a place that you have used before; nothing was lost."


class Precision(StrEnum):
    """What a place is: somebody's door, a street whose number is not known, or an area around a postcode or city."""

    ADDRESS = "address"
    STREET = "street"
    AREA = "area"


_PRECISIONS = {
    **dict.fromkeys(("PointAddress", "InterpolatedAddress", "SecondaryAddress", "InferredSecondaryAddress"), Precision.ADDRESS),
    **dict.fromkeys(("Street", "Intersection"), Precision.STREET),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Somewhere that the provider knows. `score` says how much of what was typed it has recognised, from 0 to 1."""

    label: str  # in one line, as people there write it
    address: Address
    position: Position
    precision: Precision
    score: float = 1.0

    @property
    def cell(self) -> str:
        return geo.cell_at(*self.position)

    @property
    def is_sure(self) -> bool:
        """Is it the very address that was typed?"""
        return self.precision is Precision.ADDRESS and self.score >= SURE


def suggest(text: str, *, language: str, near: Position | None = None) -> list[str]:
    """What the text may become, best first, in one line each: up to 6 places in this jurisdiction. `PlacesUnavailable`."""
    answer = _ask("autocomplete", QueryText=text, MaxResults=SUGGESTIONS, language=language, near=near)
    return [item["Address"]["Label"] for item in answer if item.get("Address", {}).get("Label")]


def find(text: str, *, language: str, near: Position | None = None) -> list[Place]:
    """The places in this jurisdiction that a text may mean, best first, up to 5 of them. `PlacesUnavailable`."""
    answer = _ask("geocode", QueryText=text, MaxResults=CANDIDATES, IntendedUse="Storage", language=language, near=near)
    return _places(answer)


def locate(address: Address, *, language: str, near: Position | None = None) -> list[Place]:
    """The places in the address's country that it may mean, best first, up to 5 of them. `PlacesUnavailable`."""
    answer = _ask(
        "geocode",
        QueryText=address.label,
        MaxResults=CANDIDATES,
        IntendedUse="Storage",
        language=language,
        near=near,
        countries=[address.country],
    )
    return _places(answer)


def at(position: Position, *, language: str) -> Place | None:
    """The address nearest to a position; None where there is none that is served. `PlacesUnavailable`."""
    latitude, longitude = position
    answer = _ask(
        "reverse_geocode",
        QueryPosition=[longitude, latitude],
        MaxResults=1,
        IntendedUse="Storage",
        language=language,
        countries=(),
    )
    return next(iter(_places(answer)), None)


def _ask(
    operation: str,
    *,
    language: str,
    near: Position | None = None,
    countries: Sequence[str] | None = None,
    **asked: Any,
) -> list[dict[str, Any]]:
    """The result items of one call, of which there is no second try. Without `countries`, in those of this jurisdiction."""
    if "QueryText" in asked:
        asked["QueryText"] = " ".join(asked["QueryText"].split())[:MAX_TEXT]
        if not asked["QueryText"]:
            return []
    if countries is None:
        topo = topology.current()
        countries = [country for country, name in topo.country_jurisdictions.items() if name == topo.jurisdiction]
    if countries:
        asked["Filter"] = {"IncludeCountries": list(countries)}
    if near:
        asked["BiasPosition"] = [near[1], near[0]]
    if not _breaker.allows():
        raise PlacesUnavailable
    since = time.monotonic()
    try:
        items: list[dict[str, Any]] = getattr(_client(), operation)(Language=language, **asked)["ResultItems"]
    except (
        BotoCoreError,
        ClientError,
        KeyError,
    ) as error:  # botocore takes any text with a 200 for an answer without members
        duration_ms = round((time.monotonic() - since) * 1000)
        if aws.error_code(error) == REFUSES_TEXT:
            # The provider is there: one text that it does not take must not keep it from everybody else.
            _breaker.succeeded()
            event("places not understood", level=WARNING, error=REFUSES_TEXT, duration_ms=duration_ms)
            return []
        _breaker.failed()
        event("places unavailable", level=WARNING, error=aws.error_code(error), duration_ms=duration_ms)
        # Without its cause, which may quote what was typed.
        raise PlacesUnavailable from None
    _breaker.succeeded()
    return items


def _client() -> Any:
    return aws.client(
        "geo-places",
        topology.here(),
        connect_timeout_seconds=TIMEOUT_SECONDS,
        read_timeout_seconds=TIMEOUT_SECONDS,
        attempts=1,
    )


def _places(items: Sequence[Mapping[str, Any]]) -> list[Place]:
    """Those that say where they are, in countries that are served."""
    served = topology.current().country_jurisdictions
    places = []
    for item in items:
        address = item.get("Address", {})
        country = address.get("Country", {}).get("Code2", "")
        if country not in served or len(item.get("Position", ())) != 2:
            continue
        longitude, latitude = item["Position"]
        places.append(
            Place(
                label=address.get("Label") or item.get("Title", ""),
                address=_address(address, country),
                position=(latitude, longitude),
                precision=_PRECISIONS.get(item.get("PlaceType", ""), Precision.AREA),
                score=0.0 if item.get("AddressNumberCorrected") else item.get("MatchScores", {}).get("Overall", 1.0),
            )
        )
    return places


def _address(found: Mapping[str, Any], country: str) -> Address:
    region = found.get("Region", {})
    return Address(
        country=country,
        street=street_line(found.get("Street", ""), found.get("AddressNumber", ""), country),
        postcode=found.get("PostalCode", ""),
        city=found.get("Locality", ""),
        region=region.get("Code") or region.get("Name", ""),
    )
