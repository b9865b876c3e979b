"""What the checkout offers for an address that was not found: those that may be meant, and a position to confirm."""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core import geo
from core.errors import Refused
from orders.checkout.address_fields import typed_address, written
from orders.checkout.forms import CheckoutForm
from orders.errors import AddressNotChecked, AddressNotFound
from places.addresses import Address, street_line
from places.finding import Precision

_NUMBER = re.compile(r"(?:(?<!\w)[^\W\d_]-?)?\d[\w/–-]*(?: (?:bis|ter|quater|1/2)\b)?", re.IGNORECASE)


@dataclass(frozen=True)
class Guess:
    """An address that was found: what would be ordered to, and its parts for the button that takes it over."""

    label: str
    parts: str


@dataclass(frozen=True)
class NotFoundHere:
    """`position` is the one to be confirmed, empty when nobody knows any; `near` names it, or is empty for the cell's.

    `guesses` are empty when it is only shown again with what was confirmed.
    """

    guesses: tuple[Guess, ...]
    position: str
    near: str
    is_confirmed: bool

    @classmethod
    def of(cls, form: CheckoutForm, problem: Refused | None, *, cell: str | None) -> Self | None:
        """None while nothing has to be confirmed."""
        if not form.is_bound:
            return None
        confirmed = form.confirmed
        if not isinstance(problem, AddressNotFound | AddressNotChecked):
            return cls((), written(confirmed), "", is_confirmed=True) if confirmed else None
        candidates = problem.extra.get("candidates", [])
        position, near = _position(form, candidates, cell)
        return cls(_guesses(form, candidates), position, near, is_confirmed=False)


def _position(form: CheckoutForm, candidates: list[dict[str, Any]], cell: str | None) -> tuple[str, str]:
    """The nearest street within reach; else where the customer has looked for restaurants; else what was found at all."""
    for candidate in candidates:
        at = candidate["latitude"], candidate["longitude"]
        if candidate["precision"] != Precision.AREA and form.restaurant.delivers_to_position(at):
            return written(at), candidate["label"]
    if cell:
        return written(geo.centre_of(cell)), ""
    for candidate in candidates:
        return written((candidate["latitude"], candidate["longitude"])), candidate["label"]
    return "", ""


def _guesses(form: CheckoutForm, candidates: list[dict[str, Any]]) -> tuple[Guess, ...]:
    """Those that change something, each once; what the provider knows no number of keeps the one that was typed."""
    typed, country = typed_address(form.cleaned_data), str(form.restaurant.country)
    guesses: dict[str, Guess] = {}
    for candidate in candidates:
        parts, label = dict(candidate["address"]), candidate["label"]
        if candidate["precision"] == Precision.STREET:
            parts = _with_number(parts, typed.street, country)
            label = Address(country, **parts).label
        if any(part.casefold() != getattr(typed, name).casefold() for name, part in parts.items()):
            text = json.dumps(parts, ensure_ascii=False)
            guesses.setdefault(text, Guess(label, text))
    return tuple(guesses.values())


def _with_number(parts: Mapping[str, str], typed: str, country: str) -> dict[str, str]:
    """The first number that was typed and is no part of the street's name: of “Straße des 17. Juni 135”, 135."""
    if "street" not in parts:
        return dict(parts)
    of_name = Counter(number.casefold() for number in _NUMBER.findall(parts["street"]))
    for number in _NUMBER.findall(typed):
        if of_name[number.casefold()]:
            of_name[number.casefold()] -= 1
        else:
            return {**parts, "street": street_line(parts["street"], number, country)}
    return dict(parts)
