"""Restaurants out of OpenStreetMap data, Overpass JSON or GeoJSON. Pure: text in, restaurants or refusals out.

Format: https://wiki.openstreetmap.org/wiki/Overpass_API, tags: https://wiki.openstreetmap.org/wiki/Tag:amenity=restaurant
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from catalog import hours
from catalog.countries import COUNTRIES
from catalog.imports import geojson, json_text
from catalog.imports.hours_text import reading
from catalog.models import Restaurant
from catalog.plain_text import clean
from core import geo
from core.errors import Invalid, Refused

MAX_FILE_BYTES = 50 * 1024 * 1024
MAX_ELEMENTS = 200_000
MAX_NAME = 120
MAX_TEXT = 300
MAX_CUISINES = 8
MAX_WORDS = 20
DEFAULT_RADIUS_M = 3000
PREPARATION_MINUTES = 25

AMENITIES = {"restaurant", "fast_food", "cafe", "bar", "pub", "food_court", "ice_cream", "biergarten"}
SHOPS = {"bakery", "deli", "pastry", "confectionery"}


YES = ("yes", "only")
LANGUAGE_NAME = re.compile(r"name:([a-z]{2,3}(?:-[A-Za-z]{2,8})?)")
HOURS_KINDS = ("read", "read as written text", "kept as text", "absent")


@dataclass(frozen=True)
class Refusal:
    element: str
    why: str


@dataclass
class Reading:
    """What a file holds. `hours` counts how the opening hours were given; `hours_given` has them by the restaurant's id."""

    restaurants: list[Restaurant] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    hours: dict[str, int] = field(default_factory=lambda: dict.fromkeys(HOURS_KINDS, 0))
    hours_given: dict[str, str] = field(default_factory=dict)


def read(text: str) -> Reading:
    """All elements of an Overpass answer, or features of GeoJSON; `Invalid` when the file as a whole is neither."""
    reading = Reading()
    seen: set[str] = set()
    items, is_geojson = _items(text)
    if len(items) > MAX_ELEMENTS:
        raise Invalid(f"There are more than {MAX_ELEMENTS} elements in this file; split it.")
    for number, item in enumerate(items, 1):
        name = f"{'feature' if is_geojson else 'element'} {number}"
        try:
            element = geojson.element_of(item) if is_geojson else item
            if not isinstance(element, dict):
                raise Invalid("is not an object")
            name = f"{element.get('type', 'element')} {element.get('id', number)}"
            restaurant = restaurant_of(element)
            if restaurant.id in seen:
                raise Invalid("is in the file twice")
        except Refused as refused:
            reading.refusals.append(Refusal(clean(name, 60), refused.detail))
            continue
        seen.add(str(restaurant.id))
        reading.hours[_hours_kind(restaurant, element["tags"])] += 1
        if given := _hours_text(element["tags"]):
            reading.hours_given[str(restaurant.id)] = given
        reading.restaurants.append(restaurant)
    return reading


def _items(text: str) -> tuple[list[Any], bool]:
    """The elements of an Overpass answer, or the features of GeoJSON; and whether it is the latter."""
    document = json_text.parse(text.removeprefix("\ufeff"))
    if isinstance(document, dict):
        if document.get("type") == "FeatureCollection" and isinstance(document.get("features"), list):
            return document["features"], True
        if document.get("type") == "Feature":
            return [document], True
        if isinstance(document.get("elements"), list):
            return document["elements"], False
    raise Invalid(
        "This is not Overpass JSON or GeoJSON: there is no list “elements” or “features”. "
        "Ask Overpass with [out:json], or export GeoJSON."
    )


def restaurant_of(element: Mapping[str, Any]) -> Restaurant:
    """The restaurant of one element; `Invalid` says why it is none."""
    tags = element.get("tags")
    if not isinstance(tags, dict):
        raise Invalid("has no tags")
    if clean(tags.get("amenity"), 40) not in AMENITIES and clean(tags.get("shop"), 40) not in SHOPS:
        raise Invalid("is not a place that serves food")
    name = clean(tags.get("name"), MAX_NAME + 1)
    if not name:
        raise Invalid("has no name")
    if len(name) > MAX_NAME:
        raise Invalid(f"has a name of more than {MAX_NAME} characters")
    position = _position(element)
    zone, country = _zone_and_country(position, clean(tags.get("addr:country"), 2).upper())
    rules = COUNTRIES[country]
    opening_hours, opening_hours_text = _hours(tags)
    return Restaurant.new(
        _id(element),
        name=name,
        country=country,
        latitude=position[0],
        longitude=position[1],
        address=_address(tags),
        names=_names(tags),
        cuisines=_cuisines(tags),
        diets=_yes(tags, "diet:"),
        payments=_yes(tags, "payment:"),
        phone=_tag(tags, "phone", 60),
        website=_website(_tag(tags, "website", MAX_TEXT)),
        opening_hours=opening_hours,
        opening_hours_text=opening_hours_text,
        time_zone=zone,
        currency=rules.currency,
        tax_ppm=rules.tax_ppm,
        tax_included=rules.tax_included,
        delivers=tags.get("delivery") != "no" and tags.get("takeaway") != "no",
        offers_pickup=tags.get("takeaway") != "no",
        delivery_fee_minor=rules.delivery_fee_minor,
        minimum_minor=rules.minimum_minor,
        radius_m=DEFAULT_RADIUS_M,
        preparation_minutes=PREPARATION_MINUTES,
        source="osm",
    )


def _id(element: Mapping[str, Any]) -> str:
    kind, number = element.get("type"), element.get("id")
    if (
        kind not in ("node", "way", "relation")
        or isinstance(number, bool)
        or not isinstance(number, int)
        or not 1 <= number < 10**18
    ):
        raise Invalid("has no type (node, way, relation) with a number")
    return f"osm-{kind}-{number}"


def _position(element: Mapping[str, Any]) -> tuple[float, float]:
    """A node's own position, the `center` of a way or relation."""
    place = element if element.get("type") == "node" else element.get("center")
    if not isinstance(place, dict):
        raise Invalid("has no position; ask Overpass with “out center”")
    latitude, longitude = place.get("lat"), place.get("lon")
    for degrees in (latitude, longitude):
        if isinstance(degrees, bool) or not isinstance(degrees, int | float):
            raise Invalid("has no position")
    return geo.check_position(float(latitude), float(longitude))  # type: ignore[arg-type]


def _zone_and_country(position: tuple[float, float], tagged: str) -> tuple[str, str]:
    zone, country = _where(round(position[0], 4), round(position[1], 4))
    country = tagged if tagged in COUNTRIES else country
    if country not in COUNTRIES:
        raise Invalid("lies in a country that is not served")
    return zone, country


@cache
def _where(latitude: float, longitude: float) -> tuple[str, str]:
    """Time zone and country of a position: opening-hours-py knows the zones' borders, Babel their countries."""
    from babel.core import get_global
    from opening_hours import OpeningHours

    from core import clock

    change = OpeningHours("Mo-Su 12:00-13:00", coords=(latitude, longitude)).next_change(clock.now())
    zone = str(change.tzinfo) if change else ""
    return zone, get_global("zone_territories").get(zone, "")


def _hours(tags: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Hours that can be evaluated, as they are or as people write them, or else the text as it was given."""
    text = _hours_text(tags)
    understood = hours.understood(text) or reading.osm_hours(text)
    return understood, None if understood else text or None


def _hours_text(tags: Mapping[str, Any]) -> str:
    return clean(tags.get("opening_hours"), hours.MAX_CHARACTERS)


def _hours_kind(restaurant: Restaurant, tags: Mapping[str, Any]) -> str:
    if restaurant.opening_hours:
        return "read" if restaurant.opening_hours == hours.understood(_hours_text(tags)) else "read as written text"
    return "kept as text" if restaurant.opening_hours_text else "absent"


def _yes(tags: Mapping[str, Any], prefix: str) -> list[str] | None:
    """What is said to be there of `diet:…` or `payment:…`, in alphabetical order."""
    names = (name.removeprefix(prefix) for name, value in tags.items() if name.startswith(prefix) and value in YES)
    return sorted({word for name in names if (word := clean(name, 40).replace("_", " "))})[:MAX_WORDS] or None


def _names(tags: Mapping[str, Any]) -> dict[str, str] | None:
    """The name by language, where it has one that differs: `name:fr`, `name:zh-Hant`."""
    names = {match[1]: clean(value, MAX_NAME) for tag, value in tags.items() if (match := LANGUAGE_NAME.fullmatch(tag))}
    return dict(sorted((language, name) for language, name in names.items() if name)[:MAX_WORDS]) or None


def _address(tags: Mapping[str, Any]) -> dict[str, str]:
    street = " ".join(filter(None, (_part(tags, "housenumber"), _part(tags, "street"))))
    region = _part(tags, "state") or _part(tags, "province")
    parts = {"street": street, "city": _part(tags, "city"), "postcode": _part(tags, "postcode"), "region": region}
    return {name: value for name, value in parts.items() if value}


def _part(tags: Mapping[str, Any], name: str) -> str:
    return clean(tags.get(f"addr:{name}") or tags.get(f"contact:{name}"), MAX_TEXT).strip(" ,")


def _cuisines(tags: Mapping[str, Any]) -> list[str]:
    """`Indian;vegetarian`, `vegetarian,_cafe` and `vegan/vegetarian` as plain lower-case words, each once."""
    words = re.split(r"[;,:/]", clean(tags.get("cuisine"), MAX_TEXT))
    cleaned = (re.sub(r"[_\s]+", " ", word).strip().lower() for word in words)
    return list(dict.fromkeys(word for word in cleaned if word))[:MAX_CUISINES]


def _website(text: str | None) -> str | None:
    """An http or https address, completed where only the host was given; anything else is dropped."""
    if not text:
        return None
    try:
        address = text if "://" in text else f"https://{text}"
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or "") or " " in text:
        return None
    return parts._replace(scheme=parts.scheme.lower()).geturl()


def _tag(tags: Mapping[str, Any], name: str, limit: int) -> str | None:
    return clean(tags.get(name) or tags.get(f"contact:{name}"), limit) or None
