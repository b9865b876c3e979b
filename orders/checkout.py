"""Looking over a basket before it becomes an order: what it costs now, what stands in the way, what has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from catalog import hours
from catalog.models import Dish, Kitchen, Restaurant
from orders import pricing
from orders.basket import MAX_LINES
from orders.errors import (
    BelowMinimum,
    CannotOrder,
    EmptyBasket,
    KitchenPaused,
    NotOffered,
    NotServedThen,
    OutsideDeliveryArea,
    RestaurantClosed,
    SoldOut,
    TooManyLines,
)
from orders.pricing import Choice, Quote, SoldLine, TaxRule
from orders.status import Kind


@dataclass(frozen=True)
class Wish:
    """What a customer wants of a restaurant. `cell` is where a delivery goes."""

    restaurant: str
    choices: tuple[Choice, ...]
    kind: Kind
    cell: str | None = None
    tip_minor: int = 0


@dataclass(frozen=True)
class Review:
    """The wish at this moment. It can be ordered when there are no `obstacles`.

    `lines` are those that can be sold; `unsellable` says of the others, by choice, why not.
    """

    quote: Quote
    lines: tuple[SoldLine, ...]
    unsellable: dict[Choice, CannotOrder]
    obstacles: tuple[CannotOrder, ...] = field(default=())


def review(wish: Wish, *, restaurant: Restaurant, dishes: Sequence[Dish], kitchen: Kitchen, at: datetime) -> Review:
    """Check prices, options, stock, hours, delivery area and minimum, all of them, so that a person sees all at once.

    `at` is the moment that the food is wanted for.
    """
    lines, unsellable = _sell(wish, restaurant, dishes, kitchen, at)
    fee = int(restaurant.delivery_fee_minor) if wish.kind == Kind.DELIVERY else 0
    tax = TaxRule(int(restaurant.tax_ppm), bool(restaurant.tax_included))
    quote = pricing.quote(
        lines, currency=restaurant.currency, tax=tax, delivery_fee_minor=fee, tip_minor=wish.tip_minor
    )
    obstacles = [
        *unsellable.values(),
        *_of_size(wish),
        *_of_restaurant(restaurant, kitchen, at),
        *_of_delivery(wish, restaurant, quote),
    ]
    return Review(quote, tuple(lines), unsellable, tuple(obstacles))


def _sell(
    wish: Wish, restaurant: Restaurant, dishes: Sequence[Dish], kitchen: Kitchen, at: datetime
) -> tuple[list[SoldLine], dict[Choice, CannotOrder]]:
    menu = {str(dish.id): dish for dish in dishes}
    lines: list[SoldLine] = []
    unsellable: dict[Choice, CannotOrder] = {}
    for choice in wish.choices:
        try:
            line = pricing.sell(choice, menu)
            check_makeable(menu[choice.dish], restaurant, kitchen, at)
        except CannotOrder as error:
            unsellable[choice] = error
        else:
            lines.append(line)
    return lines, unsellable


def check_makeable(dish: Dish, restaurant: Restaurant, kitchen: Kitchen, at: datetime) -> None:
    """Raise `SoldOut` or `NotServedThen` for a dish that the kitchen does not make for that moment."""
    names = {"restaurant": restaurant.name, "dish": dish.name}
    if dish.id in kitchen.sold_out:
        raise SoldOut(_("%(restaurant)s has run out of “%(dish)s”; the rest of the basket is kept.") % names)
    if not hours.is_served(dish.served, restaurant.time_zone, at):
        served = hours.shown(str(dish.served))
        raise NotServedThen(
            _("“%(dish)s” is served %(hours)s (the restaurant’s time); the rest of the basket is kept.")
            % {**names, "hours": served}
        )


def _of_size(wish: Wish) -> list[CannotOrder]:
    if not wish.choices:
        return [EmptyBasket()]
    if len(wish.choices) > MAX_LINES:
        return [TooManyLines(f"An order has at most {MAX_LINES} different lines; this one has {len(wish.choices)}.")]
    return []


def _of_restaurant(restaurant: Restaurant, kitchen: Kitchen, at: datetime) -> list[CannotOrder]:
    if not hours.is_open(restaurant.opening_hours, restaurant.time_zone, at):
        opens = hours.next_change(restaurant.opening_hours, restaurant.time_zone, at)
        when = f" It opens {opens:%A at %H:%M} (its own time)." if opens else ""
        return [RestaurantClosed(f"{restaurant.name} is closed right now.{when} Your basket is kept for 23 hours.")]
    return [KitchenPaused()] if kitchen.paused else []


def _of_delivery(wish: Wish, restaurant: Restaurant, quote: Quote) -> list[CannotOrder]:
    if wish.kind == Kind.PICKUP:
        return [] if restaurant.offers_pickup else [NotOffered(f"{restaurant.name} does not offer pick-up.")]
    if not restaurant.delivers:
        return [NotOffered(f"{restaurant.name} does not deliver; choose pick-up.")]
    obstacles: list[CannotOrder] = []
    if wish.cell is None or not restaurant.delivers_to(wish.cell):
        obstacles.append(OutsideDeliveryArea())
    missing = int(restaurant.minimum_minor) - quote.subtotal_minor
    if wish.choices and missing > 0:
        obstacles.append(
            BelowMinimum(
                "Add a little more: the restaurant's minimum for a delivery is not reached yet. Pick-up has no minimum.",
                missing_minor=missing,
                currency=restaurant.currency,
            )
        )
    return obstacles
