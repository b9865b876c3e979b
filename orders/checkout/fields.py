"""What the fields of the checkout have in common: how they are shown, and which text they take."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.plain_text import is_visible
from orders.texts import is_line, is_text, with_plain_ends


def attributes(autocomplete: str, **more: Any) -> dict[str, Any]:
    return {"class": "form-control", "autocomplete": autocomplete, **more}


def plain_line(value: str) -> None:
    if not is_line(value):
        raise ValidationError(_("Remove the characters that can’t be printed."))


def a_name(value: str) -> None:
    if not is_visible(value):
        raise ValidationError(_("Enter a name."))


def plain_lines(value: str) -> None:
    if not is_text(value):
        raise ValidationError(_("Remove the characters that can’t be printed."))


class LinesField(forms.CharField):
    """Several lines."""

    def to_python(self, value: Any) -> str:
        return with_plain_ends(str(super().to_python(value) or ""))


class AmountField(forms.DecimalField):
    """An amount of money, with a point or, as half of Europe writes it, a comma."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override] # DecimalField is typed as an IntegerField
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)
