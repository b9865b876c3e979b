"""Addresses as people write them in a country: what comes first, and on which line; the orders are in `catalog.countries`."""

import re
from collections.abc import Mapping

from catalog.countries import COUNTRIES

USUAL = "{postcode} {city}"


def street_line(street: str, number: str, country: str) -> str:
    """ "Teststraße", "7", "DE" → Teststraße 7; "Rue X", "7", "FR" → 7 Rue X"""
    return " ".join(
        part for part in ((number, street) if COUNTRIES[country].number_first else (street, number)) if part
    )


def lines(address: Mapping[str, str] | None, country: str | None = None) -> list[str]:
    """The lines of a `Restaurant.address`: street, then city and postcode in the country's order, without what is missing.

    Without a country, as in orders of a release before, in the order that most of them have.
    """
    parts = {part: (address or {}).get(part) or "" for part in ("street", "city", "postcode", "region")}
    rules = COUNTRIES.get(country or "")
    written = [parts["street"], *(rules.city_line if rules else USUAL).format(**parts).split("\n")]
    return [line for text in written if (line := _without_gaps(text))]


def _without_gaps(text: str) -> str:
    return re.sub(r"\s*,(?:\s*,)*", ",", " ".join(text.split())).strip(" ,")
