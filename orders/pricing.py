"""What an order costs. Pure: menus in, whole minor units out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from core import money
from core.messages import say
from orders.errors import QuantityOutOfRange, TipOutOfRange, UnknownDish, WrongOptions

MAX_QUANTITY = 50  # of a dish, over all lines that it is on
MAX_COUNT = 200  # of all dishes of an order together


class PricedDish(Protocol):
    """What pricing needs of a dish; `catalog.models.Dish` has it."""

    id: Any
    name: Any
    price_minor: Any
    options: Any
    allergens: Any


@dataclass(frozen=True)
class Choice:
    """One line as it was chosen: `options` are "<group id>:<choice id>", sorted."""

    dish: str
    quantity: int
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class SoldLine:
    """One line as it is sold: names and prices of this moment, kept with the order."""

    dish: str
    name: str
    quantity: int
    options: tuple[str, ...]
    option_names: tuple[str, ...]
    unit_minor: int
    allergens: tuple[str, ...]

    @property
    def total_minor(self) -> int:
        return self.unit_minor * self.quantity


@dataclass(frozen=True)
class TaxRule:
    """A rate in parts per million, `included` in the prices (Europe) or added to the food (North America)."""

    rate_ppm: int
    included: bool


@dataclass(frozen=True)
class Quote:
    """What is to be paid. With included tax, `tax_minor` is contained in the other amounts, not added."""

    currency: str
    subtotal_minor: int
    delivery_fee_minor: int
    tax_minor: int
    tax_included: bool
    tip_minor: int

    @property
    def before_tip_minor(self) -> int:
        return self.subtotal_minor + self.delivery_fee_minor + (0 if self.tax_included else self.tax_minor)

    @property
    def total_minor(self) -> int:
        return self.before_tip_minor + self.tip_minor

    def with_tip(self, tip_minor: int) -> Self:
        """`TipOutOfRange` for more than the food costs, or for a part of what cannot be paid in parts."""
        if isinstance(tip_minor, bool) or not 0 <= tip_minor <= self.subtotal_minor:
            raise TipOutOfRange
        if tip_minor % money.decimals(self.currency).smallest_minor:
            raise TipOutOfRange(
                say("Amounts in %(currency)s have no decimals. Choose a whole amount.", currency=self.currency)
            )
        return replace(self, tip_minor=tip_minor)


def check_quantity(quantity: int) -> int:
    if isinstance(quantity, bool) or not isinstance(quantity, int) or not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange(
            say("Order 1 to %(most)d of a dish. For more, call the restaurant.", most=MAX_QUANTITY)
        )
    return quantity


def check_quantities(lines: Iterable[tuple[str, str, int]]) -> None:
    """Dish, its name, and how many: the limits count over all lines, with whatever options."""
    totals, names = Counter[str](), {}
    for dish, name, quantity in lines:
        totals[dish] += quantity
        names[dish] = name
    for dish, quantity in totals.items():
        if quantity > MAX_QUANTITY:
            raise QuantityOutOfRange(
                say(
                    "“%(dish)s”: an order has at most %(most)d of a dish, not %(count)d. For more, call the restaurant.",
                    dish=names[dish],
                    count=quantity,
                    most=MAX_QUANTITY,
                )
            )
    if totals.total() > MAX_COUNT:
        raise QuantityOutOfRange(
            say(
                "An order has at most %(most)d dishes in all, not %(count)d. For more, call the restaurant.",
                count=totals.total(),
                most=MAX_COUNT,
            )
        )


def sell(choice: Choice, dishes: Mapping[str, PricedDish]) -> SoldLine:
    """The line at today's prices; raises `UnknownDish`, `WrongOptions`, `QuantityOutOfRange`."""
    check_quantity(choice.quantity)
    dish = dishes.get(choice.dish)
    if dish is None:
        raise UnknownDish(say("A dish in the order is not on this restaurant’s menu. Remove it; the rest is kept."))
    chosen = _chosen(dish, choice.options)
    return SoldLine(
        dish=choice.dish,
        name=dish.name,
        quantity=choice.quantity,
        options=tuple(sorted(choice.options)),
        option_names=tuple(option["name"] for option in chosen),
        unit_minor=int(dish.price_minor) + sum(int(option["price_minor"]) for option in chosen),
        allergens=tuple(dish.allergens or ()),
    )


def quote(
    lines: Sequence[SoldLine], *, currency: str, tax: TaxRule, delivery_fee_minor: int, tip_minor: int = 0
) -> Quote:
    """The sums. Included tax is that of food and delivery; added tax is on the food, delivery and tip are free of it."""
    subtotal = sum(line.total_minor for line in lines)
    if tax.included:
        tax_minor = money.included_share_of(subtotal + delivery_fee_minor, tax.rate_ppm)
    else:
        tax_minor = money.share_of(subtotal, tax.rate_ppm)
    return Quote(currency, subtotal, delivery_fee_minor, tax_minor, tax.included, tip_minor=0).with_tip(tip_minor)


def _chosen(dish: PricedDish, options: tuple[str, ...]) -> list[Mapping[str, Any]]:
    """The choices taken, in the menu's order; `WrongOptions` unless each group got its number and all are the dish's."""
    wanted = set(options)
    if len(wanted) != len(options):
        raise WrongOptions(say("“%(dish)s”: the same choice is there twice.", dish=dish.name))
    chosen: list[Mapping[str, Any]] = []
    for group in dish.options or ():
        taken = [choice for choice in group["choices"] if f"{group['id']}:{choice['id']}" in wanted]
        wanted -= {f"{group['id']}:{choice['id']}" for choice in taken}
        if not group["min"] <= len(taken) <= group["max"]:
            raise WrongOptions(
                say(
                    "“%(dish)s”: choose %(how_many)s of “%(group)s”.",
                    dish=dish.name,
                    how_many=how_many(group),
                    group=group["name"],
                )
            )
        chosen += taken
    if wanted:
        raise WrongOptions(say("“%(dish)s” is not offered with one of these choices. Choose it again.", dish=dish.name))
    return chosen


def how_many(group: Mapping[str, Any]) -> str:
    """How many of an option group are to be chosen, in words."""
    low, high = group["min"], group["max"]
    if low == high:
        return str(low)
    if low:
        return say("%(low)d to %(high)d", low=low, high=high)
    return say("at most %(high)d", high=high)
