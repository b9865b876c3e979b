"""Looking over a basket before it becomes an order: what it costs now, what stands in the way, what has changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from catalog import hours, hours_words
from catalog.models import Dish, Kitchen, Restaurant
from core import clock, formats
from core.messages import say
from orders import pricing, slots
from orders.baskets import MAX_LINES, Basket
from orders.errors import (
    BelowMinimum,
    CannotOrder,
    ClosesTooSoon,
    EmptyBasket,
    KitchenPaused,
    NotAtThatTime,
    NotOffered,
    NotServedThen,
    OutsideDeliveryArea,
    QuantityOutOfRange,
    RestaurantClosed,
    SoldOut,
    TimeNotOffered,
    TooManyLines,
)
from orders.pricing import Choice, Quote, SoldLine, TaxRule
from orders.status import Kind

NEXT_SLOTS = 8
"""So many of the next times are named when the one that was wanted is not possible."""


@dataclass(frozen=True)
class Wish:
    """What a customer wants of a restaurant.

    `cell` is where the customer has looked for restaurants, for a first answer: an order goes to its address (see
    `orders.delivering`). `scheduled_for` when the food is wanted, in milliseconds since 1970 (None: as soon as
    possible).
    """

    restaurant: str
    choices: tuple[Choice, ...]
    kind: Kind
    cell: str | None = None
    tip_minor: int = 0
    scheduled_for: int | None = None

    @classmethod
    def of(
        cls,
        basket: Basket,
        *,
        kind: Kind,
        cell: str | None = None,
        tip_minor: int = 0,
        scheduled_for: int | None = None,
    ) -> Self:
        """What is in a basket; `cell` is where the customer has looked, which matters to a delivery only."""
        choices = tuple(line.choice for line in basket.lines)
        return cls(basket.restaurant, choices, kind, cell if kind == Kind.DELIVERY else None, tip_minor, scheduled_for)


@dataclass(frozen=True)
class Review:
    """The wish at this moment. It can be ordered when there are no `obstacles`.

    `lines` are those that can be sold; `unsellable` says of the others, by choice, why not.
    """

    quote: Quote
    lines: tuple[SoldLine, ...]
    unsellable: dict[Choice, CannotOrder]
    obstacles: tuple[CannotOrder, ...] = field(default=())


def review(wish: Wish, *, restaurant: Restaurant, dishes: Sequence[Dish], kitchen: Kitchen, now: datetime) -> Review:
    """Check prices, options, stock, hours, delivery area and minimum, all of them, so that a person sees all at once.

    Hours are those of the moment that the food is wanted for; as soon as possible, of when it would be there.
    """
    if wish.scheduled_for is None:
        at = slots.ready_at(restaurant, kitchen, wish.kind, now=now)
    else:
        at = clock.from_ms(wish.scheduled_for)
    lines, unsellable = _sell(wish, restaurant, dishes, kitchen, at)
    fee = int(restaurant.delivery_fee_minor) if wish.kind == Kind.DELIVERY else 0
    tax = TaxRule(int(restaurant.tax_ppm), bool(restaurant.tax_included))
    quote = pricing.quote(
        lines, currency=restaurant.currency, tax=tax, delivery_fee_minor=fee, tip_minor=wish.tip_minor
    )
    obstacles = [
        *unsellable.values(),
        *_of_size(wish, lines),
        *_of_time(wish, restaurant, kitchen, now),
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


def check_can_be_had(dish: Dish, restaurant: Restaurant, kitchen: Kitchen, *, now: datetime) -> None:
    """Raise as `check_makeable` for a dish that can be ordered neither for now nor for later."""
    check_makeable(dish, restaurant, kitchen, slots.soonest(dish, restaurant, kitchen, now=now))


def check_makeable(dish: Dish, restaurant: Restaurant, kitchen: Kitchen, at: datetime) -> None:
    """Raise `SoldOut` or `NotServedThen` for a dish that the kitchen does not make for that moment."""
    if kitchen.is_sold_out(dish):
        raise SoldOut(
            say(
                "“%(dish)s” is sold out at %(restaurant)s. Remove it to order the rest.",
                restaurant=restaurant.name,
                dish=dish.name,
            )
        )
    if not hours.is_served(dish.served, restaurant.place, at):
        raise NotServedThen(
            say(
                "“%(dish)s” is served %(hours)s (local time). Remove it or choose another time; the rest of your basket is kept.",
                dish=dish.name,
                hours=hours_words.told(str(dish.served)),
            )
        )


def _of_size(wish: Wish, lines: Sequence[SoldLine]) -> list[CannotOrder]:
    if not wish.choices:
        return [EmptyBasket()]
    if len(wish.choices) > MAX_LINES:
        return [
            TooManyLines(
                say(
                    "An order has at most %(most)d different lines; this one has %(found)d.",
                    most=MAX_LINES,
                    found=len(wish.choices),
                )
            )
        ]
    try:
        pricing.check_quantities((line.dish, line.name, line.quantity) for line in lines)
    except QuantityOutOfRange as error:
        return [error]
    return []


def _of_time(wish: Wish, restaurant: Restaurant, kitchen: Kitchen, now: datetime) -> list[CannotOrder]:
    """What stands in the way of having it when it is wanted; `slots` then are the next times, in milliseconds."""
    if wish.scheduled_for is None and slots.can_be_now(restaurant, kitchen, wish.kind, now=now):
        return []
    spans = slots.possible(restaurant, kitchen, wish.kind, now=now)
    if wish.scheduled_for is not None and slots.is_offered(clock.from_ms(wish.scheduled_for), spans):
        return []
    following = slots.offered(spans, place=restaurant.place)[:NEXT_SLOTS]
    extra: dict[str, Any] = {"slots": [clock.to_ms(slot) for slot in following]}
    if wish.scheduled_for is not None:
        return [TimeNotOffered(_why_not_then(restaurant, following), **extra)]
    return [_not_now(wish, restaurant, kitchen, now, extra)]


def _not_now(
    wish: Wish, restaurant: Restaurant, kitchen: Kitchen, now: datetime, extra: dict[str, Any]
) -> NotAtThatTime:
    """Why there is nothing as soon as possible."""
    is_open = hours.is_open(restaurant.opening_hours, restaurant.place, now)
    changes = hours.next_change(restaurant.opening_hours, restaurant.place, now)
    if is_open and kitchen.paused:
        return KitchenPaused(**extra)
    if not changes:
        return RestaurantClosed(say("%(restaurant)s is closed right now.", restaurant=restaurant.name), **extra)
    told = {"restaurant": restaurant.name, "when": _day_and_time(changes)}
    if not is_open:
        return RestaurantClosed(
            say("%(restaurant)s is closed right now. It opens %(when)s (local time).", **told), **extra
        )
    minutes = slots.minutes_needed(restaurant, kitchen, wish.kind)
    detail = say(
        "%(restaurant)s closes %(when)s (local time), too soon for an order that takes about %(minutes)d minutes.",
        minutes=minutes,
        **told,
    )
    if extra["slots"]:
        first = clock.from_ms(extra["slots"][0]).astimezone(ZoneInfo(restaurant.time_zone))
        next_time = say("The next time is %(first)s (local time).", first=_day_and_time(first))
        detail = f"{detail} {next_time}"
    return ClosesTooSoon(detail, **extra)


def _why_not_then(restaurant: Restaurant, following: Sequence[datetime]) -> str:
    if not following:
        return say(
            "%(restaurant)s takes no orders for later; its opening hours are not known or too short.",
            restaurant=restaurant.name,
        )
    return say(
        "%(restaurant)s takes orders for every %(minutes)s minutes while it is open, today and the next "
        "%(days)s days. The next time is %(first)s (local time). Nothing was ordered.",
        restaurant=restaurant.name,
        minutes=int(slots.STEP.total_seconds()) // 60,
        days=slots.DAYS_AHEAD,
        first=_day_and_time(following[0].astimezone(ZoneInfo(restaurant.time_zone))),
    )


def _day_and_time(moment: datetime) -> str:
    """In the zone that the moment is in: Tuesday 18:15"""
    return f"{formats.weekday(moment)} {formats.time_of_day(moment)}"


def _of_delivery(wish: Wish, restaurant: Restaurant, quote: Quote) -> list[CannotOrder]:
    name = restaurant.name
    if wish.kind == Kind.PICKUP:
        if restaurant.offers_pickup:
            return []
        return [NotOffered(say("%(restaurant)s does not offer pick-up.", restaurant=name))]
    if not restaurant.delivers:
        return [NotOffered(say("%(restaurant)s does not deliver. Choose pick-up instead.", restaurant=name))]
    obstacles: list[CannotOrder] = []
    if wish.cell and not restaurant.delivers_to(wish.cell):
        obstacles.append(OutsideDeliveryArea())
    missing = int(restaurant.minimum_minor) - quote.subtotal_minor
    if wish.choices and missing > 0:
        obstacles.append(
            BelowMinimum(
                say(
                    "Add a little more to reach the restaurant’s minimum for delivery, or choose pick-up, which has no minimum."
                ),
                missing_minor=missing,
                currency=restaurant.currency,
            )
        )
    return obstacles
