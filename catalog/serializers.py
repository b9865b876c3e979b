"""The catalogue as the API shows it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from catalog import hours
from catalog.browse import Listing, Row
from catalog.models import Dish, Kitchen, Restaurant


class ListingQuery(serializers.Serializer):
    """Where, and which of the restaurants there: either `cell`, or `lat` and `lng` together."""

    cell = serializers.CharField(required=False, max_length=15, help_text="H3, resolution 7.")
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90)
    lng = serializers.FloatField(required=False, min_value=-180, max_value=180)
    cuisine = serializers.CharField(default="", max_length=60, allow_blank=True)
    q = serializers.CharField(default="", max_length=100, allow_blank=True, help_text="Words in names and cuisines.")
    open = serializers.BooleanField(default=False, help_text="Only restaurants that are open now.")
    cursor = serializers.CharField(default="", max_length=200, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("cell" in attrs) == ("lat" in attrs or "lng" in attrs) or ("lat" in attrs) != ("lng" in attrs):
            raise serializers.ValidationError(gettext("Say where: either `cell`, or `lat` and `lng`."))
        return attrs


class CardSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    cuisines = serializers.ListField(child=serializers.CharField())
    distance_km = serializers.FloatField(help_text="From the centre of the cell.")
    open = serializers.BooleanField(help_text="Open at this moment, and the kitchen takes orders.")
    paused = serializers.BooleanField()
    changes_at = serializers.DateTimeField(
        allow_null=True, help_text="When it closes or opens, in the restaurant's own time zone."
    )
    time_zone = serializers.CharField()
    currency = serializers.CharField(help_text="ISO 4217; amounts are whole minor units of it.")
    delivery_fee = serializers.IntegerField()
    minimum = serializers.IntegerField()
    preparation_minutes = serializers.IntegerField()


class ListingSerializer(serializers.Serializer):
    cell = serializers.CharField(help_text="H3, resolution 7.")
    looked_at = serializers.IntegerField(
        help_text="How many of the nearest restaurants were looked at; filters and order hold within them."
    )
    restaurants = CardSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page.")


class ChoiceSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    price = serializers.IntegerField()


class OptionGroupSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    min = serializers.IntegerField()
    max = serializers.IntegerField()
    choices = ChoiceSerializer(many=True)


class DishSerializer(serializers.Serializer):
    id = serializers.CharField()
    section = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_null=True)
    price = serializers.IntegerField()
    options = OptionGroupSerializer(many=True)
    allergens = serializers.ListField(child=serializers.CharField())
    diets = serializers.ListField(child=serializers.CharField())
    served = serializers.CharField(
        allow_null=True, help_text="When it is made, in the language of OpenStreetMap; null: whenever it is open."
    )
    served_now = serializers.BooleanField()
    sold_out = serializers.BooleanField()


class SectionSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()


class RestaurantSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    cuisines = serializers.ListField(child=serializers.CharField())
    address = serializers.DictField(child=serializers.CharField())
    phone = serializers.CharField(allow_null=True)
    website = serializers.CharField(allow_null=True)
    opening_hours = serializers.CharField(allow_null=True, help_text="In the language of OpenStreetMap.")
    opening_hours_text = serializers.CharField(allow_null=True, help_text="Hours that could not be read, as given.")
    time_zone = serializers.CharField()
    jurisdiction = serializers.CharField()
    order_endpoint = serializers.CharField(help_text="Where orders for this restaurant are posted.")
    currency = serializers.CharField()
    tax_ppm = serializers.IntegerField(help_text="Parts per million.")
    tax_included = serializers.BooleanField()
    delivers = serializers.BooleanField()
    offers_pickup = serializers.BooleanField()
    delivery_fee = serializers.IntegerField()
    minimum = serializers.IntegerField()
    preparation_minutes = serializers.IntegerField()
    paused = serializers.BooleanField()
    busy_minutes = serializers.IntegerField()
    sections = SectionSerializer(many=True)
    dishes = DishSerializer(many=True)


def listing_document(listing: Listing) -> dict[str, Any]:
    """The members of `ListingSerializer`."""
    return {
        "cell": listing.cell,
        "looked_at": listing.looked_at,
        "restaurants": [_card(row) for row in listing.rows],
        "next": listing.next_cursor,
    }


def restaurant_document(
    restaurant: Restaurant, dishes: list[Dish], kitchen: Kitchen, *, order_endpoint: str, at: datetime
) -> dict[str, Any]:
    """The members of `RestaurantSerializer`."""
    same = (
        "id", "name", "cuisines", "address", "phone", "website", "opening_hours", "opening_hours_text", "time_zone",
        "jurisdiction", "currency", "tax_ppm", "tax_included", "delivers", "offers_pickup", "preparation_minutes",
        "sections",
    )  # fmt: skip
    return {name: getattr(restaurant, name) for name in same} | {
        "order_endpoint": order_endpoint,
        "delivery_fee": restaurant.delivery_fee_minor,
        "minimum": restaurant.minimum_minor,
        "paused": kitchen.paused,
        "busy_minutes": kitchen.busy_minutes,
        "dishes": [_dish(dish, kitchen, str(restaurant.time_zone), at) for dish in dishes],
    }


def _card(row: Row) -> dict[str, Any]:
    card = row.card
    return {
        "id": card.restaurant,
        "name": card.name,
        "cuisines": card.cuisines,
        "distance_km": card.distance_km,
        "open": row.takes_orders,
        "paused": row.kitchen.paused,
        "changes_at": row.changes_at.isoformat() if row.changes_at else None,
        "time_zone": card.time_zone,
        "currency": card.currency,
        "delivery_fee": card.delivery_fee_minor,
        "minimum": card.minimum_minor,
        "preparation_minutes": row.minutes,
    }


def _dish(dish: Dish, kitchen: Kitchen, time_zone: str, at: datetime) -> dict[str, Any]:
    options = [
        {**group, "choices": [{"id": c["id"], "name": c["name"], "price": c["price_minor"]} for c in group["choices"]]}
        for group in dish.options or ()
    ]
    return {
        "id": dish.id,
        "section": dish.section,
        "name": dish.name,
        "description": dish.description,
        "price": dish.price_minor,
        "options": options,
        "allergens": dish.allergens,
        "diets": dish.diets,
        "served": dish.served,
        "served_now": hours.is_served(dish.served, time_zone, at),
        "sold_out": dish.id in kitchen.sold_out,
    }
