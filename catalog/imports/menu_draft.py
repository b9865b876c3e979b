"""A menu while it is read from a file: every part is checked as it comes, and nothing is written."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from catalog import hours, menu_rules
from catalog.imports import menu_prices
from catalog.imports.hours_text import reading
from catalog.menu_rules import (
    MAX_CHOICES,
    MAX_DESCRIPTION,
    MAX_DISHES,
    MAX_GROUPS,
    MAX_NAME,
    MAX_POSITION,
    MAX_SECTIONS,
    MAX_WORD,
    MAX_WORDS,
    Group,
)
from catalog.models import Dish, Restaurant
from core.errors import Invalid
from core.plain_text import clean

MAX_FAULTS = 1_000  # of a file that is a menu
MAX_FAULTS_LISTED = 50


class TooMuch(Invalid):
    """The file holds more than a menu may hold."""


@dataclass
class Draft:
    """Sections and dishes as `catalog.actions.put_menu` takes them, and what of the file is not among them."""

    restaurant: Restaurant
    sections: list[dict[str, str]] = field(default_factory=list)
    dishes: list[Dish] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  # why a dish, or a section, could not be read, and where
    not_kept: Counter[str] = field(default_factory=Counter)  # what a menu has no place for: its kind → how often
    left_out: Counter[str] = field(default_factory=Counter)  # dishes that are not for sale: why → how many
    notes: list[str] = field(default_factory=list)
    _dish_ids: set[str] = field(default_factory=set)
    _numbers: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def fault_at(self, place: str) -> Iterator[None]:
        """What is refused in here is a fault, at this place of the file; the rest goes on."""
        try:
            yield
        except TooMuch:
            raise
        except Invalid as error:
            self.add_fault(place, error.detail)

    def add_fault(self, place: str, detail: str) -> None:
        if len(self.faults) == MAX_FAULTS:
            raise TooMuch(f"More than {MAX_FAULTS} parts of this file cannot be read; the first: {self.faults[0]}")
        self.faults.append(f"{clean(place, 300)}: {detail.removesuffix('.')}.")

    def check_faults(self) -> None:
        """Raise `Invalid` that tells all faults, up to `MAX_FAULTS_LISTED`."""
        if self.faults:
            raise Invalid("\n".join(listed(self.faults)))

    def add_section(self, *, name: Any, identifier: Any = None, description: Any = None) -> str:
        """Begin a section, or go on with the one that is the same, and return its id; another of that id gets a number."""
        section = {"name": text(name, MAX_NAME, "name")}
        if clean(description, 1):
            section["description"] = text(description, MAX_DESCRIPTION, "description")
        made = slug(identifier, section["name"], "section")
        known = {each["id"]: each for each in self.sections}
        section_id, number = made, 1
        while section_id in known:
            if known[section_id] == {"id": section_id, **section}:
                return section_id
            number += 1
            section_id = f"{made[:50]}-{number}"
        if len(self.sections) == MAX_SECTIONS:
            raise TooMuch(f"A menu has at most {MAX_SECTIONS} sections.")
        self.sections.append({"id": section_id, **section})
        return section_id

    def add_dish(
        self,
        section: str,
        *,
        name: Any,
        price_minor: int,
        identifier: Any = None,
        hint: Any = None,
        description: Any = None,
        position: Any = None,
        allergens: Any = None,
        diets: Any = None,
        served: Any = None,
        sold_out: bool = False,
    ) -> Dish:
        """`identifier` is its own and there once only; an id made from `hint`, or from the name, gets a number if need be."""
        if len(self.dishes) == MAX_DISHES:
            raise TooMuch(f"A menu has at most {MAX_DISHES} dishes; take some out.")
        name = text(name, MAX_NAME, "name")
        dish = Dish.new(
            self.restaurant.id,
            self._dish_id(identifier, hint, name),
            section=section,
            position=len(self.dishes) + 1 if position in (None, "") else whole(position, MAX_POSITION, "position"),
            name=name,
            description=text(description, MAX_DESCRIPTION, "description") if clean(description, 1) else None,
            price_minor=price_minor,
            options=[],
            allergens=words(allergens, "allergens"),
            diets=words(diets, "diets"),
            served=hours_of(served),
            sold_out=sold_out or None,
        )
        self.dishes.append(dish)
        return dish

    def drop(self, dish: Dish) -> None:
        """A part of it is at fault, so that all of it is."""
        self.dishes = [each for each in self.dishes if each is not dish]

    def _dish_id(self, identifier: Any, hint: Any, name: str) -> str:
        made = slug(identifier or hint, name, "dish")
        if identifier and made in self._dish_ids:
            raise Invalid(f"there are two dishes with the id “{made}”; give one of them another")
        dish_id = made
        while dish_id in self._dish_ids:
            self._numbers[made] += 1
            dish_id = f"{made[:50]}-{self._numbers[made] + 1}"
        self._dish_ids.add(dish_id)
        return dish_id

    def price(self, value: Any, currency: Any = None) -> int:
        """A price as number or text, in the currency's minor units; `Invalid` when it is in another currency."""
        return menu_prices.minor(value, str(self.restaurant.currency), stated=currency)


def listed(lines: Sequence[str]) -> list[str]:
    """As many as a person reads, and how many more there are."""
    more = len(lines) - MAX_FAULTS_LISTED
    return [*lines[:MAX_FAULTS_LISTED], *([f"… and {more} more."] if more > 0 else [])]


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


def add_sizes(dish: Dish, sizes: Collection[tuple[str, int]], *, name: str = "Choose one") -> None:
    """One of several prices (names, and minor units) has to be chosen; the dish has the lowest, a choice what it adds."""
    if not all(size for size, _ in sizes):
        raise Invalid("has several prices, and does not say what each is for")
    group = add_group(dish, name=name, low=1, high=1, identifier="offer")
    for size, price in sizes:
        add_choice(dish, group, name=size, price_minor=price - int(dish.price_minor))
    close_group(group)


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
