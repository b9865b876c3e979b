"""What an import will change, in words."""

from collections.abc import Sequence
from typing import Any

from catalog.menu_node import shown
from catalog.models import CatalogRecord, Dish, Restaurant

_COMPARED = sorted(Dish.operational - CatalogRecord.operational - {"id", "position", "price_minor"})


def changes(
    restaurant: Restaurant, before: Sequence[Dish], sections: Sequence[dict[str, str]], after: Sequence[Dish]
) -> list[str]:
    """A line for each section and dish that comes, goes or becomes another; none when nothing changes."""
    old, new = {str(dish.id): dish for dish in before}, {str(dish.id): dish for dish in after}
    lines = _of_sections({each["id"]: each for each in restaurant.sections}, {each["id"]: each for each in sections})
    currency = str(restaurant.currency)
    for key, dish in new.items():
        price = shown(int(dish.price_minor), currency)
        if key not in old:
            lines.append(f"+ {dish.name} ({price} {currency})")
        elif different := _differences(old[key], dish, currency):
            lines.append(f"~ {dish.name}: {', '.join(different)}")
    lines += [f"- {dish.name}" for key, dish in old.items() if key not in new]
    staying = [key for key in old if key in new]
    places = {key: (str(dish.section), int(dish.position)) for key, dish in new.items()}
    if [key for key in new if key in old] != staying or any(
        places[key] != (str(old[key].section), int(old[key].position)) for key in staying
    ):
        lines.append("~ the order or the positions of the dishes")
    return lines


def _of_sections(old: dict[str, dict[str, str]], new: dict[str, dict[str, str]]) -> list[str]:
    lines = [f"+ section {section['name']}" for key, section in new.items() if key not in old]
    lines += [f"~ section {section['name']}" for key, section in new.items() if key in old and old[key] != section]
    lines += [f"- section {section['name']}" for key, section in old.items() if key not in new]
    if [key for key in old if key in new] != [key for key in new if key in old]:
        lines.append("~ the order of the sections")
    return lines


def _differences(old: Dish, new: Dish, currency: str) -> list[str]:
    prices = [shown(int(dish.price_minor), currency) for dish in (old, new)]
    different = [f"price {prices[0]} → {prices[1]}"] if prices[0] != prices[1] else []
    return different + [name.replace("_", " ") for name in _COMPARED if _value(old, name) != _value(new, name)]


def _value(dish: Dish, name: str) -> Any:
    """What is empty is the same, however it is stored."""
    return getattr(dish, name) or None
