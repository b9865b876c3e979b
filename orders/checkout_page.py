"""What the basket and the checkout show: every line as it was seen and as it is now, and the sums."""

from dataclasses import dataclass, replace
from typing import Any, Self

from django.http import HttpRequest
from django.urls import reverse

from catalog.menu import menu
from catalog.models import Dish, Kitchen, Restaurant, kitchens_of
from core import clock
from orders.basket import Basket, Line
from orders.checkout import Review, Wish, review
from orders.errors import CannotOrder, KitchenPaused, RestaurantClosed
from orders.forms import tips_for
from orders.pricing import SoldLine
from orders.status import Kind
from regions import topology


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
    def price_changed(self) -> bool:
        return self.sold is not None and self.sold.unit_minor != self.line.seen_minor


@dataclass(frozen=True)
class CheckoutPage:
    basket: Basket
    restaurant: Restaurant
    dishes: list[Dish]
    kind: Kind
    cell: str | None
    kitchen: Kitchen
    review: Review

    @classmethod
    def of(cls, basket: Basket, *, kind: Kind | None, cell: str | None) -> Self:
        """Look the basket over. Two round trips, or one while the menu is remembered."""
        restaurant, dishes = menu(basket.restaurant)
        kind = kind or _usual_kind(restaurant, cell)
        kitchen = kitchens_of([(restaurant.id, restaurant.jurisdiction)])[restaurant.id]
        wish = Wish(restaurant.id, tuple(line.choice for line in basket.lines), kind, _cell(kind, cell))
        reviewed = review(wish, restaurant=restaurant, dishes=dishes, kitchen=kitchen, now=clock.now())
        return cls(basket, restaurant, dishes, kind, cell, kitchen, reviewed)

    def wish(self, *, tip_minor: int) -> Wish:
        choices = tuple(line.choice for line in self.basket.lines)
        return Wish(self.restaurant.id, choices, self.kind, _cell(self.kind, self.cell), tip_minor)

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
        """What stands in the way apart from single lines, which say so themselves."""
        of_lines = list(self.review.unsellable.values())
        return [obstacle for obstacle in self.review.obstacles if obstacle not in of_lines]

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
        """What the kitchen takes right now."""
        return int(self.restaurant.preparation_minutes) + self.kitchen.busy_minutes

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


def checkout_url(restaurant: Restaurant) -> str:
    """On the endpoint whose regions may take the order."""
    return topology.current().jurisdiction_url(restaurant.jurisdiction) + reverse("checkout")


def _usual_kind(restaurant: Restaurant, cell: str | None) -> Kind:
    """What the page begins with: a delivery wherever there can be one."""
    if restaurant.offers_pickup and not (restaurant.delivers_to(cell) if cell else restaurant.delivers):
        return Kind.PICKUP
    return Kind.DELIVERY


def _cell(kind: Kind, cell: str | None) -> str | None:
    return cell if kind == Kind.DELIVERY else None
