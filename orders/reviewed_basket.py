"""A basket looked over: each line as it was seen and as it is sold now, the sums, and when all of it can be had."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

from catalog.menu_cache import menu
from catalog.models import Dish, Kitchen, Restaurant, kitchen_of
from core import clock
from core.messages import say
from orders import slots
from orders.baskets import Basket, Line
from orders.errors import CannotOrder, ClosesTooSoon, KitchenPaused, NotAtThatTime, RestaurantClosed, UnknownDish
from orders.pricing import SoldLine
from orders.review import Review, Wish, review
from orders.status import Kind


@dataclass(frozen=True)
class ReviewedLine:
    """A line as it was `chosen` and as it is `sold`; of one that cannot be sold now, `obstacle` says why not."""

    chosen: Line
    name: str
    sold: SoldLine | None
    obstacle: CannotOrder | None
    is_most: bool

    @property
    def key(self) -> str:
        return self.chosen.key

    @property
    def quantity(self) -> int:
        return self.chosen.choice.quantity

    @property
    def fewer(self) -> int:
        return self.quantity - 1

    @property
    def more(self) -> int:
        return self.quantity + 1

    @property
    def total_minor(self) -> int:
        return self.quantity * (self.sold.unit_minor if self.sold else self.chosen.seen_minor)

    @property
    def is_repriced(self) -> bool:
        return self.sold is not None and self.sold.unit_minor != self.chosen.seen_minor


@dataclass(frozen=True)
class ReviewedBasket:
    """A basket, and what becomes of it when it is ordered as `wish` says.

    `not_now` is what stands in the way of having it right now, where it is looked over for a later time instead.
    """

    basket: Basket
    wish: Wish
    restaurant: Restaurant
    dishes: list[Dish]
    kitchen: Kitchen
    review: Review
    not_now: tuple[CannotOrder, ...] = ()

    @classmethod
    def of(
        cls,
        basket: Basket,
        *,
        cell: str | None,
        kind: Kind | None = None,
        scheduled_for: int | None = None,
        kitchen: Kitchen | None = None,
    ) -> Self:
        """Without a `kind`, for the usual one.

        Two round trips, or one while the menu is remembered, or none with the kitchen known. `NotFound` without a restaurant.
        """
        restaurant, dishes = menu(basket.restaurant)
        kitchen = kitchen or kitchen_of(restaurant)
        kind = kind or _usual_kind(restaurant, cell)
        wish = Wish.of(basket, kind=kind, cell=cell, scheduled_for=scheduled_for)
        reviewed = review(wish, restaurant=restaurant, dishes=dishes, kitchen=kitchen, now=clock.now())
        return cls(basket, wish, restaurant, dishes, kitchen, reviewed)

    def for_later_if_not_now(self) -> Self:
        """For the first time that is offered, when it is the time that stands in the way."""
        in_the_way = tuple(obstacle for obstacle in self.review.obstacles if isinstance(obstacle, NotAtThatTime))
        if not in_the_way or not self.slots:
            return self
        wish = replace(self.wish, scheduled_for=clock.to_ms(self.slots[0]))
        reviewed = review(wish, restaurant=self.restaurant, dishes=self.dishes, kitchen=self.kitchen, now=clock.now())
        return replace(self, wish=wish, review=reviewed, not_now=in_the_way)

    def with_tip(self, tip_minor: int) -> Self:
        """With the tip in the sums; `TipOutOfRange`."""
        return replace(self, review=replace(self.review, quote=self.review.quote.with_tip(tip_minor)))

    @cached_property
    def slots(self) -> list[datetime]:
        """The times at which everything in the basket can be had, in the restaurant's zone."""
        zone = ZoneInfo(self.restaurant.time_zone)
        spans = slots.possible(self.restaurant, self.kitchen, self.wish.kind, now=clock.now())
        offered = slots.offered(spans, served=self.hours_served, place=self.restaurant.place)
        return [slot.astimezone(zone) for slot in offered]

    @property
    def hours_served(self) -> list[str]:
        """The hours that single dishes of it are served at, each once."""
        chosen = {line.choice.dish for line in self.basket.lines}
        return slots.hours_of([dish for dish in self.dishes if dish.id in chosen])

    @cached_property
    def lines(self) -> list[ReviewedLine]:
        names = {dish.id: dish.name for dish in self.dishes}
        shown = {line.choice: names.get(line.choice.dish, line.name or line.choice.dish) for line in self.basket.lines}
        sold = {(line.dish, line.options): line for line in self.review.lines}
        return [
            ReviewedLine(
                chosen=line,
                name=shown[line.choice],
                sold=sold.get((line.choice.dish, line.choice.options)),
                obstacle=_by_name(self.review.unsellable.get(line.choice), shown[line.choice]),
                is_most=self.basket.has_most_of(line.choice.dish),
            )
            for line in self.basket.lines
        ]

    @property
    def repriced_lines(self) -> list[ReviewedLine]:
        return [line for line in self.lines if line.is_repriced]

    @property
    def kitchen_obstacles(self) -> list[CannotOrder]:
        """What lies with the restaurant at this moment, however the food is got."""
        return [
            each for each in self.review.obstacles if isinstance(each, RestaurantClosed | ClosesTooSoon | KitchenPaused)
        ]

    @property
    def basket_as_shown(self) -> Basket:
        """The basket with the prices of now: whoever was shown a change is not told of it again."""
        return self.basket.seen_at({line.chosen.choice: line.sold.unit_minor for line in self.lines if line.sold})


def _by_name(obstacle: CannotOrder | None, name: str) -> CannotOrder | None:
    """No menu knows the name of a dish that has left it, but the basket does."""
    if isinstance(obstacle, UnknownDish):
        return UnknownDish(say("“%(dish)s” is no longer on the menu. Remove it to order the rest.", dish=name))
    return obstacle


def _usual_kind(restaurant: Restaurant, cell: str | None) -> Kind:
    """What a customer is offered first: a delivery wherever there can be one."""
    if restaurant.offers_pickup and not (restaurant.delivers_to(cell) if cell else restaurant.delivers):
        return Kind.PICKUP
    return Kind.DELIVERY
