"""What a menu may hold: limits of names, texts, sections, options and prices, the same for whoever writes one.

`catalog.actions.put_menu` holds every menu to them; forms, serializers and importers take the limits from here, to say earlier
and more exactly what is wrong.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from catalog import hours
from catalog.models import Dish
from core.errors import Invalid
from core.messages import say
from core.plain_text import clean

MAX_SECTIONS = 60
MAX_DISHES = 500
MAX_GROUPS = 20  # of options, of one dish
MAX_CHOICES = 100  # of one dish, in all its groups: with the longest names, still less than a record may hold
MAX_NAME = 120
MAX_DESCRIPTION = 1000
MAX_SECTIONS_BYTES = 110_000  # as stored: a profile holds them twice, and a record may have 400 kB
MAX_WORDS = 20  # allergens, and as many diets
MAX_WORD = 40
MAX_POSITION = 100_000
MAX_PRICE_MINOR = 10_000_000
MAX_ID = 60
NOT_IN_ID = frozenset("#:/")  # keys, forms and addresses put ids together with these

Group = dict[str, Any]


def check(sections: Sequence[dict[str, str]], dishes: Sequence[Dish]) -> None:
    """Raise `Invalid` for the first thing that no menu may hold."""
    if len(sections) > MAX_SECTIONS:
        raise Invalid(say("A menu has at most %(most)d sections.", most=MAX_SECTIONS))
    if len(dishes) > MAX_DISHES:
        counts = {"most": MAX_DISHES, "count": len(dishes)}
        raise Invalid(say("A menu has at most %(most)d dishes; this one has %(count)d.", **counts))
    _check_parts("", sections)
    _check_descriptions(sections)
    _check_parts("", [{"id": dish.id, "name": dish.name} for dish in dishes])
    for dish in dishes:
        _check_dish(dish)


def can_be_chosen_from(group: Group) -> bool:
    """Are there as many choices as have to be made, and may one be made at all?"""
    return (
        0 <= group["min"] <= min(group["max"], len(group["choices"])) and group["max"] >= 1 and bool(group["choices"])
    )


def is_text(value: Any, limit: int) -> bool:
    """One line as `clean` leaves it, neither empty nor over the limit."""
    return isinstance(value, str) and bool(value) and clean(value, limit) == value


def _check_parts(within: str, parts: Iterable[dict[str, Any]]) -> None:
    """The ids and names of sections, dishes, groups or choices; `within` names the dish that has them."""
    ids: set[str] = set()
    for part in parts:
        name = (within or str(part["name"]))[:60]
        if not is_text(part["name"], MAX_NAME):
            raise Invalid(
                say("“%(part)s”: a name has 1 to %(most)d characters, on one line.", part=name, most=MAX_NAME)
            )
        if not is_text(part["id"], MAX_ID) or NOT_IN_ID & set(part["id"]) or part["id"] in ids:
            limit = {"part": name, "most": MAX_ID}
            raise Invalid(
                say(
                    "“%(part)s”: an id has 1 to %(most)d characters, not “#”, “:” or “/”, and is there only once.",
                    **limit,
                )
            )
        ids.add(part["id"])


def _check_descriptions(sections: Sequence[dict[str, str]]) -> None:
    for section in sections:
        _check_description(section["name"][:60], section.get("description"))
    if len(json.dumps(list(sections))) > MAX_SECTIONS_BYTES:
        raise Invalid(say("The descriptions of the sections are too long together; shorten some."))


def _check_description(name: str, description: Any) -> None:
    if description and not is_text(description, MAX_DESCRIPTION):
        limit = {"part": name, "most": MAX_DESCRIPTION}
        raise Invalid(say("“%(part)s”: a description has at most %(most)d characters, on one line.", **limit))


def _check_dish(dish: Dish) -> None:
    name = str(dish.name)[:60]
    _check_description(name, dish.description)
    _check_price(name, dish.price_minor)
    for words in (dish.allergens or (), dish.diets or ()):
        if len(words) > MAX_WORDS or not all(is_text(word, MAX_WORD) for word in words):
            limits = {"part": name, "most": MAX_WORDS, "characters": MAX_WORD}
            raise Invalid(
                say(
                    "“%(part)s”: at most %(most)d allergens, and as many diets, of up to %(characters)d characters.",
                    **limits,
                )
            )
    if dish.served and not hours.readable(str(dish.served)):
        raise Invalid(
            say(
                "“%(part)s”: the hours in which it is served cannot be read; write them like Mo-Fr 11:30-14:30.",
                part=name,
            )
        )
    _check_options(name, list(dish.options or ()))


def _check_options(name: str, groups: list[Group]) -> None:
    if len(groups) > MAX_GROUPS or sum(len(group["choices"]) for group in groups) > MAX_CHOICES:
        limits = {"part": name, "groups": MAX_GROUPS, "choices": MAX_CHOICES}
        raise Invalid(
            say(
                "“%(part)s”: a dish has at most %(groups)d option groups, and %(choices)d choices in all of them.",
                **limits,
            )
        )
    _check_parts(name, groups)
    for group in groups:
        _check_parts(name, group["choices"])
        for choice in group["choices"]:
            _check_price(name, choice["price_minor"])
        if not can_be_chosen_from(group):
            names = {"part": name, "group": group["name"]}
            raise Invalid(
                say(
                    "“%(part)s”: nothing can be chosen from “%(group)s”; check its choices, minimum and maximum.",
                    **names,
                )
            )


def _check_price(name: str, price_minor: Any) -> None:
    if isinstance(price_minor, bool) or int(price_minor) != price_minor or not 0 <= price_minor <= MAX_PRICE_MINOR:
        limit = {"part": name, "most": MAX_PRICE_MINOR}
        raise Invalid(say("“%(part)s”: a price is from 0 to %(most)d, in the currency’s smallest unit.", **limit))
