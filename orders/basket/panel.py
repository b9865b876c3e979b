"""The basket beside a restaurant's menu."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from catalog.models import Kitchen, Restaurant
from orders.errors import BelowMinimum
from orders.links import checkout_url

if TYPE_CHECKING:
    from orders.baskets import Basket
    from orders.reviewed_basket import ReviewedBasket


@dataclass(frozen=True)
class BasketPanel:
    """`reviewed` is None when the basket is empty or, then `is_of_another`, holds another restaurant's dishes."""

    reviewed: "ReviewedBasket | None"
    is_of_another: bool = False

    @classmethod
    def of(cls, basket: "Basket | None", restaurant: Restaurant, kitchen: Kitchen, *, cell: str | None) -> Self:
        """No round trip beyond those of the menu's page."""
        if basket is None or not basket.lines:
            return cls(None)
        if basket.restaurant != restaurant.id:
            return cls(None, is_of_another=True)
        from orders.reviewed_basket import ReviewedBasket  # a page without a basket does not load what prices one

        return cls(ReviewedBasket.of(basket, cell=cell, kitchen=kitchen).for_later_if_not_now())

    @property
    def missing_minor(self) -> int:
        """What is missing to the minimum of a delivery; 0 when nothing is."""
        obstacles = self.reviewed.review.obstacles if self.reviewed else ()
        return next((int(each.extra["missing_minor"]) for each in obstacles if isinstance(each, BelowMinimum)), 0)

    @property
    def checkout_url(self) -> str:
        return checkout_url(self.reviewed.restaurant.jurisdiction) if self.reviewed else ""
