"""What a restaurant's page shows of its menu.

There may be 500 dishes. The markup of a section is made once for as long as the menu is remembered, and made anew where a dish is
sold out or not served at this hour; it has marks where what a reader hides is filled in. A row is a dictionary with all its
members, which templates read fastest, and its texts are escaped.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from html import escape  # what Django’s does, without looking for texts that are translated late
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from catalog import food_words, hours
from catalog.dish_facts import facts
from catalog.dish_filter import DishFilter
from catalog.menu_cache import made_of
from catalog.models import Dish, Kitchen, Restaurant
from core import formats
from regions import topology

Row = dict[str, Any]

HIDDEN, QUERY = mark_safe("<hidden>"), mark_safe("<query>")
"""The marks. Texts are escaped, and hold none."""

TEXTS = ("contains", "for", "name", "description", "diets_shown", "contains_shown", "served_shown", "price", "id")
SHAPE = ("description", "has_facts", "diets_shown", "served_shown", "has_options", "is_sold_out", "is_later")
"""What decides how a row looks, whatever its texts are."""


@dataclass(frozen=True)
class Section:
    id: str
    name: str
    description: str
    rows: list[Row]
    marked: str
    html: SafeString

    @property
    def is_hidden(self) -> bool:
        return all(row["is_hidden"] for row in self.rows)

    def showing(self, wanted: DishFilter) -> "Section":
        rows = [row | {"is_hidden": True} if wanted.hides(row["allergens"], row["suits"]) else row for row in self.rows]
        return replace(self, rows=rows, html=_filled_in(self.marked, rows, wanted.query))


@dataclass(frozen=True)
class MenuPage:
    """A menu at a moment, in the reader's language, with what the reader wants to see of it."""

    restaurant: Restaurant
    kitchen: Kitchen
    at: datetime
    wanted: DishFilter

    @cached_property
    def sections(self) -> list[Section]:
        """Those that have dishes, in the order of the menu."""
        made = made_of(self.restaurant.id, ("sections", get_language(), _is_sold_here(self.restaurant)), _sections)
        return [self._section(section) for section in made]

    def _section(self, made: Section) -> Section:
        rows = [self._now(row) for row in made.rows]
        if any(now is not before for now, before in zip(rows, made.rows, strict=True)):
            made = _rendered(made.id, made.name, made.description, rows, self.restaurant)
        return made.showing(self.wanted) if self.wanted else made

    def _now(self, row: Row) -> Row:
        is_sold_out = self.kitchen.is_sold_out(row["dish"])
        is_later = bool(row["served"]) and not hours.is_served(row["served"], self.restaurant.place, self.at)
        return row | {"is_sold_out": is_sold_out, "is_later": is_later} if is_sold_out or is_later else row

    @cached_property
    def hidden_count(self) -> int:
        return sum(row["is_hidden"] for section in self.sections for row in section.rows)

    @property
    def hidden_said(self) -> str:
        return _hidden(self.hidden_count) % {"n": self.hidden_count} if self.hidden_count else ""

    @property
    def hidden_texts(self) -> tuple[str, str]:
        """The sentence for one and for more, with a place for the number, for a script."""
        return _hidden(1), _hidden(2)

    @property
    def allergens(self) -> list[tuple[str, str, bool]]:
        """What can be hidden: the word, how it is shown, and whether it is."""
        present = _all_of(row["allergens"] for section in self.sections for row in section.rows)
        return _boxes({*present, *self.wanted.without}, self.wanted.without)

    @property
    def diets(self) -> list[tuple[str, str, bool]]:
        present = _all_of(row["suits"] for section in self.sections for row in section.rows)
        return _boxes({*present, *self.wanted.diets}, self.wanted.diets)


def _hidden(count: int) -> str:
    return ngettext("%(n)s dish is hidden.", "%(n)s dishes are hidden.", count)


def _sections(restaurant: Restaurant, dishes: list[Dish]) -> list[Section]:
    known = {str(section["id"]): section for section in restaurant.sections}
    rows: dict[str, list[Row]] = {section: [] for section in known}
    others: list[Row] = []
    for dish in dishes:
        rows.get(str(dish.section), others).append(_row(dish, str(restaurant.currency)))
    named = [(key, known[key]["name"], known[key].get("description", ""), rows[key]) for key in known if rows[key]]
    sections = [*named, *([("others", _("More"), "", others)] if others else [])]
    return [_rendered(*section, restaurant) for section in sections]


def _rendered(section_id: str, name: str, description: str, rows: list[Row], restaurant: Restaurant) -> Section:
    """With nothing hidden."""
    context = {
        "id": section_id,
        "name": name,
        "description": description,
        "markup": mark_safe("".join(_markup(row, _is_sold_here(restaurant)) for row in rows)),  # noqa: S308
        "hidden": HIDDEN,
    }
    marked = render_to_string("catalog/_section.html", context)
    return Section(section_id, name, description, rows, marked, _filled_in(marked, rows, query=""))


def _markup(row: Row, is_sold_here: bool) -> str:
    shape = tuple(bool(row[name]) for name in SHAPE)
    parts = _pattern(shape, is_sold_here, str(get_language()))
    return "".join(row[part] if place % 2 else part for place, part in enumerate(parts))


@lru_cache(maxsize=1024)
def _pattern(shape: tuple[bool, ...], is_sold_here: bool, language: str) -> list[str]:
    """The markup of rows of a shape: at odd places it is the name of the text that belongs there. A menu has a few shapes."""
    said = dict(zip(SHAPE, shape, strict=True))
    marks = {name: mark_safe(f"<{name}>") if said.get(name, True) else "" for name in TEXTS}  # noqa: S308
    context = {"row": said | marks, "is_sold_here": is_sold_here, "hidden": HIDDEN, "query": QUERY}
    return re.split(f"<({'|'.join(TEXTS)})>", render_to_string("catalog/_dish_row.html", context))


def _filled_in(marked: str, rows: list[Row], query: str) -> SafeString:
    """A mark is in the section, and one in each row; that of the query wherever a link or a form leads on."""
    hidden = [row["is_hidden"] for row in rows]
    first, *parts = marked.replace(QUERY, escape(query)).split(HIDDEN)
    marks = zip((all(hidden), *hidden), parts, strict=True)
    return mark_safe(first + "".join(f" hidden{part}" if is_hidden else part for is_hidden, part in marks))  # noqa: S308


def _is_sold_here(restaurant: Restaurant) -> bool:
    return restaurant.jurisdiction == topology.current().jurisdiction


def _row(dish: Dish, currency: str) -> Row:
    allergens, suits = list(dish.allergens or ()), food_words.suits(list(dish.diets or ()))
    return {
        "id": escape(dish.id),
        "name": escape(dish.name),
        "description": escape(dish.description or ""),
        "dish": dish,
        "price": escape(formats.price(int(dish.price_minor), currency)),
        "has_options": bool(dish.options),
        "served": dish.served or "",
        "allergens": allergens,
        "suits": suits,
        "contains": escape(",".join(allergens)),
        "for": escape(",".join(suits)),
        "is_sold_out": False,
        "is_later": False,  # it is not served at this hour
        "is_hidden": False,
        "has_facts": bool(dish.diets or allergens or dish.served),
        **{name: escape(text) for name, text in facts(dish).items()},
    }


def _all_of(lists: Iterable[list[str]]) -> set[str]:
    return {word for words in lists for word in words}


def _boxes(words: set[str], chosen: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    boxes = [(word, food_words.shown(word), word in chosen) for word in words]
    return sorted(boxes, key=lambda box: box[1])
