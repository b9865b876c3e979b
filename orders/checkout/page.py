"""What the basket and the checkout show: every line as it was seen and as it is now, and the sums."""

from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property
from itertools import groupby
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from catalog import hours
from catalog.menu_cache import menu
from catalog.models import Dish, Kitchen, Restaurant, kitchen_of
from core import clock, formats
from orders import slots
from orders.baskets import Basket, Line
from orders.checkout.forms import CHOOSE, CheckoutForm, tips_for
from orders.errors import CannotOrder, KitchenPaused, NotAtThatTime, RestaurantClosed, TimeNotOffered, TipOutOfRange
from orders.pricing import MAX_QUANTITY, SoldLine
from orders.review import Review, Wish, review
from orders.status import Kind


@dataclass(frozen=True)
class ShownLine:
    """A line of the basket; `sold` is missing when it cannot be sold now, and `why` says so."""

    place: int
    line: Line
    name: str
    sold: SoldLine | None
    why: CannotOrder | None

    @property
    def total_minor(self) -> int:
        unit = self.sold.unit_minor if self.sold else self.line.seen_minor
        return unit * self.line.choice.quantity

    @property
    def fewer(self) -> int:
        return self.line.choice.quantity - 1

    @property
    def more(self) -> int:
        return self.line.choice.quantity + 1

    @property
    def is_most(self) -> bool:
        return self.line.choice.quantity >= MAX_QUANTITY

    @property
    def price_changed(self) -> bool:
        return self.sold is not None and self.sold.unit_minor != self.line.seen_minor


@dataclass(frozen=True)
class CheckoutPage:
    """A basket looked over, for as soon as possible or for `scheduled_for` (milliseconds).

    `not_now` is what stands in the way of having it right now, where the page offers a later time instead.
    """

    basket: Basket
    restaurant: Restaurant
    dishes: list[Dish]
    kind: Kind
    cell: str | None
    kitchen: Kitchen
    review: Review
    scheduled_for: int | None = None
    not_now: tuple[CannotOrder, ...] = ()

    @classmethod
    def of(
        cls,
        basket: Basket,
        *,
        kind: Kind | None,
        cell: str | None,
        scheduled_for: int | None = None,
        kitchen: Kitchen | None = None,
    ) -> Self:
        """Look the basket over. Two round trips, or one while the menu is remembered, or none with the kitchen known."""
        restaurant, dishes = menu(basket.restaurant)
        kind = kind or _usual_kind(restaurant, cell)
        kitchen = kitchen or kitchen_of(restaurant)
        choices = tuple(line.choice for line in basket.lines)
        wish = Wish(restaurant.id, choices, kind, _cell(kind, cell), scheduled_for=scheduled_for)
        reviewed = review(wish, restaurant=restaurant, dishes=dishes, kitchen=kitchen, now=clock.now())
        return cls(basket, restaurant, dishes, kind, cell, kitchen, reviewed, scheduled_for)

    def for_later_if_not_now(self) -> Self:
        """For the first time that is offered, when it is the present time that stands in the way."""
        in_the_way = tuple(o for o in self.review.obstacles if isinstance(o, NotAtThatTime))
        if not in_the_way or not self.slots:
            return self
        first = replace(self, scheduled_for=clock.to_ms(self.slots[0]), not_now=in_the_way)
        wish = first.wish(tip_minor=0)
        reviewed = review(wish, restaurant=self.restaurant, dishes=self.dishes, kitchen=self.kitchen, now=clock.now())
        tipped = replace(reviewed.quote, tip_minor=self.review.quote.tip_minor)
        return replace(first, review=replace(reviewed, quote=tipped))

    def with_tip(self, tip_minor: int) -> Self:
        """With the tip in the sums; `TipOutOfRange`."""
        quote = self.review.quote
        if not 0 <= tip_minor <= quote.subtotal_minor:
            raise TipOutOfRange
        return replace(self, review=replace(self.review, quote=replace(quote, tip_minor=tip_minor)))

    def wish(self, *, tip_minor: int) -> Wish:
        choices = tuple(line.choice for line in self.basket.lines)
        cell = _cell(self.kind, self.cell)
        return Wish(self.restaurant.id, choices, self.kind, cell, tip_minor, self.scheduled_for)

    @cached_property
    def slots(self) -> list[datetime]:
        """The times at which everything in the basket can be had, in the restaurant's zone."""
        zone = ZoneInfo(self.restaurant.time_zone)
        spans = slots.possible(self.restaurant, self.kitchen, self.kind, now=clock.now())
        found = slots.offered(spans, served=slots.hours_of(self._chosen()), time_zone=self.restaurant.time_zone)
        return [slot.astimezone(zone) for slot in found]

    def days(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The slots day by day: the day in words, and each time in milliseconds and as the clock there shows it."""
        days = []
        for day, of_day in groupby(self.slots, key=lambda slot: slot.date()):
            midnight = datetime.combine(day, time())
            weekday = formats.weekday_short(midnight)
            times = [(str(clock.to_ms(slot)), _time(slot, weekday)) for slot in of_day]
            days.append((formats.day(midnight), times))
        return days

    @cached_property
    def can_be_now(self) -> bool:
        """Does the time not stand in the way of having it as soon as possible?"""
        now, zone = clock.now(), self.restaurant.time_zone
        served = all(hours.is_served(text, zone, now) for text in slots.hours_of(self._chosen()))
        return served and not self.kitchen.paused and hours.is_open(self.restaurant.opening_hours, zone, now)

    def time_shown(self, form: CheckoutForm) -> str:
        """The time that the page shows as chosen: "" as soon as possible; `CHOOSE` when what was sent cannot be had."""
        sent = form.data.get("scheduled_for", "") if form.is_bound else str(self.scheduled_for or "")
        possible = {str(clock.to_ms(slot)) for slot in self.slots} | ({""} if self.can_be_now else set())
        return sent if sent in possible else CHOOSE

    def _chosen(self) -> list[Dish]:
        chosen = {line.choice.dish for line in self.basket.lines}
        return [dish for dish in self.dishes if dish.id in chosen]

    def lines(self) -> list[ShownLine]:
        names = {dish.id: dish.name for dish in self.dishes}
        sold = {(line.dish, line.options): line for line in self.review.lines}
        shown = []
        for place, line in enumerate(self.basket.lines):
            choice = line.choice
            name = names.get(choice.dish, choice.dish)
            found = sold.get((choice.dish, choice.options))
            shown.append(ShownLine(place, line, name, found, self.review.unsellable.get(choice)))
        return shown

    def obstacles(self) -> list[CannotOrder]:
        """What stands in the way apart from single lines and the time, which say so themselves."""
        of_lines = list(self.review.unsellable.values())
        return [o for o in self.review.obstacles if o not in of_lines and not isinstance(o, TimeNotOffered)]

    def kitchen_obstacles(self) -> list[CannotOrder]:
        """What lies with the restaurant at this moment, however the food is got."""
        return [
            obstacle for obstacle in self.review.obstacles if isinstance(obstacle, RestaurantClosed | KitchenPaused)
        ]

    def price_changes(self) -> list[ShownLine]:
        return [line for line in self.lines() if line.price_changed]

    def basket_as_shown(self) -> Basket:
        """The basket with the prices that the page shows: a change is said once."""
        prices = {shown.line.choice: shown.sold.unit_minor for shown in self.lines() if shown.sold}
        return self.basket.seen_at(prices)

    def with_token(self, token: str) -> Self:
        return replace(self, basket=replace(self.basket, token=token))

    @property
    def tips(self) -> Any:
        return tips_for(self.review.quote)

    @property
    def minutes(self) -> int:
        """What it takes as soon as possible."""
        return slots.minutes_needed(self.restaurant, self.kitchen, self.kind)

    @property
    def digits(self) -> int:
        from babel.numbers import get_currency_precision

        return get_currency_precision(self.restaurant.currency)

    @property
    def can_order(self) -> bool:
        return not self.review.obstacles


def kind_asked(request: HttpRequest) -> Kind | None:
    """Delivery or pick-up, as the form or the address says; None when neither does."""
    asked = request.POST.get("kind") or request.GET.get("kind")
    return Kind(asked) if asked in set(Kind) else None


def _usual_kind(restaurant: Restaurant, cell: str | None) -> Kind:
    """What the page begins with: a delivery wherever there can be one."""
    if restaurant.offers_pickup and not (restaurant.delivers_to(cell) if cell else restaurant.delivers):
        return Kind.PICKUP
    return Kind.DELIVERY


def _cell(kind: Kind, cell: str | None) -> str | None:
    return cell if kind == Kind.DELIVERY else None


def _time(slot: datetime, weekday: str) -> str:
    """Tue 18:15, which all our languages write alike; with the name of its zone in the hour that is there twice."""
    return f"{weekday} {slot:%H:%M %Z}" if slots.is_ambiguous(slot) else f"{weekday} {slot:%H:%M}"
