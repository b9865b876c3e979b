"""Records for tests: say only what matters, the rest is plausible."""

from typing import Any

from catalog.models import Dish, Restaurant
from core import clock, geo, ids
from core.actor import Actor, Role
from orders.models import Order

PARIS = (48.8566, 2.3522)
NEW_YORK = (40.7306, -73.9866)

ADDRESSES = {
    "US": {"street": "12 Canary Street", "unit": "Flat 3", "postcode": "10003", "city": "New York", "region": "NY"},
    "FR": {"street": "12 Rue du Canari", "unit": "3e étage", "postcode": "75004", "city": "Paris"},
}
"""Of which the gazetteer of the tests knows the streets, within a few hundred metres of the restaurants below."""

SIZES = {
    "id": "size", "name": "Size", "min": 1, "max": 1,
    "choices": [{"id": "small", "name": "Small", "price_minor": 0}, {"id": "large", "name": "Large", "price_minor": 300}],
}  # fmt: skip
EXTRAS = {
    "id": "extras", "name": "Extras", "min": 0, "max": 2,
    "choices": [{"id": "olives", "name": "Olives", "price_minor": 100}, {"id": "ham", "name": "Ham", "price_minor": 150}],
}  # fmt: skip


def make_restaurant(restaurant_id: str = "lucette", *, country: str = "US", **values: Any) -> Restaurant:
    """Open around the clock, delivers within 3 km of the middle of New York or (country="FR") Paris."""
    latitude, longitude = PARIS if country == "FR" else NEW_YORK
    american = country == "US"
    given = {
        "name": "Chez Lucette", "country": country, "latitude": latitude, "longitude": longitude,
        "address": {"street": "1 Rue Sample", "city": "Paris"}, "cuisines": ["pizza", "italian"], "phone": "+1 212 555 0100",
        "opening_hours": "24/7", "time_zone": "America/New_York" if american else "Europe/Paris",
        "currency": "USD" if american else "EUR", "tax_ppm": 88_750 if american else 100_000,
        "tax_included": not american, "delivers": True, "offers_pickup": True, "delivery_fee_minor": 290,
        "minimum_minor": 1000, "radius_m": 3000, "preparation_minutes": 20,
        "sections": [{"id": "pizza", "name": "Pizza"}], "source": "sample",
    }  # fmt: skip
    return Restaurant.new(restaurant_id, **{**given, **values})


def make_dish(dish_id: str = "margherita", *, restaurant: str = "lucette", **values: Any) -> Dish:
    given = {
        "section": "pizza", "position": 1, "name": dish_id.title(), "price_minor": 1200,
        "options": [SIZES, EXTRAS], "allergens": ["gluten", "milk"], "diets": ["vegetarian"],
    }  # fmt: skip
    return Dish.new(restaurant, dish_id, **{**given, **values})


def save_restaurant(restaurant: Restaurant | None = None, dishes: list[Dish] | None = None) -> Restaurant:
    """Through the actions, so that its cards are there too; run as the master."""
    from catalog.actions import put_menu, put_restaurant

    restaurant = restaurant or make_restaurant()
    put_restaurant(restaurant)
    dishes = dishes if dishes is not None else [make_dish(restaurant=restaurant.id)]
    put_menu(restaurant.id, sections=restaurant.sections, dishes=dishes)
    return restaurant


def cell_of(restaurant: Restaurant) -> str:
    return geo.cell_at(*restaurant.position)


def make_token(*, age_seconds: int = 0) -> str:
    return ids.new_token(now_seconds=clock.now_ms() // 1000 - age_seconds)


def order_request(restaurant: Restaurant, /, **values: Any) -> dict[str, Any]:
    """The body of a correct POST /api/v1/orders."""
    body = {
        "token": make_token(),
        "restaurant": restaurant.id,
        "lines": [{"dish": "margherita", "quantity": 1, "options": ["size:small"]}],
        "delivery": {"kind": "delivery", "address": ADDRESSES[restaurant.country]},
        "contact": {"name": "Ada Canary", "phone": "+1 212 555 0123"},
    }
    return {**body, **values}


def confirmed_delivery(restaurant: Restaurant) -> dict[str, Any]:
    """For an order that no provider of places has to know the address of: its owner says that it is at the restaurant's."""
    position = dict(zip(("latitude", "longitude"), restaurant.position, strict=True))
    return {"kind": "delivery", "address": ADDRESSES[restaurant.country], "position": position}


def kitchen_of(order: Order, account: str = "lucette") -> Actor:
    return Actor(Role.KITCHEN, account=account, restaurant=order.restaurant)


def guest_of(order: Order) -> Actor:
    """Whoever has the order's link."""
    return Actor(Role.CUSTOMER, guest_of=order.key)
