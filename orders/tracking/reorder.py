"""Ordering the same again: a basket of what an order had, as far as it can be had today, at today's prices."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.models import Dish, Kitchen, Restaurant
from core import clock
from orders.baskets import Basket, Line
from orders.errors import CannotOrder
from orders.models import Order
from orders.pricing import Choice
from orders.review import check_can_be_had


@dataclass(frozen=True)
class Reorder:
    """`missing` and `repriced` are names: what cannot be had, or not like this; what costs something else than it did."""

    basket: Basket
    missing: tuple[str, ...]
    repriced: tuple[str, ...]


def reorder(order: Order, *, restaurant: Restaurant, dishes: Sequence[Dish], kitchen: Kitchen) -> Reorder:
    """What is only not served at this hour goes in: the checkout offers the times at which it is."""
    menu = {str(dish.id): dish for dish in dishes}
    basket = Basket.new(order.restaurant)
    missing, repriced = [], []
    for sold in order.lines:
        choice = Choice(sold["dish"], int(sold["quantity"]), tuple(sold["options"]))
        try:
            line = Line.of(choice, menu)
            check_can_be_had(menu[choice.dish], restaurant, kitchen, now=clock.now())
            basket = basket.add(line)
        except CannotOrder:
            missing.append(sold["name"])
            continue
        if line.seen_minor != int(sold["unit_minor"]):
            repriced.append(sold["name"])
    return Reorder(basket, tuple(missing), tuple(repriced))
