"""Ordering the same again: a basket of what an order had, as far as it can be had today, at today's prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Dish, Kitchen
from orders.baskets import Basket, Line
from orders.errors import CannotOrder, SoldOut
from orders.models import Order
from orders.pricing import Choice, sell


@dataclass(frozen=True)
class Again:
    """`missing` and `repriced` are names: what cannot be had, or not like this; what costs something else than it did."""

    basket: Basket
    missing: tuple[str, ...]
    repriced: tuple[str, ...]


def again(order: Order, *, dishes: Sequence[Dish], kitchen: Kitchen, token: str) -> Again:
    """What is only not served at this hour goes in: the checkout offers the times at which it is."""
    menu = {str(dish.id): dish for dish in dishes}
    basket = Basket(order.restaurant, token)
    missing, repriced = [], []
    for line in order.lines:
        choice = Choice(line["dish"], int(line["quantity"]), tuple(line["options"]))
        try:
            sold = sell(choice, menu)
            if choice.dish in kitchen.sold_out:
                raise SoldOut
            basket = basket.add(Line(choice, sold.unit_minor))
        except CannotOrder:
            missing.append(line["name"])
            continue
        if sold.unit_minor != int(line["unit_minor"]):
            repriced.append(line["name"])
    return Again(basket, tuple(missing), tuple(repriced))
