"""What schema.org's offers say of a dish: its prices and sizes, whether it can be had, and when."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.imports.linked_data import Node, as_list, last_part, plain, text
from catalog.imports.menu_draft import Draft
from core.errors import Invalid

SOLD_OUT = {"OutOfStock", "Discontinued", "SoldOut", "InStoreOnly"}  # the last: not from here
OFFER = {
    "@id", "@type", "@context", "name", "price", "priceCurrency", "priceSpecification", "availability", "eligibleQuantity",
    "itemOffered", "offers", "lowPrice", "highPrice", "offerCount",
}  # fmt: skip
"""What is understood of an offer; the rest is counted."""

Parts = Callable[[Node, str], list[Node]]


@dataclass(frozen=True)
class Offered:
    name: str  # of the size; may be empty
    price_minor: int
    is_sold_out: bool


def offers_of(item: Node, parts: Parts, draft: Draft) -> list[Offered]:
    """The offers of a dish, one for each price; those within an AggregateOffer count as its own. Raises `Invalid`."""
    return [
        offered
        for outer in parts(item, "offers")
        for offer in (parts(outer, "offers") or [outer])
        for offered in _of_one(offer, outer, text(item, "name"), parts, draft)
    ]


def _of_one(offer: Node, outer: Node, dish: str, parts: Parts, draft: Draft) -> list[Offered]:
    for name, value in offer.items():
        if name not in OFFER and value not in (None, "", [], {}):
            draft.not_kept[f"{name} of an offer"[:60]] += 1
    size = _size(offer, parts, dish)
    is_sold_out = last_part(offer.get("availability") or outer.get("availability")) in SOLD_OUT
    given = [offer] if "price" in offer else [each for each in parts(offer, "priceSpecification") if "price" in each]
    if not given:
        return [Offered(size, _of_range(offer, draft), is_sold_out)]
    prices = []
    for each in given:
        currency = next((node["priceCurrency"] for node in (each, offer, outer) if node.get("priceCurrency")), None)
        own = _size(each, parts, dish) if each is not offer else ""
        prices.append(Offered(own or size, draft.price(plain(each["price"]), plain(currency)), is_sold_out))
    return prices


def _of_range(offer: Node, draft: Draft) -> int:
    """One price where the lowest and the highest are the same."""
    currency = plain(offer.get("priceCurrency"))
    ends = [plain(offer[name]) for name in ("lowPrice", "highPrice") if offer.get(name) is not None]
    if not ends:
        raise Invalid("has an offer without a price")
    prices = {draft.price(end, currency) for end in ends}
    if len(ends) < 2 or len(prices) > 1:
        raise Invalid(
            "has prices from the lowest to the highest, and does not say what each is for; give it an offer for each"
        )
    return prices.pop()


def _size(offer: Node, parts: Parts, dish: str) -> str:
    """What an offer is for: Cup, 0.5 l; nothing when that is the dish itself."""
    if name := text(offer, "name"):
        return "" if name == dish else name
    for quantity in parts(offer, "eligibleQuantity"):
        unit = text(quantity, "unitText") or text(quantity, "unitCode")
        amount = plain(quantity.get("value"))
        counted = (
            f"{amount} {unit}".strip()
            if isinstance(amount, str | int | float) and not isinstance(amount, bool)
            else unit
        )
        if name := text(quantity, "name") or counted:
            return name
    names = (text(each, "name") for each in parts(offer, "itemOffered"))
    return next((name for name in names if name and name != dish), "")


def served(node: Node, stated: Any, draft: Draft) -> str | None:
    """When what is in a menu or section is served: our own property, opening hours, or the times of its offers."""
    opening = [each for each in as_list(node.get("openingHours")) if isinstance(each, str)]
    if stated or opening:
        return stated or "; ".join(opening)
    for offer in as_list(node.get("offers")):
        if isinstance(offer, dict):
            begin, end = (_time(plain(offer.get(name))) for name in ("availabilityStarts", "availabilityEnds"))
            if begin and end and begin != end:
                return f"{begin}-{end}"
            draft.not_kept["offer of a section"] += 1
    return None


def _time(value: Any) -> str:
    """T11:30:00 and 11:30 → 11:30; a date is no time of each day."""
    match = re.fullmatch(r"T?([0-9]{1,2}:[0-9]{2})(:[0-9]{2})?", value) if isinstance(value, str) else None
    return match[1].rjust(5, "0") if match else ""
