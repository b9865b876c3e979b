"""A menu in the words of https://schema.org/Menu: for its page, and for files."""

import html
import re
from typing import Any

from catalog.models import Dish, Restaurant
from core import money
from core.plain_text import clean

Node = dict[str, Any]

DIETS = {
    "diabetic": "DiabeticDiet", "gluten-free": "GlutenFreeDiet", "halal": "HalalDiet", "hindu": "HinduDiet",
    "kosher": "KosherDiet", "low-calorie": "LowCalorieDiet", "low-fat": "LowFatDiet", "lactose-free": "LowLactoseDiet",
    "low-salt": "LowSaltDiet", "vegan": "VeganDiet", "vegetarian": "VegetarianDiet",
}  # fmt: skip
DIET_NAMES = {name.lower(): diet for diet, name in DIETS.items()}


def menu_node(restaurant: Restaurant, dishes: list[Dish]) -> Node:
    currency = str(restaurant.currency)
    items: dict[str, list[Node]] = {}
    for dish in dishes:
        items.setdefault(str(dish.section), []).append(_item(dish, currency))
    sections = [
        {
            "@type": "MenuSection",
            "identifier": section["id"],
            "name": _plain(section["name"]),
            **({"description": _plain(section["description"])} if section.get("description") else {}),
            "hasMenuItem": items.get(section["id"], []),
        }
        for section in sections_of(restaurant, dishes)
    ]
    return {"@type": "Menu", "name": restaurant.name, "hasMenuSection": sections}


def _item(dish: Dish, currency: str) -> Node:
    item: Node = {
        "@type": "MenuItem",
        "identifier": dish.id,
        "position": int(dish.position),
        "name": _plain(dish.name),
        "description": dish.description and _plain(dish.description),
        "offers": _offer(int(dish.price_minor), currency)
        | ({"availability": "https://schema.org/SoldOut"} if dish.sold_out else {}),
        "suitableForDiet": [_diet_written(diet) for diet in dish.diets or []],
        "additionalProperty": _properties(dish),
        "menuAddOn": [_add_on(group, currency) for group in dish.options or []],
    }
    return {name: value for name, value in item.items() if value not in (None, [])}


def _properties(dish: Dish) -> list[Node]:
    named = {"allergens": list(dish.allergens or []), "served": dish.served}
    return [_property(name, value) for name, value in named.items() if value]


def _add_on(group: dict[str, Any], currency: str) -> Node:
    choices = [
        {
            "@type": "MenuItem",
            "identifier": choice["id"],
            "name": _plain(choice["name"]),
            "offers": _offer(choice["price_minor"], currency),
        }
        for choice in group["choices"]
    ]
    limits = [_property("minimum", group["min"]), _property("maximum", group["max"])]
    return {
        "@type": "MenuSection",
        "identifier": group["id"],
        "name": _plain(group["name"]),
        "additionalProperty": limits,
        "hasMenuItem": choices,
    }


def _offer(price_minor: int, currency: str) -> Node:
    return {"@type": "Offer", "price": shown(price_minor, currency), "priceCurrency": currency}


def _plain(text: str) -> str:
    """A text that says the same to readers that take entities for what they stand for, as many do."""
    return text if html.unescape(text) == text else text.replace("&", "&amp;")


def _property(name: str, value: Any) -> Node:
    return {"@type": "PropertyValue", "name": name, "value": value}


def _diet_written(diet: str) -> str | Node:
    """The address of schema.org's word; a word that would be taken for another one as a literal."""
    if diet in DIETS:
        return f"https://schema.org/{DIETS[diet]}"
    return diet if diet_of(diet) == diet else {"@value": diet}


def diet_of(value: Any) -> str:
    """A word of ours for schema.org's, with its address or without; any other word, and a literal, stays."""
    if isinstance(value, dict) and "@value" in value:
        return clean(value["@value"], 100)
    name = clean(value.get("@id") if isinstance(value, dict) else value, 100)
    bare = re.sub(r"^(https?://schema\.org/|schema:)", "", name)
    return DIET_NAMES.get(bare.lower(), bare)


def sections_of(restaurant: Restaurant, dishes: list[Dish]) -> list[dict[str, str]]:
    """The sections, and one for each that dishes name but the menu does not have: no dish is left out of a file."""
    sections = list(restaurant.sections or [])
    known = {section["id"] for section in sections}
    others = dict.fromkeys(str(dish.section) for dish in dishes if dish.section not in known)
    return sections + [{"id": section, "name": section} for section in others]


def shown(amount_minor: int, currency: str) -> str:
    """The amount in the main unit with all its decimals, as `minor` reads it."""
    decimals = money.decimals(currency)
    amount = money.major(int(amount_minor), decimals.stored)
    # A machine reads 12.5, but people look into files, too.
    return f"{amount:.{decimals.stored if amount_minor % decimals.smallest_minor else decimals.shown}f}"
