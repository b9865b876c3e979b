"""What customers fill in before the checkout: a dish's options, a basket's quantities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.models import Dish
from core.messages import say
from orders.baskets import Line
from orders.pricing import MAX_QUANTITY, Choice, how_many

_QUANTITY = format_lazy(
    _("Enter a whole number from 1 to {most}. To order more, call the restaurant."), most=MAX_QUANTITY
)
QUANTITY_MESSAGES = dict.fromkeys(("required", "invalid", "min_value", "max_value"), _QUANTITY)


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
    hint: str  # how many to choose
    low: int
    high: int
    is_radio: bool
    options: tuple[Option, ...]
    errors: tuple[str, ...]


class DishForm(forms.Form):
    """A dish with its option groups. The rule of how many to choose is `orders.pricing`'s; here it is shown beside the group."""

    quantity = forms.IntegerField(min_value=1, max_value=MAX_QUANTITY, initial=1, error_messages=QUANTITY_MESSAGES)

    def __init__(self, dish: Dish, *arguments: Any, **details: Any) -> None:
        super().__init__(*arguments, **details)
        self.dish = dish
        for group in dish.options or ():
            self.fields[_field(group)] = forms.MultipleChoiceField(
                choices=[(value, value) for value in _values(group)],
                required=False,
                error_messages={
                    "invalid_choice": _("One of these choices is not offered for this dish. Choose again.")
                },
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for group in self.dish.options or ():
            if _field(group) in data and not group["min"] <= len(data[_field(group)]) <= group["max"]:
                self.add_error(_field(group), _how_many(group))
        return data

    def line(self) -> Line:
        """What was chosen, at today's price."""
        options = {value for group in self.dish.options or () for value in self.cleaned_data[_field(group)]}
        choice = Choice(str(self.dish.id), self.cleaned_data["quantity"], tuple(sorted(options)))
        return Line.of(choice, {choice.dish: self.dish})

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
        return OptionGroup(
            field=_field(group),
            name=group["name"],
            hint=_how_many(group),
            low=group["min"],
            high=group["max"],
            is_radio=is_radio,
            options=tuple(options),
            errors=errors,
        )

    def _sent(self, field: str) -> list[str]:
        return self.data.getlist(field) if isinstance(self.data, QueryDict) else []


def _how_many(group: Mapping[str, Any]) -> str:
    return say("Choose %(how_many)s.", how_many=how_many(group))


def _field(group: Mapping[str, Any]) -> str:
    return f"group-{group['id']}"


def _values(group: Mapping[str, Any]) -> list[str]:
    return [f"{group['id']}:{choice['id']}" for choice in group["choices"]]


class LineForm(forms.Form):
    line = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=0, max_value=MAX_QUANTITY)
    beside_menu = forms.BooleanField(required=False)
