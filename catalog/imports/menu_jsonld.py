"""Menus as JSON-LD in the words of https://schema.org/Menu.

Read: a single object, a list or an `@graph` whose parts may refer to each other by `@id`; a Menu, or a Restaurant that
has one; several offers of a dish with different prices become an option group. What schema.org has no word for (how many
of a group to choose, allergens, when a dish is served) is an `additionalProperty`.
"""

import json
from collections.abc import Iterator
from typing import Any

from catalog.imports import json_text
from catalog.imports.menu_draft import Draft, add_choice, add_group, close_group
from catalog.menu_node import diet_of, menu_node
from catalog.menu_rules import Group
from catalog.models import Dish, Restaurant
from catalog.plain_text import clean
from core.errors import Invalid

MAX_DEPTH = 5  # of sections within sections
MAX_PARTS = 20_000  # of a menu, counted as often as they are referred to

Node = dict[str, Any]


def written(restaurant: Restaurant, dishes: list[Dish]) -> str:
    document = {"@context": "https://schema.org", **menu_node(restaurant, dishes)}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read(content: str, draft: Draft) -> None:
    """Add the menus of a document to a draft; `Invalid` names the part."""
    document = json_text.parse(content.removeprefix("\ufeff"))
    reader = _Reader(draft, document)
    menus = reader.menus(document)
    if not menus:
        raise Invalid("There is no schema.org Menu in this JSON; export it as JSON-LD, or use CSV.")
    for menu in menus:
        reader.section(menu, "Menu", depth=0)


class _Reader:
    def __init__(self, draft: Draft, document: Any) -> None:
        self.draft = draft
        self.parts = 0
        self.by_id = {
            node["@id"]: node for node in _top(document) if isinstance(node.get("@id"), str) and len(node) > 1
        }

    def menus(self, document: Any) -> list[Node]:
        """Each menu once, whether it stands by itself or is some restaurant's."""
        menus: dict[int, Node] = {}
        for node in _top(document):
            for menu in [node] if _is_a(node, "Menu") else self._parts(node, "hasMenu"):
                menus[id(menu)] = menu
        return list(menus.values())

    def section(self, node: Node, place: str, *, depth: int) -> None:
        """A section with its dishes; a menu is one too, when dishes hang from it directly."""
        if depth > MAX_DEPTH:
            raise Invalid(f"{place}: sections are nested more than {MAX_DEPTH} deep, or in a circle.")
        items = self._parts(node, "hasMenuItem")
        if depth or items:
            with _Place(place):
                section = self.draft.add_section(name=_text(node, "name") or place, identifier=_identifier(node))
            for number, item in enumerate(items, 1):
                with _Place(f"{place} › item {number} “{_text(item, 'name')[:60]}”"):
                    self._dish(item, section)
        for number, part in enumerate(self._parts(node, "hasMenuSection"), 1):
            self.section(part, f"{place} › section {number} “{_text(part, 'name')[:60]}”", depth=depth + 1)

    def _dish(self, item: Node, section: str) -> None:
        prices = self._prices(item)
        if not prices:
            raise Invalid("has no price: an offer with a price is missing")
        lowest = min(price for _, price in prices)
        dish = self.draft.add_dish(
            section,
            name=_text(item, "name"),
            price_minor=lowest,
            identifier=_identifier(item),
            description=_text(item, "description"),
            position=item.get("position"),
            allergens=self._property(item, "allergens"),
            diets=[diet_of(diet) for diet in _list(item.get("suitableForDiet"))],
            served=self._property(item, "served"),
        )
        if len({price for _, price in prices}) > 1:
            group = add_group(dish, name="Choose one", low=1, high=1, identifier="offer")
            for number, (name, price) in enumerate(prices, 1):
                shown_name = name or f"No. {number}"
                add_choice(dish, group, name=shown_name, price_minor=price - lowest)
            close_group(group)
        self._add_ons(item, dish)

    def _add_ons(self, item: Node, dish: Dish) -> None:
        """A section under `menuAddOn` is an option group; single dishes there are a group together."""
        parts = self._parts(item, "menuAddOn")
        single = [part for part in parts if "hasMenuItem" not in part]
        for part in parts:
            if "hasMenuItem" in part:
                low, high = self._property(part, "minimum"), self._property(part, "maximum")
                group = add_group(dish, name=_text(part, "name"), low=low, high=high, identifier=_identifier(part))
                self._choices(dish, group, self._parts(part, "hasMenuItem"))
        if single:
            self._choices(dish, add_group(dish, name="Add-ons", low=0, high=None, identifier="add-ons"), single)

    def _choices(self, dish: Dish, group: Group, parts: list[Node]) -> None:
        for part in parts:
            prices = self._prices(part) or [("", 0)]
            if len({price for _, price in prices}) > 1:
                raise Invalid(f"the choice “{_text(part, 'name')[:60]}” has several prices; make it several choices")
            add_choice(dish, group, name=_text(part, "name"), price_minor=prices[0][1], identifier=_identifier(part))
        close_group(group)

    def _prices(self, item: Node) -> list[tuple[str, int]]:
        """The offers' names and prices."""
        prices = []
        for offer in self._parts(item, "offers"):
            given = next((each for each in (offer, *self._parts(offer, "priceSpecification")) if "price" in each), None)
            if given is None:
                raise Invalid("has an offer without a price")
            currency = given.get("priceCurrency") or offer.get("priceCurrency")
            prices.append((_text(offer, "name"), self.draft.price(given["price"], currency)))
        return prices

    def _property(self, node: Node, name: str) -> Any:
        values = (each.get("value") for each in self._parts(node, "additionalProperty") if _text(each, "name") == name)
        return next(values, None)

    def _parts(self, node: Node, name: str) -> list[Node]:
        """The objects under a name, each looked up by its `@id` when it is a reference only."""
        parts = []
        for value in _list(node.get(name)):
            part = {"@id": value} if isinstance(value, str) else value
            if isinstance(part, dict) and set(part) == {"@id"}:
                part = self.by_id.get(str(part["@id"]))
                if part is None and name.startswith(("hasMenu", "menuAddOn", "offers")):
                    raise Invalid(
                        f"{name} refers to “{clean(value if isinstance(value, str) else value['@id'], 80)}”, "
                        "which is not in the file"
                    )
            if isinstance(part, dict):
                parts.append(part)
        self.parts += len(parts)
        if self.parts > MAX_PARTS:
            raise Invalid(f"the menu has more than {MAX_PARTS} parts; references count each time")
        return parts


class _Place:
    """Says in which part of the file something was refused."""

    def __init__(self, place: str) -> None:
        self.place = clean(place, 300)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Invalid):
            raise Invalid(f"{self.place}: {error.detail}.") from error


def _top(document: Any) -> Iterator[Node]:
    """The objects that a document consists of."""
    for node in _list(document):
        if isinstance(node, dict):
            yield node
            yield from (part for part in _list(node.get("@graph")) if isinstance(part, dict))


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _is_a(node: Node, kind: str) -> bool:
    return any(str(each).rpartition("/")[2].rpartition(":")[2] == kind for each in _list(node.get("@type")))


def _text(node: Node, name: str) -> str:
    """A text, given as it is, as one of several, or with its language; bounded where it is used."""
    value = next(iter(_list(node.get(name))), None)
    if isinstance(value, dict):
        value = value.get("@value")
    return clean(value, 20_000)


def _identifier(node: Node) -> str:
    """Its own identifier, or the last part of its `@id`."""
    return _text(node, "identifier") or _text(node, "@id").rstrip("/#").rpartition("/")[2].rpartition("#")[2]
