"""Orders as the API takes and shows them. Serializers check shape; what can be ordered is checked in the actions."""

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from core import ids, money
from core.plain_text import is_visible
from orders.baskets import MAX_LINES
from orders.lifecycle import MAX_MINUTES
from orders.models import Order
from orders.pricing import MAX_COUNT, MAX_QUANTITY, Choice
from orders.review import Wish
from orders.slots import MAX_MOMENT_MS
from orders.status import Kind, Status
from orders.texts import (
    MAX_NAME,
    MAX_NOTE,
    MAX_PHONE,
    MAX_REASON,
    Contact,
    is_line,
    is_text,
    with_plain_ends,
)
from places.addresses import MAX_CITY, MAX_POSTCODE, MAX_REGION, MAX_STREET, MAX_UNIT, Address
from regions import topology
from regions.strict import Strict


class Integer(serializers.IntegerField):
    """A JSON number without a fraction; text, true and false are refused."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Degrees(serializers.FloatField):
    """A JSON number; text, true and false are refused."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class LineField(serializers.CharField):
    """One line of text; a JSON number is none."""

    is_plain = staticmethod(is_line)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        value = with_plain_ends(super().to_internal_value(data))
        if not self.is_plain(value):
            raise serializers.ValidationError(gettext("Remove the characters that can’t be printed."))
        return value


class TextField(LineField):
    """Several lines of text."""

    is_plain = staticmethod(is_text)


class LineRequest(Strict):
    dish = serializers.CharField(max_length=100)
    quantity = Integer(min_value=1, max_value=MAX_QUANTITY)
    options = serializers.ListField(
        child=serializers.CharField(max_length=200), default=list, max_length=50, help_text="<group id>:<choice id>"
    )


class AddressRequest(Strict):
    """In the restaurant's country, in whose way it is checked."""

    street = LineField(max_length=MAX_STREET, help_text="With the number, as people there write it.")
    unit = LineField(max_length=MAX_UNIT, required=False, help_text="Entrance, floor or flat: for the courier.")
    postcode = LineField(max_length=MAX_POSTCODE, required=False, help_text="Where addresses there have one.")
    city = LineField(max_length=MAX_CITY)
    region = LineField(
        max_length=MAX_REGION, required=False, help_text="State or province, where addresses there have one: `NY`."
    )


class PositionRequest(Strict):
    latitude = Degrees(min_value=-90, max_value=90)
    longitude = Degrees(min_value=-180, max_value=180)


class DeliveryRequest(Strict):
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    address = AddressRequest(
        required=False,
        help_text="For a delivery. It is looked for here, and the restaurant has to deliver to where it is: else "
        "`outside-delivery-area` with `distance_km`, `radius_km` and, under `restaurants`, who does deliver there.",
    )
    position = PositionRequest(
        required=False,
        help_text="Where the customer has confirmed that the address is. It counts only where the address is not found for sure "
        "(`address-not-found`, with `candidates`) or cannot be looked for right now (`address-not-checked`); the restaurant then "
        "sees that the address was not verified.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["kind"] == Kind.DELIVERY and "address" not in attrs:
            raise serializers.ValidationError(gettext("A delivery needs an `address`."))
        if attrs["kind"] == Kind.PICKUP and {"address", "position"} & attrs.keys():
            raise serializers.ValidationError(gettext("A pick-up has neither `address` nor `position`."))
        return attrs


class ContactRequest(Strict):
    name = LineField(max_length=MAX_NAME)
    phone = serializers.CharField(
        max_length=MAX_PHONE,
        help_text="As it is dialled in the restaurant's country, or with a country's code: `+1 212 555 0100`. It may have an "
        "extension: `ext. 12`.",
    )

    def validate_name(self, name: str) -> str:
        if not is_visible(name):
            raise serializers.ValidationError(gettext("Enter a name."))
        return name

    def validate_phone(self, phone: str) -> str:
        if not is_line(phone):
            raise serializers.ValidationError(gettext("Remove the characters that can’t be printed."))
        return phone


class OrderRequest(Strict):
    token = serializers.CharField(
        max_length=ids.TOKEN_MAX_CHARACTERS,
        help_text="Secret, made by the client: Unix seconds, a dot, 22 or more random characters of base64url. "
        "The same token and content always mean the same order.",
    )
    restaurant = serializers.CharField(max_length=200)
    lines: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=LineRequest(),
        allow_empty=False,
        max_length=MAX_LINES,
        help_text=f"Over all lines, at most {MAX_QUANTITY} of a dish and {MAX_COUNT} in all.",
    )
    delivery = DeliveryRequest()
    contact = ContactRequest()
    note = TextField(max_length=MAX_NOTE, required=False)
    scheduled_for = Integer(
        min_value=0,
        max_value=MAX_MOMENT_MS,
        required=False,
        help_text="When the food is wanted, in milliseconds since 1970: one of the restaurant's `slots`. Without it, as soon as "
        "possible.",
    )
    tip = Integer(min_value=0, max_value=money.MAX_MINOR, default=0)
    agreed_total = Integer(
        min_value=0,
        max_value=money.MAX_MINOR,
        required=False,
        help_text="The total before the tip that the customer has seen; any other total is refused with 409.",
    )

    def wish(self) -> Wish:
        data = self.validated_data
        return Wish(
            restaurant=data["restaurant"],
            choices=tuple(Choice(x["dish"], x["quantity"], tuple(sorted(x["options"]))) for x in data["lines"]),
            kind=Kind(data["delivery"]["kind"]),
            tip_minor=data["tip"],
            scheduled_for=data.get("scheduled_for"),
        )

    def contact_details(self) -> Contact:
        data = self.validated_data
        address, position = data["delivery"].get("address"), data["delivery"].get("position")
        return Contact(
            name=data["contact"]["name"],
            phone=data["contact"]["phone"],
            address=Address("", **address) if address else None,
            note=data.get("note"),
            position=(position["latitude"], position["longitude"]) if position else None,
        )


class VerbRequest(Strict):
    """What may be said with a verb; nothing has to be."""

    minutes = Integer(
        min_value=1, max_value=MAX_MINUTES, required=False, help_text="With `accept`: from now until the food is there."
    )
    reason = TextField(
        max_length=MAX_REASON, required=False, help_text="With `reject` and `cancel`, for the other side to read."
    )


class SlotsQuery(Strict):
    kind = serializers.ChoiceField([kind.value for kind in Kind])


class SlotsSerializer(serializers.Serializer):
    restaurant = serializers.CharField()
    kind = serializers.ChoiceField([kind.value for kind in Kind])
    time_zone = serializers.CharField(help_text="The restaurant's, from the IANA list.")
    slots = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="The times that food can be wanted for, in milliseconds since 1970, soonest first: every 15 minutes while the "
        "restaurant is open and has had the time to make it, today and the next 6 days. A dish may be served at some only.",
    )


class StatusField(serializers.CharField):
    """Not an enumeration: a release that is newer than the reader may have one more."""

    def __init__(self) -> None:
        known = ", ".join(f"`{status}`" for status in Status)
        super().__init__(help_text=f"One of {known}. There may be others later: show such a one as it is.")


class HistorySerializer(serializers.Serializer):
    status = StatusField()
    at = serializers.IntegerField(help_text="Milliseconds since 1970.")
    by = serializers.CharField(allow_null=True, help_text="The role of who did it: `customer`, `kitchen`, `system`.")
    reason = serializers.CharField(allow_null=True, help_text="In the words of who rejected or cancelled it.")


class SoldLineSerializer(serializers.Serializer):
    dish = serializers.CharField()
    name = serializers.CharField()
    quantity = serializers.IntegerField()
    options = serializers.ListField(child=serializers.CharField())
    option_names = serializers.ListField(child=serializers.CharField())
    unit_price = serializers.IntegerField()


class LinksSerializer(serializers.Serializer):
    self = serializers.CharField(
        help_text="To read: on the jurisdiction endpoint, so that it survives the home's loss."
    )
    cancel = serializers.CharField(help_text="To change: on the home's own endpoint.")


class OrderSerializer(serializers.Serializer):
    id = serializers.CharField()
    home_region = serializers.CharField()
    home_endpoint = serializers.CharField()
    status = StatusField()
    kind = serializers.CharField(help_text="`delivery` or `pickup`. There may be others later.")
    restaurant = serializers.CharField()
    restaurant_name = serializers.CharField()
    lines = SoldLineSerializer(many=True)
    currency = serializers.CharField()
    subtotal = serializers.IntegerField()
    delivery_fee = serializers.IntegerField()
    tax = serializers.IntegerField()
    tax_included = serializers.BooleanField()
    tip = serializers.IntegerField()
    total = serializers.IntegerField()
    placed_at = serializers.IntegerField()
    scheduled_for = serializers.IntegerField(
        allow_null=True, help_text="When the food is wanted; null: as soon as possible."
    )
    expected_at = serializers.IntegerField()
    history = HistorySerializer(many=True)
    links = LinksSerializer()


class PlacedOrderSerializer(OrderSerializer):
    access = serializers.CharField(help_text="Secret: opens this order. Send it as `Authorization: Bearer …`.")


def order_document(order: Order) -> dict[str, Any]:
    """The members of `OrderSerializer`."""
    topo = topology.current()
    home = topo.region_url(order.home_region)
    path = f"/api/v1/orders/{order.home}/{order.id}"
    same = (
        "id",
        "status",
        "kind",
        "restaurant",
        "restaurant_name",
        "currency",
        "tax_included",
        "placed_at",
        "scheduled_for",
        "expected_at",
    )
    amounts = ("subtotal", "delivery_fee", "tax", "tip", "total")
    shown = ("dish", "name", "quantity", "options", "option_names")
    return {name: getattr(order, name) for name in same} | {
        "home_region": order.home_region,
        "home_endpoint": home,
        **{name: getattr(order, f"{name}_minor") for name in amounts},
        "lines": [{name: x[name] for name in shown} | {"unit_price": x["unit_minor"]} for x in order.lines],
        "history": [_history_entry(entry) for entry in order.entries],
        "links": {
            "self": topo.jurisdiction_url(topo.jurisdiction_of(order.home_region)) + path,
            "cancel": f"{home}{path}/cancel",
        },
    }


def _history_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Without the account that did it, which is not the reader's business."""
    by = entry.get("by") or {}
    return {"status": entry["status"], "at": entry["at"], "by": by.get("role"), "reason": entry.get("reason")}
