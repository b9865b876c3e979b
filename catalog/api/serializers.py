"""The catalogue as the API shows it."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from catalog import cursor, hours, search
from catalog.browse import MAX_CHOICE_CHARACTERS, MAX_CHOICES, MAX_WORDS_CHARACTERS, Listing, Row, Sort, Wanted
from catalog.models import Dish, Kitchen, Restaurant
from catalog.place import Place


def _choices(help_text: str) -> serializers.ListField:
    word = serializers.CharField(max_length=MAX_CHOICE_CHARACTERS)
    return serializers.ListField(child=word, default=list, max_length=MAX_CHOICES, help_text=help_text)


class ListingQuery(serializers.Serializer):
    """Where, and which of the restaurants there: either `cell`, or `lat` and `lng` together."""

    cell = serializers.CharField(required=False, max_length=15, help_text="H3, resolution 7.")
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90)
    lng = serializers.FloatField(required=False, min_value=-180, max_value=180)
    q = serializers.CharField(
        default="",
        max_length=MAX_WORDS_CHARACTERS,
        allow_blank=True,
        help_text="All of these words, in a restaurant's names and cuisines or in the name of one of its dishes (the first "
        f"{search.MAX_DISH_NAMES_BYTES} bytes of a menu's names are searched); case and accents do not count.",
    )
    cuisine = _choices("Any of these; may be given several times.")
    diet = _choices("Something for all of these (“vegetarian”, “vegan” …); may be given several times.")
    open = serializers.BooleanField(
        default=False,
        help_text="Only restaurants that are open now by their hours; one whose kitchen has paused comes last of its page.",
    )
    sort = serializers.ChoiceField(
        [sort.value for sort in Sort], default=Sort.DISTANCE.value, help_text="Among the open ones, which come first."
    )
    cursor = serializers.CharField(
        default="",
        max_length=cursor.MAX_CHARACTERS,
        allow_blank=True,
        help_text="`next` of the page before, with the same other parameters; for 24 hours.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("cell" in attrs) == ("lat" in attrs or "lng" in attrs) or ("lat" in attrs) != ("lng" in attrs):
            raise serializers.ValidationError(gettext("Say where: either `cell`, or `lat` and `lng`."))
        return attrs

    def wanted(self) -> Wanted:
        asked = self.validated_data
        return Wanted(
            words=asked["q"],
            cuisines=tuple(sorted(set(asked["cuisine"]))),
            diets=tuple(sorted(set(asked["diet"]))),
            only_open=asked["open"],
            sort=Sort(asked["sort"]),
        )


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
    diets = serializers.ListField(child=serializers.CharField(), help_text="For whom there is something.")
    dish = serializers.CharField(
        allow_null=True, help_text="The dish that was found, when names and cuisines do not hold all words of `q`."
    )


class FacetSerializer(serializers.Serializer):
    word = serializers.CharField()
    count = serializers.IntegerField()


class ListingSerializer(serializers.Serializer):
    cell = serializers.CharField(help_text="H3, resolution 7.")
    looked_at = serializers.IntegerField(
        help_text="How many restaurants were looked at together, nearest first, at most 300: the window. Search, filters and "
        "order hold within it; `next` goes on behind it."
    )
    looked_at_km = serializers.ListField(
        child=serializers.FloatField(), help_text="How far the nearest and the farthest of the window are."
    )
    goes_on = serializers.BooleanField(help_text="There are restaurants farther away than the window.")
    found = serializers.IntegerField(help_text="How many of the window are as asked for; a page has up to 50 of them.")
    cuisines = FacetSerializer(many=True, help_text="Of the window, the most frequent first.")
    diets = FacetSerializer(many=True)
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
    description = serializers.CharField(allow_null=True, help_text="What holds for all its dishes: show it with them.")


class RestaurantSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    cuisines = serializers.ListField(child=serializers.CharField())
    address = serializers.DictField(child=serializers.CharField())
    phone = serializers.CharField(
        allow_null=True, help_text="E.164, with an extension as in RFC 3966; as it was given, where it was never read."
    )
    phones = serializers.ListField(child=serializers.CharField(), help_text="All numbers; the first is `phone`.")
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
        "looked_at_km": listing.looked_at_km,
        "goes_on": listing.goes_on,
        "found": listing.found,
        "cuisines": [{"word": word, "count": count} for word, count in listing.cuisines],
        "diets": [{"word": word, "count": count} for word, count in listing.diets],
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
    )  # fmt: skip
    return {name: getattr(restaurant, name) for name in same} | {
        "order_endpoint": order_endpoint,
        "delivery_fee": restaurant.delivery_fee_minor,
        "minimum": restaurant.minimum_minor,
        "phones": restaurant.all_phones,
        "paused": kitchen.paused,
        "busy_minutes": kitchen.busy_minutes,
        "sections": [{"description": None, **section} for section in restaurant.sections],
        "dishes": [_dish(dish, kitchen, restaurant.place, at) for dish in dishes],
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
        "diets": card.diets or [],
        "dish": row.dish,
    }


def _dish(dish: Dish, kitchen: Kitchen, place: Place, at: datetime) -> dict[str, Any]:
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
        "served_now": hours.is_served(dish.served, place, at),
        "sold_out": kitchen.is_sold_out(dish),
    }
