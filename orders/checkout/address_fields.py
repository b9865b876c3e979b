"""The address at the checkout: its fields as people in the restaurant's country write them, and where its owner says it is."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict

from core import geo, ids
from core.errors import Invalid
from orders.checkout.fields import attributes, plain_line
from orders.destination import Position
from orders.texts import is_line, read_address
from places import fields
from places.addresses import Address
from places.fields import LIMITS

AUTOCOMPLETE = {
    "street": "address-line1",
    "unit": "address-line2",
    "postcode": "postal-code",
    "city": "address-level2",
    "region": "address-level1",
}
FOUND = "found"
"""The button of an address that was found instead of the one that was typed."""


def address_fields(country: str) -> dict[str, forms.Field]:
    """In the order in which people there write them. What is in them is checked as a whole, and of a pick-up not at all."""
    made: dict[str, forms.Field] = {}
    for part in fields.fields(country):
        attrs = attributes(AUTOCOMPLETE[part.name])
        widget: forms.Widget = forms.TextInput(attrs | {"maxlength": part.max_length})
        if part.choices:
            widget = forms.Select(attrs | {"class": "form-select"}, [("", "–"), *part.choices])
        made[part.name] = forms.CharField(label=part.label, required=False, validators=[plain_line], widget=widget)
        made[part.name].is_needed = part.is_required  # type: ignore[attr-defined]
    return made


def with_known_fields(data: QueryDict) -> QueryDict:
    """What was sent, with the address that was chosen of those that were found; or with what a form of the release before has.

    That one has one field for all of it: what was typed there is shown in the first one of today.
    """
    changed = data.copy()
    if "address" in data and "street" not in data:
        changed["street"] = ", ".join(line.strip() for line in str(data["address"]).splitlines() if line.strip())
    for name, part in _found(data.get(FOUND, "")).items():
        changed[name] = part
    return changed


def _found(text: str) -> dict[str, str]:
    """The parts of an address that a button of ours holds; nothing of any other text."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(parts, dict):
        return {}
    return {name: part for name, part in parts.items() if name in LIMITS and isinstance(part, str) and is_line(part)}


def typed_address(data: Mapping[str, Any]) -> Address:
    """As it was typed; its country is the restaurant's, whatever it says."""
    return Address("", **{name: data.get(name) or "" for name in LIMITS})


def name_of(address: Address, country: str) -> str:
    """What a confirmed position is bound to: another address voids it. The unit has nothing to do with where it is."""
    tidied, _wrong = read_address(replace(address, unit=""), country)
    return ids.fingerprint(json.dumps([tidied.street, tidied.postcode, tidied.city, tidied.region]))


def read_position(text: str) -> Position | None:
    """ "40.73060,-73.98660"; None for anything else."""
    latitude, _comma, longitude = text.partition(",")
    try:
        return geo.check_position(float(latitude), float(longitude))
    except (ValueError, Invalid):
        return None


def written(position: Position) -> str:
    return f"{position[0]:.5f},{position[1]:.5f}"
