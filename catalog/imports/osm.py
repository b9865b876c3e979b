"""Restaurants out of OpenStreetMap data: Overpass JSON, GeoJSON or Esri's JSON. Pure: text in, restaurants or refusals out.

Each format has a module that makes `catalog.imports.element.Element` of it; tags: https://wiki.openstreetmap.org/wiki/Tag:amenity=restaurant
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from catalog import hours
from catalog.countries import COUNTRIES
from catalog.imports import esri, geojson, json_text, tags
from catalog.imports.element import Element, Position
from catalog.imports.hours_text import reading
from catalog.imports.location import locate
from catalog.imports.overpass import Answer
from catalog.imports.states import state_of
from catalog.models import Restaurant
from core import ids
from core.errors import Invalid, Refused
from core.plain_text import clean

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_ELEMENTS = 200_000
DEFAULT_RADIUS_M = 3000
PREPARATION_MINUTES = 25

AMENITIES = {"restaurant", "fast_food", "cafe", "bar", "pub", "food_court", "ice_cream", "biergarten"}
SHOPS = {"bakery", "deli", "pastry", "confectionery"}

HOURS_KINDS = ("read", "read as written text", "kept as text", "absent")


@dataclass(frozen=True)
class Refusal:
    element: str
    why: str


@dataclass
class Reading:
    """What a file holds. `hours` counts how the opening hours were given, and `hours_given` has them by the restaurant's id;
    `not_kept` counts what restaurants lost on the way.
    """

    restaurants: list[Restaurant] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    hours: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOURS_KINDS, 0))
    hours_given: dict[str, str] = field(default_factory=dict)
    not_kept: Counter[str] = field(default_factory=Counter)
    remark: str = ""  # Overpass's own: it ran out of time, and the file is incomplete

    @property
    def reasons(self) -> dict[str, int]:
        """How often each reason was given to refuse something, the most frequent first."""
        return dict(Counter(refusal.why for refusal in self.refusals).most_common())


@dataclass(frozen=True)
class _Source:
    """The items of a file and how one is read. Those that are only parts of others are left out."""

    items: list[Any]
    noun: str
    element_of: Callable[[Any], Element]
    remark: str = ""


def read(text: str) -> Reading:
    """All elements of an Overpass answer, or features of GeoJSON or Esri's JSON; `Invalid` when the file as a whole is none."""
    source = _source(text.lstrip("\ufeff\x1e"))
    reading = Reading(remark=source.remark)
    seen: set[str] = set()
    if len(source.items) > MAX_ELEMENTS:
        raise Invalid(f"There are more than {MAX_ELEMENTS} elements in this file; split it.")
    for number, item in enumerate(source.items, 1):
        name = f"{source.noun} {number}"
        try:
            element = source.element_of(item)
            name = element.id.replace("-", " ") if element.id else name
            not_kept: Counter[str] = Counter()
            restaurant = restaurant_of(element, not_kept)
            if restaurant.id in seen:
                raise Invalid("is in the file twice")
        except Refused as refused:
            reading.refusals.append(Refusal(name, refused.detail))
            continue
        seen.add(str(restaurant.id))
        reading.hours[_hours_kind(restaurant, element.tags)] += 1
        reading.not_kept += not_kept
        if given := _hours_text(element.tags):
            reading.hours_given[str(restaurant.id)] = given
        reading.restaurants.append(restaurant)
    return reading


def _source(text: str) -> _Source:
    document = json_text.parse_lines(text) if json_text.is_lines(text) else json_text.parse(text)
    if isinstance(document, list) and document and all(isinstance(item, dict) and "type" in item for item in document):
        document = {"features" if document[0]["type"] == "Feature" else "elements": document}
    if isinstance(document, dict):
        if document.get("type") == "Feature":
            document = {"features": [document]}
        if isinstance(features := document.get("features"), list):
            geojson.check_projection(document)
            if any(isinstance(feature, dict) and "attributes" in feature for feature in features[:1]):
                esri.check_projection(document)
                return _Source(features, "feature", lambda feature: geojson.element_of(esri.feature_of(feature)))
            return _Source(features, "feature", geojson.element_of)
        if isinstance(elements := document.get("elements"), list):
            answer = Answer(elements)
            items = [item for item in elements if not answer.is_part(item)]
            return _Source(items, "element", answer.element_of, clean(document.get("remark"), 200))
    raise Invalid(
        "This is not Overpass JSON, GeoJSON or Esri’s JSON: there is no list “elements” or “features”. "
        "Ask Overpass with [out:json], or export GeoJSON."
    )


def restaurant_of(element: Element, not_kept: Counter[str]) -> Restaurant:
    """The restaurant of one element; `Invalid` says why it is none."""
    given = element.tags
    if not any(clean(given.get(tag), 40) in AMENITIES for tag in ("amenity", "fclass")) and (
        clean(given.get("shop"), 40) not in SHOPS
    ):
        raise Invalid("is not a place that serves food")
    name = tags.name_of(given)
    position = element.locate()
    location = locate(position, clean(given.get("addr:country"), 2).upper())
    state = state_of(given, position, location)
    rules = COUNTRIES[location.country]
    phones = tags.phones(given, location.country, not_kept)
    opening_hours, opening_hours_text = _hours(given)
    return Restaurant.new(
        f"osm-{element.id or _lasting_id(position, name)}",
        name=name,
        country=location.country,
        state=state,
        latitude=position[0],
        longitude=position[1],
        address=tags.address(given, location.country, state),
        names=tags.names(given),
        cuisines=tags.cuisines(given),
        diets=tags.yes(given, "diet:"),
        payments=tags.yes(given, "payment:"),
        phone=phones[0] if phones else None,
        phones=phones if len(phones) > 1 else None,
        website=tags.website(given, not_kept),
        opening_hours=opening_hours,
        opening_hours_text=opening_hours_text,
        time_zone=location.time_zone,
        currency=rules.currency,
        tax_ppm=rules.tax_ppm,
        tax_included=rules.tax_included,
        delivers=given.get("delivery") != "no" and given.get("takeaway") != "no",
        offers_pickup=given.get("takeaway") != "no",
        delivery_fee_minor=rules.delivery_fee_minor,
        minimum_minor=rules.minimum_minor,
        radius_m=DEFAULT_RADIUS_M,
        preparation_minutes=PREPARATION_MINUTES,
        source="osm",
    )


def _lasting_id(position: Position, name: str) -> str:
    """For what has no number: the same at the next import. Renamed, or moved by a metre, it is another restaurant."""
    latitude, longitude = position
    return f"place-{ids.fingerprint(f'{latitude:.5f} {longitude:.5f} {name.casefold()}')[:20]}"


def _hours(given: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Hours that can be evaluated, as they are or as people write them, or else the text as it was given."""
    text = _hours_text(given)
    understood = _understood(text) if text else None
    return understood, None if understood else text or None


@lru_cache(maxsize=4096)
def _understood(text: str) -> str | None:
    return hours.understood(text) or reading.osm_hours(text)


def _hours_text(given: Mapping[str, Any]) -> str:
    return clean(given.get("opening_hours"), hours.MAX_CHARACTERS)


def _hours_kind(restaurant: Restaurant, given: Mapping[str, Any]) -> str:
    if restaurant.opening_hours:
        return "read" if restaurant.opening_hours == hours.understood(_hours_text(given)) else "read as written text"
    return "kept as text" if restaurant.opening_hours_text else "absent"
