"""What customers fill in at the checkout."""

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Restaurant
from core import formats, money, phone_numbers
from core.errors import Invalid
from core.ids import TOKEN_MAX_CHARACTERS
from orders.baskets import Basket
from orders.checkout.address_fields import address_fields, name_of, read_position, typed_address, with_known_fields
from orders.checkout.fields import AmountField, LinesField, a_name, attributes, plain_line, plain_lines
from orders.destination import Position
from orders.errors import TimeNotOffered, TipOutOfRange
from orders.pricing import Quote
from orders.review import Wish
from orders.slots import MAX_MOMENT_MS
from orders.status import Kind
from orders.texts import MAX_NAME, MAX_NOTE, MAX_PHONE, Contact, read_address
from places import fields
from places.addresses import Address

OWN_TIP = "own"
CHOOSE = "choose"
"""In place of a time: none is chosen."""
_TIME_MESSAGES = dict.fromkeys(("invalid", "min_value", "max_value"), _("Choose one of the times."))
_DAMAGED_MESSAGES = dict.fromkeys(
    ("required", "invalid", "min_value", "max_value", "max_length"),
    _("The page was not sent as it was shown. Check it and order again."),
)


class CheckoutForm(forms.Form):
    """Who gets the food, where, when, and the tip. `agreed` and `token` are what the page showed, and hidden in it.

    `scheduled_for` is one of the page's times in milliseconds, or nothing: as soon as possible. `position` is where the owner of
    an address that was not found says that it is, and `position_of` the address that was asked about (`name_of`). The fields of
    the address are those of the restaurant's country.
    """

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind], label=_("How you get it"))
    name = forms.CharField(
        max_length=MAX_NAME,
        label=_("Name"),
        validators=[plain_line, a_name],
        widget=forms.TextInput(attributes("name")),
        error_messages={"required": _("Enter a name.")},
    )
    phone = forms.CharField(
        max_length=MAX_PHONE,
        label=_("Phone"),
        validators=[plain_line],
        widget=forms.TextInput(attributes("tel", type="tel")),
        error_messages={
            "required": _("Enter a phone number. The restaurant calls it if there is a question about your order.")
        },
    )
    note = LinesField(
        max_length=MAX_NOTE,
        required=False,
        label=_("Note for the restaurant"),
        validators=[plain_lines],
        widget=forms.Textarea(attributes("off", rows=2)),
    )
    scheduled_for = forms.IntegerField(
        min_value=0, max_value=MAX_MOMENT_MS, required=False, label=_("When"), error_messages=_TIME_MESSAGES
    )
    tip = forms.CharField(
        max_length=12, required=False, label=_("Tip"), error_messages={"max_length": _("Choose one of the tips.")}
    )
    tip_own = AmountField(
        min_value=0,
        max_value=100_000,
        required=False,
        label=_("Tip"),
        widget=forms.TextInput(attributes("off", inputmode="decimal")),
    )
    agreed = forms.IntegerField(min_value=0, max_value=money.MAX_MINOR, error_messages=_DAMAGED_MESSAGES)
    token = forms.CharField(max_length=TOKEN_MAX_CHARACTERS, error_messages=_DAMAGED_MESSAGES)

    position = forms.CharField(max_length=40, required=False)
    position_of = forms.CharField(max_length=100, required=False)

    total_fields = ("kind", "scheduled_for", "tip", "tip_own")
    """What the total depends on."""

    def __init__(
        self, restaurant: Restaurant, data: QueryDict | None = None, *, address: Address | None = None
    ) -> None:
        """`address` is the one that the fields begin with."""
        super().__init__(
            with_known_fields(data) if data is not None else None,
            initial=asdict(fields.tidy(address)) if address else None,
        )
        self.restaurant = restaurant
        address_part = address_fields(str(restaurant.country))
        self.fields.update(address_part)
        self.order_fields(["kind", "name", "phone", *address_part])
        self.address_parts = tuple(address_part)
        self.decimals = money.decimals(restaurant.currency)
        if not self.decimals.shown:
            self.fields["tip_own"].widget.attrs["inputmode"] = "numeric"
        self.fields["tip_own"].error_messages["invalid"] = self._how_to_tip()

    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong, in the order of the page: the id of where, its label (both may be empty), and what."""
        first_of_group = {"kind": "kind-delivery", "tip": "tip-0"}
        problems = []
        for field in self:
            is_hidden = field.name in ("agreed", "token", "position", "position_of")
            place = "" if is_hidden else first_of_group.get(field.name, field.auto_id)
            problems += [(place, "" if is_hidden else str(field.label), str(error)) for error in field.errors]
        return problems

    def ignore_unfinished_fields(self) -> None:
        """The customer has not finished typing and asks for the total: only what that depends on can be wrong by now."""
        unfinished = {name for name in ("tip_own", "scheduled_for") if self.data.get(name) in ("", CHOOSE, None)}
        for name in [name for name in self.errors if name not in self.total_fields or name in unfinished]:
            del self.errors[name]

    def add_obstacle(self, obstacle: TimeNotOffered | TipOutOfRange) -> None:
        """Say it beside the field that it is about, unless something is said there already."""
        tip = "tip_own" if self.cleaned_data.get("tip") == OWN_TIP else "tip"
        field = tip if isinstance(obstacle, TipOutOfRange) else "scheduled_for"
        if field not in self.errors:
            self.add_error(field, obstacle.detail)

    def clean_phone(self) -> str:
        """As it was typed, once it can be read: an order that is sent again is known by what was sent."""
        try:
            phone_numbers.read(self.cleaned_data["phone"], self.restaurant.country)
        except Invalid as error:
            raise ValidationError(error.detail) from error
        return str(self.cleaned_data["phone"])

    def clean_tip_own(self) -> Decimal | None:
        tip: Decimal | None = self.cleaned_data["tip_own"]
        if tip is not None and self.decimals.minor(tip) is None:
            raise ValidationError(self._how_to_tip())
        return tip

    def _how_to_tip(self) -> str:
        if self.decimals.shown:
            return gettext("Enter an amount, such as 2.50.")
        return gettext("Enter a whole amount, such as 250: %(currency)s has no decimals.") % {
            "currency": self.restaurant.currency
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == Kind.DELIVERY:
            self._check_address(data)
        if data.get("kind") == Kind.PICKUP:
            for name in self.address_parts:
                self.errors.pop(name, None)
        if data.get("tip") == OWN_TIP and data.get("tip_own") is None and "tip_own" not in self.errors:
            self.add_error("tip_own", _("How much?"))
        elif data.get("tip") not in (OWN_TIP, "", None) and not str(data["tip"]).isdecimal():
            self.add_error("tip", _("Choose one of the tips."))
        return data

    def _check_address(self, data: dict[str, Any]) -> None:
        _address, wrong = read_address(typed_address(data), self.restaurant.country)
        for name, detail in wrong.items():
            field = name if name in self.fields else "street"
            if field not in self.errors:
                self.add_error(field, detail)

    def wish(self, basket: Basket) -> Wish:
        data = self.cleaned_data
        return Wish.of(
            basket,
            kind=Kind(data["kind"]),
            tip_minor=self.tip_minor(),
            scheduled_for=data["scheduled_for"],
        )

    def contact(self) -> Contact:
        data = self.cleaned_data
        is_delivery = data["kind"] == Kind.DELIVERY
        return Contact(
            name=data["name"],
            phone=data["phone"],
            address=typed_address(data) if is_delivery else None,
            note=data["note"] or None,
            position=self.confirmed if is_delivery else None,
        )

    @property
    def confirmed(self) -> Position | None:
        """Where the owner of just this address has said that it is."""
        data = self.cleaned_data
        if data.get("position_of") != self.address_name:
            return None
        return read_position(data.get("position", ""))

    @property
    def address_name(self) -> str:
        return name_of(typed_address(self.cleaned_data), self.restaurant.country)

    @property
    def address_part(self) -> list[forms.BoundField]:
        return [self[name] for name in self.address_parts]

    def tip_minor(self) -> int:
        """In minor units of the currency; 0 when what was typed cannot be read."""
        data = self.cleaned_data
        if data.get("tip") != OWN_TIP:
            return int(data.get("tip") or 0)
        return self.decimals.minor(data.get("tip_own") or Decimal(0)) or 0


def tips_for(quote: Quote) -> Sequence[tuple[int, str]]:
    """The tips to choose from: shares where that is the custom, round sums elsewhere."""
    if not quote.tax_included:
        return [
            (money.share_of(quote.subtotal_minor, share * 10_000), formats.percent(share)) for share in (10, 15, 20)
        ]
    unit = 10 ** max(2, len(str(quote.subtotal_minor)) - 2)
    return [(unit * count, "") for count in (1, 2, 3) if unit * count <= quote.subtotal_minor]
