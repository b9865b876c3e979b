"""A restaurant and a menu as a stranger's files would have them, with the same hostile text in every field that takes one."""

import json
from typing import Any

from catalog import actions
from catalog.imports import menu_files, osm
from catalog.models import Dish, Restaurant
from tests.factories import NEW_YORK

TEXTS = {
    "markup": "<xss-a onload=alert(1)>\"'><script>xss()</script><!-- {{ 7|add:7 }} {% now %}",
    "right to left": "\u202egnp.exe\u202c \u2066x\u2069 مطعم",
    "emoji": "👩‍👩‍👧‍👦🍕🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "long": "x" * 10_000,
    "formula": "=HYPERLINK(A1)",
    "url": "javascript:alert(1)",
}
TAGS = (
    "name:fr", "cuisine", "phone", "website", "opening_hours", "addr:street", "addr:housenumber", "addr:city",
    "addr:postcode", "addr:state", "addr:country",
)  # fmt: skip


def bounded(text: str, limit: int, field: str = "") -> str:
    """What a file may hold without being refused; the field's name shows where a page has it from."""
    return (field.replace(":", "") + text)[:limit]


def element(text: str, *, number: int = 1, **tags: str) -> dict[str, Any]:
    hostile: dict[str, str] = {tag: bounded(text, 10_000, tag) for tag in TAGS}
    hostile |= {
        f"diet:{text}": "yes",
        f"payment:{text}": "yes",
        "name": bounded(text, 120, "name"),
        "amenity": "restaurant",
    }
    return {
        "type": "node",
        "id": number,
        "lat": NEW_YORK[0],
        "lon": NEW_YORK[1],
        "tags": {tag: value for tag, value in {**hostile, **tags}.items() if value},
    }


def menu(text: str) -> str:
    """A schema.org menu: a dish without options, and one with them."""
    short, name = bounded(text, 40), bounded(text, 110, "dish")
    choice = {"name": bounded(text, 110, "choice"), "identifier": text, "offers": {"price": 1}}
    group = {"name": bounded(text, 110, "group"), "identifier": text, "hasMenuItem": choice}
    dish = {
        "name": name, "description": bounded(text, 900, "description"), "offers": {"price": 12, "name": text[:100]},
        "suitableForDiet": [short], "additionalProperty": {"name": "allergens", "value": [short]},
    }  # fmt: skip
    dishes = [{**dish, "identifier": "plain"}, {**dish, "identifier": "chosen", "menuAddOn": [group]}]
    section = {"name": bounded(text, 110, "section"), "identifier": text, "hasMenuItem": dishes}
    return json.dumps({"@type": "Menu", "name": text, "hasMenuSection": [section]})


def imported(text: str, *, number: int = 1, **tags: str) -> tuple[Restaurant, list[Dish]]:
    """Read by the importers, and stored by the actions that they call."""
    reading = osm.read(json.dumps({"elements": [element(text, number=number, **tags)]}))
    assert not reading.refusals, reading.refusals
    (restaurant,) = reading.restaurants
    actions.put_restaurant(restaurant)
    draft = menu_files.read(menu(text), restaurant, kind="jsonld")
    actions.put_menu(restaurant.id, sections=draft.sections, dishes=draft.dishes)
    return restaurant, draft.dishes
