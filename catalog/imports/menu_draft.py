"""A menu while it is read from a file: every part is checked as it comes, and nothing is written."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from catalog import hours, menu_rules
from catalog.imports.hours_text import reading
from catalog.menu_rules import (
    MAX_CHOICES,
    MAX_DESCRIPTION,
    MAX_DISHES,
    MAX_GROUPS,
    MAX_NAME,
    MAX_POSITION,
    MAX_PRICE_MINOR,
    MAX_SECTIONS,
    MAX_WORD,
    MAX_WORDS,
    Group,
)
from catalog.models import Dish, Restaurant
from catalog.plain_text import clean
from core import money
from core.errors import Invalid


@dataclass
class Draft:
    """Sections and dishes as `catalog.actions.put_menu` takes them. What is added last is what is added to."""

    restaurant: Restaurant
    sections: list[dict[str, str]] = field(default_factory=list)
    dishes: list[Dish] = field(default_factory=list)
    _dish_ids: set[str] = field(default_factory=set)

    def add_section(self, *, name: Any, identifier: Any = None) -> str:
        """Begin a section, or go on with the one of the same id, and return the id."""
        name = text(name, MAX_NAME, "name")
        section_id = slug(identifier, name, "section")
        if all(section["id"] != section_id for section in self.sections):
            if len(self.sections) == MAX_SECTIONS:
                raise Invalid(f"a menu has at most {MAX_SECTIONS} sections")
            self.sections.append({"id": section_id, "name": name})
        return section_id

    def add_dish(
        self,
        section: str,
        *,
        name: Any,
        price_minor: int,
        identifier: Any = None,
        description: Any = None,
        position: Any = None,
        allergens: Any = None,
        diets: Any = None,
        served: Any = None,
    ) -> Dish:
        if len(self.dishes) == MAX_DISHES:
            raise Invalid(f"a menu has at most {MAX_DISHES} dishes; take some out")
        name = text(name, MAX_NAME, "name")
        dish = Dish.new(
            self.restaurant.id,
            self._dish_id(identifier, name),
            section=section,
            position=len(self.dishes) + 1 if position in (None, "") else whole(position, MAX_POSITION, "position"),
            name=name,
            description=text(description, MAX_DESCRIPTION, "description") if clean(description, 1) else None,
            price_minor=price_minor,
            options=[],
            allergens=words(allergens, "allergens"),
            diets=words(diets, "diets"),
            served=hours_of(served),
        )
        self.dishes.append(dish)
        return dish

    def _dish_id(self, identifier: Any, name: str) -> str:
        """The given id, which is not to be there twice, or one made from the name."""
        dish_id = slug(identifier, name, "dish")
        if identifier and dish_id in self._dish_ids:
            raise Invalid(f"there are two dishes with the id “{dish_id}”; give one of them another")
        made, number = dish_id, 1
        while dish_id in self._dish_ids:
            number += 1
            dish_id = f"{made}-{number}"
        self._dish_ids.add(dish_id)
        return dish_id

    def price(self, value: Any, currency: Any = None) -> int:
        """A price as number or text, in the currency's minor units; `Invalid` when it is in another currency."""
        given, own = clean(currency, 10).upper(), str(self.restaurant.currency)
        if given and given != own:
            raise Invalid(f"the price is in {given}, the restaurant's are in {own}")
        return minor(value, own)


def add_group(dish: Dish, *, name: Any, low: Any, high: Any, identifier: Any = None) -> Group:
    """An option group without choices yet; `high` of None is “as many as there are”."""
    name = text(name, MAX_NAME, "name")
    if len(dish.options) == MAX_GROUPS:
        raise Invalid(f"a dish has at most {MAX_GROUPS} option groups")
    group_id = slug(identifier, name, "group")
    if any(group["id"] == group_id for group in dish.options):
        raise Invalid(f"there are two option groups “{group_id}”")
    low = whole(low, MAX_CHOICES, "minimum") if low not in (None, "") else 0
    high = whole(high, MAX_CHOICES, "maximum") if high not in (None, "") else None
    group: Group = {"id": group_id, "name": name, "min": low, "max": high, "choices": []}
    dish.options.append(group)
    return group


def add_choice(dish: Dish, group: Group, *, name: Any, price_minor: int, identifier: Any = None) -> None:
    name = text(name, MAX_NAME, "name")
    if sum(len(each["choices"]) for each in dish.options) == MAX_CHOICES:
        raise Invalid(f"a dish has at most {MAX_CHOICES} choices in all its option groups")
    choice_id = slug(identifier, name, "choice")
    if any(choice["id"] == choice_id for choice in group["choices"]):
        raise Invalid(f"there are two choices “{choice_id}”")
    group["choices"].append({"id": choice_id, "name": name, "price_minor": price_minor})


def close_group(group: Group) -> None:
    """Check that one can choose what has to be chosen."""
    if group["max"] is None:
        group["max"] = max(len(group["choices"]), 1)
    if not group["choices"]:
        raise Invalid(f"the option group “{group['name']}” has no choices")
    if not menu_rules.can_be_chosen_from(group):
        raise Invalid(f"the option group “{group['name']}” cannot be chosen from: look at its minimum and maximum")


def slug(identifier: Any, name: str, kind: str) -> str:
    """An id for addresses and forms: the given one where it can be one, else made of it, else made of the name."""
    given = clean(identifier, MAX_NAME)
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", given):
        return given
    source = given or name
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode().lower()
    made = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    # A name without Latin letters has an id too, and the same one at the next import.
    return made or f"{kind}-{hashlib.sha256(source.encode()).hexdigest()[:10]}"


def text(value: Any, limit: int, what: str) -> str:
    cleaned = clean(value, limit + 1)
    if not cleaned:
        raise Invalid(f"has no {what}")
    if len(cleaned) > limit:
        raise Invalid(f"has a {what} of more than {limit} characters")
    return cleaned


def words(value: Any, what: str) -> list[str]:
    """Words in a list, or parted by commas, each once."""
    given = [part for each in (value if isinstance(value, list) else [value]) for part in clean(each, 2000).split(",")]
    distinct = list(dict.fromkeys(word for part in given if (word := clean(part, MAX_WORD + 1))))
    if len(distinct) > MAX_WORDS or any(len(word) > MAX_WORD for word in distinct):
        raise Invalid(f"has more than {MAX_WORDS} {what}, or one of more than {MAX_WORD} characters")
    return distinct


def hours_of(value: Any) -> str | None:
    """When a dish is served, in OpenStreetMap's language; the way people write hours is read too."""
    given = clean(value, hours.MAX_CHARACTERS + 1)
    understood = given and (hours.understood(given) or reading.osm_hours(given))
    if understood is None:
        raise Invalid("has hours in which it is served that cannot be read; write them like Mo-Fr 11:30-14:30")
    return understood or None


def whole(value: Any, limit: int, what: str) -> int:
    digits = clean(value, 10)
    if isinstance(value, bool) or not re.fullmatch("[0-9]{1,9}", digits) or int(digits) > limit:
        raise Invalid(f"has a {what} that is not a whole number from 0 to {limit}")
    return int(digits)


def minor(value: Any, currency: str) -> int:
    """An amount such as 12.5, "12,50" or "€ 12.50" in minor units; never rounded, never guessed."""
    given = clean(str(value), 40) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    # “1,250” is twelve hundred to some and one and a quarter to others.
    match = re.fullmatch(r"(?:[A-Z]{3}|[€$£])?\s*([0-9]{1,9})(?:[.,]([0-9]{1,2}))?\s*(?:[A-Z]{3}|[€$£])?", given)
    if not match:
        raise Invalid("has no price that can be read; write it like 12.50, without separators of thousands")
    amount_minor = money.decimals(currency).minor(Decimal(f"{match[1]}.{match[2] or 0}"))
    if amount_minor is None or amount_minor > MAX_PRICE_MINOR:
        raise Invalid(f"has a price that {currency} cannot have: {given}")
    return amount_minor
