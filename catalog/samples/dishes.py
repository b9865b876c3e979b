"""Sample menus by cuisine, from the files in `catalog/samples/menus/`, at the prices of a currency."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from catalog.cuisines import GROUPS, group_of
from catalog.models import Dish, Restaurant

FOLDER = Path(__file__).parent / "menus"

# What a meal of ten euros costs elsewhere, roughly: (factor on the minor units, round to, take off after rounding).
PRICE_LEVELS: dict[str, tuple[float, int, int]] = {
    "EUR": (1.0, 50, 0),
    "GBP": (0.95, 50, 0),
    "USD": (1.25, 50, 5),
    "CAD": (1.55, 50, 5),
    "CHF": (1.8, 50, 0),
    "DKK": (9.5, 500, 0),
    "SEK": (10.5, 500, 0),
    "NOK": (12.0, 500, 0),
    "PLN": (3.6, 100, 0),
    "CZK": (21.0, 500, 0),
    "RON": (4.2, 100, 0),
    "HUF": (330.0, 5000, 0),
    "MXN": (14.0, 500, 0),
    "ISK": (1.7, 50, 0),
}


def cuisines() -> tuple[str, ...]:
    """The names of the menus there are: one for each group of cuisines."""
    return tuple(GROUPS)


@cache
def template(name: str) -> dict[str, Any]:
    """A menu as its file has it."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def best_for(words: list[str]) -> str:
    """The menu for a restaurant's cuisines; pizza, which is everywhere, when they say nothing."""
    return group_of(words) or "pizza"


def menu_for(restaurant: Restaurant, name: str | None = None) -> tuple[list[dict[str, str]], list[Dish]]:
    """Sections and dishes for a restaurant, unsaved."""
    menu = template(name or best_for(list(restaurant.cuisines or [])))
    groups = {key: _group(key, group, restaurant.currency) for key, group in menu["options"].items()}
    dishes = [
        Dish.new(
            restaurant.id,
            dish["id"],
            section=dish["section"],
            position=place,
            name=dish["name"],
            description=dish.get("description"),
            price_minor=price(dish["price"], restaurant.currency),
            options=[groups[key] for key in dish.get("options", [])],
            allergens=dish.get("allergens", []),
            diets=dish.get("diets", []),
            served=dish.get("served"),
        )
        for place, dish in enumerate(menu["dishes"], 1)
    ]
    return menu["sections"], dishes


def price(euro_cents: int, currency: str) -> int:
    """The same price in another currency's minor units, rounded as menus there are; nothing stays nothing."""
    if euro_cents == 0:
        return 0
    factor, step, off = PRICE_LEVELS[currency]
    return max(step, round(euro_cents * factor / step) * step) - off


def _group(key: str, group: dict[str, Any], currency: str) -> dict[str, Any]:
    choices = [
        {"id": choice["id"], "name": choice["name"], "price_minor": price(choice["price"], currency)}
        for choice in group["choices"]
    ]
    return {"id": key, "name": group["name"], "min": group["min"], "max": group["max"], "choices": choices}
