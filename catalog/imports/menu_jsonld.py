"""Menus as JSON-LD in the words of https://schema.org/Menu, in a file or in a page.

Read: menus wherever they are in it, whose parts may refer to each other by `@id`. Sections within sections become sections
with both names, and so do those of several menus. Several offers of a dish with different prices become an option group. What
schema.org has no word for (how many of a group to choose, allergens, when a dish is served) is an `additionalProperty`.
"""

import json
from contextlib import nullcontext
from typing import Any

from catalog.imports import json_text, menu_offers
from catalog.imports.linked_data import Graph, Node, as_list, identifier_of, is_a, key_of, plain, scripts_in, text
from catalog.imports.menu_draft import Draft, TooMuch, add_choice, add_group, add_sizes, close_group
from catalog.menu_node import diet_of, menu_node
from catalog.menu_rules import MAX_NAME, Group
from catalog.models import Dish, Restaurant
from core.errors import Invalid
from core.plain_text import clean

MAX_DEPTH = 5  # of sections within sections
MAX_PARTS = 20_000  # of a menu, counted as often as they are referred to

_EVERYWHERE = {"@id", "@type", "@context", "identifier", "name", "description", "additionalProperty", "offers"}
ITEM = _EVERYWHERE | {"position", "suitableForDiet", "menuAddOn"}
SECTION = _EVERYWHERE | {
    "position", "hasMenuItem", "hasMenuSection", "itemListElement", "numberOfItems", "itemListOrder", "openingHours",
}  # fmt: skip
"""What is kept of a part; the rest is counted."""
REQUIRED = {"hasMenuItem", "hasMenuSection", "itemListElement", "menuAddOn", "offers"}
"""What has to be in the file when it is referred to."""


def written(restaurant: Restaurant, dishes: list[Dish]) -> str:
    document = {"@context": "https://schema.org", **menu_node(restaurant, dishes)}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read(content: str, draft: Draft) -> None:
    """Add the menus of a document to a draft."""
    _Reader(draft, Graph(json_text.parse(content))).read()


def read_page(content: str, draft: Draft) -> None:
    """Add the menus of an HTML page to a draft: of all its scripts together, as they may refer to each other."""
    documents, errors = [], []
    for number, script in enumerate(scripts_in(content), 1):
        try:
            documents.append(json_text.parse(script))
        except Invalid as error:
            errors.append(f"Data {number} of this page was left out. {error.detail}")
    if not documents:
        raise Invalid(" ".join(["There is no menu as JSON-LD in this page; use CSV.", *errors[:3]]))
    draft.notes += errors
    _Reader(draft, Graph(documents)).read()


class _Reader:
    def __init__(self, draft: Draft, graph: Graph) -> None:
        self.draft = draft
        self.graph = graph
        self.parts = 0
        self.dishes: set[tuple[str, str] | int] = set()  # each counts once under its identifier
        self.sections: set[tuple[str, str] | int] = set()

    def read(self) -> None:
        menus, addresses = self._menus()
        if not menus and addresses:
            raise Invalid(f"The menu is not in this file, but at {addresses[0]}; fetch that page and import it.")
        if not menus:
            raise Invalid("There is no schema.org Menu in this JSON; export it as JSON-LD, or use CSV.")
        self.draft.notes += [f"A menu at {address} is not in this file." for address in addresses]
        for number, menu in enumerate(menus, 1):
            if key_of(menu) not in self.sections:  # it was not part of another one
                path = [text(menu, "name") or f"Menu {number}"] if len(menus) > 1 else []
                self._section(menu, "Menu" if len(menus) == 1 else f"Menu {number}", path, None, "", depth=0)

    def _menus(self) -> tuple[list[Node], list[str]]:
        """Each menu once, and the addresses of those that are elsewhere. Without any, what looks like one."""
        menus: dict[tuple[str, str] | int, Node] = {}
        addresses: dict[str, None] = {}
        for node in self.graph.nodes:
            for value in [
                *([node] if is_a(node, "Menu") else []),
                *as_list(node.get("hasMenu")),
                *as_list(node.get("menu")),
            ]:
                menu = self.graph.part(value)
                if menu is not None:
                    menus[key_of(menu)] = menu
                elif address := clean(value.get("@id") if isinstance(value, dict) else value, 200):
                    addresses[address] = None
        if not menus and not addresses:
            menus = {
                id(node): node for node in self.graph.nodes if is_a(node, "MenuSection") or self._lists_dishes(node)
            }
        return list(menus.values()), list(addresses)

    def _lists_dishes(self, node: Node) -> bool:
        return is_a(node, "ItemList") and any(
            is_a(part, "MenuItem", "MenuSection") for part in self._listed(node.get("itemListElement"))
        )

    def _section(self, node: Node, place: str, path: list[str], served: str | None, about: str, *, depth: int) -> None:
        """A section with its dishes; a menu is one too, when dishes hang from it directly.

        `path`: the names of the sections around it; `served`, `about`: what they say of all that is in them.
        """
        if depth > MAX_DEPTH:
            raise TooMuch(f"{place}: sections are nested more than {MAX_DEPTH} deep, or in a circle.")
        is_menu = not depth and not is_a(node, "MenuSection")
        self.sections.add(key_of(node))
        self._count(node, SECTION)
        with self.draft.fault_at(f"{place}, with all that is in it"):
            served = menu_offers.served(node, self._property(node, "served"), self.draft) or served
            about = " ".join(filter(None, (about, text(node, "description"))))
            listed = self._parts(node, "itemListElement", place)
            items = self._parts(node, "hasMenuItem", place) + [each for each in listed if not is_a(each, "MenuSection")]
            sections = self._parts(node, "hasMenuSection", place) + [
                each for each in listed if is_a(each, "MenuSection")
            ]
            if items or (depth and not sections):
                name = _joined(path) or text(node, "name") or "Menu"
                section = self.draft.add_section(name=name, identifier=identifier_of(node), description=about)
                about = "" if is_menu else about
            for number, item in enumerate(items, 1):
                with self.draft.fault_at(f"{place} › item {number} “{text(item, 'name')[:60]}”"):
                    self._dish(item, section, served)
            for number, part in enumerate(sections, 1):
                name = text(part, "name")
                below = f"{place} › section {number} “{name[:60]}”"
                self._section(part, below, [*path, *([name] if name else [])], served, about, depth=depth + 1)
                about = "" if is_menu else about  # what is said of a menu stands once, at its beginning

    def _dish(self, item: Node, section: str, served: str | None) -> None:
        self._count(item, ITEM)
        offers, is_sold_out = self._prices(item)
        if not offers:
            raise Invalid("has no price: an offer with a price is missing")
        lowest = min(price for _, price in offers)
        is_again = key_of(item) in self.dishes
        self.dishes.add(key_of(item))
        dish = self.draft.add_dish(
            section,
            name=text(item, "name"),
            price_minor=lowest,
            identifier=None if is_again else text(item, "identifier"),
            hint=identifier_of(item),
            description=text(item, "description"),
            position=None if is_again else plain(item.get("position")),
            allergens=self._property(item, "allergens"),
            diets=[diet_of(diet) for diet in as_list(item.get("suitableForDiet"))],
            served=self._property(item, "served") or served,
            sold_out=is_sold_out,
        )
        try:
            if len({price for _, price in offers}) > 1:
                add_sizes(dish, offers)
            elif more := len({name for name, _ in offers}) - 1:
                self.draft.not_kept["offer of the same price"] += more
            self._add_ons(item, dish)
        except Invalid:
            self.draft.drop(dish)
            raise

    def _add_ons(self, item: Node, dish: Dish) -> None:
        """A section under `menuAddOn` is an option group; single dishes there are a group together."""
        parts = self._parts(item, "menuAddOn")
        single = [part for part in parts if "hasMenuItem" not in part]
        for part in parts:
            if "hasMenuItem" in part:
                self._count(part, SECTION - {"hasMenuSection", "offers"})
                low, high = self._property(part, "minimum"), self._property(part, "maximum")
                group = add_group(dish, name=text(part, "name"), low=low, high=high, identifier=identifier_of(part))
                self._choices(dish, group, self._parts(part, "hasMenuItem"))
        if single:
            self._choices(dish, add_group(dish, name="Add-ons", low=0, high=None, identifier="add-ons"), single)

    def _choices(self, dish: Dish, group: Group, parts: list[Node]) -> None:
        for part in parts:
            self._count(part, ITEM - {"menuAddOn", "suitableForDiet"})
            prices, is_sold_out = self._prices(part)
            if len({price for _, price in prices}) > 1:
                raise Invalid(f"the choice “{text(part, 'name')[:60]}” has several prices; make it several choices")
            if is_sold_out:
                self.draft.not_kept["choice that is sold out"] += 1
                continue
            price = prices[0][1] if prices else 0
            add_choice(dish, group, name=text(part, "name"), price_minor=price, identifier=identifier_of(part))
        close_group(group)

    def _prices(self, item: Node) -> tuple[list[tuple[str, int]], bool]:
        """Names and prices of the offers, and whether nothing of it can be had; what is sold out is no size of the rest."""
        offers = menu_offers.offers_of(item, self._parts, self.draft)
        present = [offer for offer in offers if not offer.is_sold_out]
        if present and len(present) < len(offers):
            self.draft.not_kept["size that is sold out"] += len(offers) - len(present)
        return [(offer.name, offer.price_minor) for offer in present or offers], bool(offers) and not present

    def _property(self, node: Node, name: str) -> Any:
        values = (each.get("value") for each in self._parts(node, "additionalProperty") if text(each, "name") == name)
        return next(values, None)

    def _count(self, node: Node, kept: set[str]) -> None:
        """Note what of this part is not kept."""
        for name, value in node.items():
            if name not in kept and value not in (None, "", [], {}):
                self.draft.not_kept[clean(name, 60)] += 1
        for each in as_list(node.get("additionalProperty")):
            name = text(each, "name") if isinstance(each, dict) else ""
            if name and name not in ("allergens", "served", "minimum", "maximum"):
                self.draft.not_kept[f"property “{name[:40]}”"] += 1

    def _parts(self, node: Node, name: str, place: str = "") -> list[Node]:
        """The objects under a name, each looked up by its `@id` when it is a reference only, and taken out of lists.

        What is not in the file is a fault of its own at a place that is given, and else of the part that refers to it.
        """
        parts = []
        for value in self._listed(node.get(name)):
            with self.draft.fault_at(place) if place else nullcontext():
                part = self.graph.part(value)
                if part is not None:
                    parts.append(part)
                elif name in REQUIRED and (
                    reference := clean(value.get("@id") if isinstance(value, dict) else value, 80)
                ):
                    raise Invalid(f"{name} refers to “{reference}”, which is not in the file")
        self.parts += len(parts)
        if self.parts > MAX_PARTS:
            raise TooMuch(f"The menu has more than {MAX_PARTS} parts; references count each time.")
        return parts

    def _listed(self, values: Any) -> list[Any]:
        """What an `ItemList` lists stands for the list."""
        flat, rest = [], as_list(values)[::-1]
        while rest:
            value = rest.pop()
            if isinstance(value, dict) and is_a(value, "ItemList", "ListItem") and not is_a(value, "MenuSection"):
                rest += as_list(value.get("itemListElement" if is_a(value, "ItemList") else "item"))[::-1]
            else:
                flat.append(value)
        return flat


def _joined(path: list[str]) -> str:
    """“Bowls – Fish”; the outer names give way when it becomes too long."""
    while len(path) > 1 and len(" – ".join(path)) > MAX_NAME:
        path = path[1:]
    return " – ".join(path)
