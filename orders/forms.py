"""What customers fill in: a dish's options, a basket's quantities, the checkout."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from catalog.models import Dish
from core import money
from core.ids import TOKEN_MAX_CHARACTERS
from orders.actions import Contact
from orders.pricing import MAX_QUANTITY, Quote, how_many
from orders.status import Kind

MAX_NAME = 100
MAX_PHONE = 30
MAX_ADDRESS = 200
MAX_NOTE = 300

OWN_TIP = "own"
_QUANTITY = f"A whole number from 1 to {MAX_QUANTITY}, please; for more, call the restaurant."
QUANTITY_MESSAGES = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _QUANTITY)
PHONE = r"^\+?[0-9][0-9 ()./-]{4,}$"


def _attributes(autocomplete: str, **more: Any) -> dict[str, Any]:
    return {"class": "form-control", "autocomplete": autocomplete, **more}


def plain_line(value: str) -> None:
    """No control characters, which would garble a kitchen's printout."""
    if re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", value):
        raise ValidationError("Please leave out characters that cannot be printed.")


def plain_lines(value: str) -> None:
    """The same, but there may be several lines."""
    plain_line(value.replace("\n", " "))


class LinesField(forms.CharField):
    """Several lines. Browsers send CR LF between them."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n")


class AmountField(forms.DecimalField):
    """An amount of money, with a point or, as half of Europe writes it, a comma."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override] # DecimalField is typed as an IntegerField
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


@dataclass(frozen=True)
class Option:
    value: str  # "<group id>:<choice id>"
    name: str
    price_minor: int
    is_chosen: bool


@dataclass(frozen=True)
class OptionGroup:
    """An option group as the page shows it."""

    field: str
    name: str
    how_many: str
    is_radio: bool
    options: tuple[Option, ...]
    errors: tuple[str, ...]


class DishForm(forms.Form):
    """A dish with its option groups. The rule of how many to choose is `orders.pricing`'s; here it is said beside the group."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, initial=1, error_messages=QUANTITY_MESSAGES)

    def __init__(self, dish: Dish, *arguments: Any, **details: Any) -> None:
        super().__init__(*arguments, **details)
        self.dish = dish
        for group in dish.options or ():
            self.fields[_field(group)] = forms.MultipleChoiceField(
                choices=[(value, value) for value in _values(group)],
                required=False,
                error_messages={"invalid_choice": "One of these choices does not belong to this dish. Choose again."},
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for group in self.dish.options or ():
            if _field(group) in data and not group["min"] <= len(data[_field(group)]) <= group["max"]:
                self.add_error(_field(group), f"Choose {how_many(group)}.")
        return data

    def options(self) -> tuple[str, ...]:
        chosen = {value for group in self.dish.options or () for value in self.cleaned_data[_field(group)]}
        return tuple(sorted(chosen))

    def groups(self) -> list[OptionGroup]:
        return [self._shown(group) for group in self.dish.options or ()]

    def _shown(self, group: Mapping[str, Any]) -> OptionGroup:
        """With what was sent; at first with the first choice where exactly one has to be made."""
        is_radio = group["min"] == group["max"] == 1
        chosen = self._sent(_field(group)) if self.is_bound else _values(group)[:1] if is_radio else []
        options = [
            Option(value, choice["name"], int(choice["price_minor"]), value in chosen)
            for value, choice in zip(_values(group), group["choices"], strict=True)
        ]
        errors = tuple(str(error) for error in self.errors.get(_field(group), ()))
        return OptionGroup(_field(group), group["name"], how_many(group), is_radio, tuple(options), errors)

    def _sent(self, field: str) -> list[str]:
        return self.data.getlist(field) if isinstance(self.data, QueryDict) else []


def _field(group: Mapping[str, Any]) -> str:
    return f"group-{group['id']}"


def _values(group: Mapping[str, Any]) -> list[str]:
    return [f"{group['id']}:{choice['id']}" for choice in group["choices"]]


class LineForm(forms.Form):
    line = forms.IntegerField(min_value=0, max_value=1000)
    quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY)


class CheckoutForm(forms.Form):
    """Who gets the food, where, and the tip. `kind`, `agreed` and `token` are what the page showed, and hidden in it."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.value) for kind in Kind])
    agreed = forms.IntegerField(min_value=0, max_value=2**53)
    token = forms.CharField(max_length=TOKEN_MAX_CHARACTERS)
    name = forms.CharField(
        max_length=MAX_NAME,
        validators=[plain_line],
        widget=forms.TextInput(_attributes("name")),
        error_messages={"required": "Whom is the order for?"},
    )
    phone = forms.RegexField(
        PHONE,
        max_length=MAX_PHONE,
        widget=forms.TextInput(_attributes("tel", type="tel")),
        error_messages={
            "required": "The restaurant needs a number to call if something is unclear.",
            "invalid": "A phone number, please, such as +1 212 555 0100.",
        },
    )
    address = LinesField(
        max_length=MAX_ADDRESS,
        required=False,
        validators=[plain_lines],
        widget=forms.Textarea(_attributes("street-address", rows=2, required=True)),
    )
    note = LinesField(
        max_length=MAX_NOTE,
        required=False,
        validators=[plain_lines],
        widget=forms.Textarea(_attributes("off", rows=2)),
    )
    tip = forms.CharField(max_length=12, required=False)
    tip_own = AmountField(
        min_value=0,
        max_value=100_000,
        decimal_places=2,
        required=False,
        widget=forms.TextInput(_attributes("off", inputmode="decimal")),
        error_messages={"invalid": "An amount, please, such as 2.50."},
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("kind") == Kind.DELIVERY and not data.get("address") and "address" not in self.errors:
            self.add_error("address", "Where should it be delivered to?")
        if data.get("kind") == Kind.PICKUP:
            data["address"] = ""
        if data.get("tip") == OWN_TIP and data.get("tip_own") is None and "tip_own" not in self.errors:
            self.add_error("tip_own", "How much?")
        elif data.get("tip") not in (OWN_TIP, "", None) and not str(data["tip"]).isdecimal():
            self.add_error("tip", "Choose one of the tips.")
        return data

    @property
    def tip_field(self) -> str:
        """Where the tip was said, and what is wrong with it belongs."""
        return "tip_own" if self.cleaned_data.get("tip") == OWN_TIP else "tip"

    def contact(self) -> Contact:
        data = self.cleaned_data
        return Contact(
            name=data["name"], phone=data["phone"], address=data["address"] or None, note=data["note"] or None
        )

    def tip_minor(self, digits: int) -> int:
        data = self.cleaned_data
        if data["tip"] == OWN_TIP:
            return int(data["tip_own"] * Decimal(10) ** digits)
        return int(data["tip"] or 0)


def tips_for(quote: Quote) -> Sequence[tuple[int, str]]:
    """The tips to choose from: shares where that is the custom, round sums elsewhere."""
    if not quote.tax_included:
        return [(money.share_of(quote.subtotal_minor, share * 10_000), f"{share} %") for share in (10, 15, 20)]
    unit = 10 ** max(2, len(str(quote.subtotal_minor)) - 2)
    return [(unit * count, "") for count in (1, 2, 3) if unit * count <= quote.subtotal_minor]
