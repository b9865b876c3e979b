"""Places as the API takes and shows them."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext
from rest_framework import serializers

from core import plain_text
from regions.strict import Strict

if TYPE_CHECKING:
    from places.finding import Place

MAX_TYPED = 200  # characters, as many as the provider of places takes


class TypedField(serializers.CharField):
    """What somebody has typed. A JSON number is no text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        text = plain_text.clean(super().to_internal_value(data), len(data))
        if not plain_text.is_visible(text):
            self.fail("blank")
        return text


class SuggestionsRequest(Strict):
    text = TypedField(max_length=MAX_TYPED, help_text="The beginning of a street, postcode or city.")


class PlacesRequest(Strict):
    """Either `text`, or `latitude` and `longitude` together."""

    text = TypedField(required=False, max_length=MAX_TYPED, help_text="A street, postcode or city.")
    latitude = serializers.FloatField(required=False, min_value=-90, max_value=90)
    longitude = serializers.FloatField(required=False, min_value=-180, max_value=180)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if set(attrs) not in ({"text"}, {"latitude", "longitude"}):
            raise serializers.ValidationError(gettext("Say where: either `text`, or `latitude` and `longitude`."))
        return attrs


class SuggestionsSerializer(serializers.Serializer):
    suggestions = serializers.ListField(child=serializers.CharField(), help_text="Best first, each good for `text`.")


class AddressSerializer(serializers.Serializer):
    country = serializers.CharField(help_text="ISO 3166.")
    street = serializers.CharField(help_text="With the number; any part but the country may be empty.")
    postcode = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField(help_text="State or province.")


class FoundPlaceSerializer(serializers.Serializer):
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="In one line, as people there write it."
    )
    address = AddressSerializer()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    cell = serializers.CharField(help_text="H3, resolution 7: what restaurants near it are listed by.")
    precision = serializers.ChoiceField(
        ["address", "street", "area"],
        help_text="A door; a street whose number is not known; around a postcode or city.",
    )


class PlacesSerializer(serializers.Serializer):
    places = FoundPlaceSerializer(many=True, help_text="Best first, at most 5; for a position, the nearest address.")


def place_document(place: "Place") -> dict[str, Any]:
    """The members of `FoundPlaceSerializer`."""
    latitude, longitude = place.position
    return {
        "label": place.label,
        "address": {part: getattr(place.address, part) for part in ("country", "street", "postcode", "city", "region")},
        "latitude": latitude,
        "longitude": longitude,
        "cell": place.cell,
        "precision": place.precision,
    }
