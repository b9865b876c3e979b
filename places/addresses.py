"""Addresses as people write them in a country: their parts, and which of these comes first, on which line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

MAX_STREET = 100
MAX_UNIT = 60
MAX_POSTCODE = 12
MAX_CITY = 60
MAX_REGION = 40

USUAL = "{postcode} {city}"


@dataclass(frozen=True)
class Rules:
    """How a country writes addresses."""

    number_first: bool = False  # “7 Rue X”; else “Teststraße 7”
    city_line: str = USUAL  # of an address's parts; a line break where the postcode has its own line


_NORTH_AMERICAN = Rules(number_first=True, city_line="{city}, {region} {postcode}")
_BRITISH = Rules(number_first=True, city_line="{city}\n{postcode}")

RULES: Mapping[str, Rules] = {
    "US": _NORTH_AMERICAN, "CA": _NORTH_AMERICAN, "MX": Rules(city_line="{postcode} {city}, {region}"),
    "FR": Rules(number_first=True), "LU": Rules(number_first=True), "GB": _BRITISH, "IE": _BRITISH,
    "LV": Rules(city_line="{city}, {postcode}"), "MT": Rules(number_first=True, city_line="{city} {postcode}"),
}  # fmt: skip
"""Of the countries that do not write them in the usual way."""


@dataclass(frozen=True)
class Address:
    """Where somebody is, as it was written; every part but the country may be empty. Personal, all of it."""

    country: str  # ISO 3166
    street: str = ""  # with the number, in one line
    unit: str = ""  # entrance, floor, flat: for the courier, nothing to find a position by
    postcode: str = ""
    city: str = ""
    region: str = ""  # state or province, where people write one

    @property
    def label(self) -> str:
        """In one line, without the unit: 12 Canary Street, New York, NY 10003"""
        parts = {name: getattr(self, name) for name in ("street", "postcode", "city", "region")}
        return ", ".join(lines(parts, self.country))


def rules_of(country: str | None) -> Rules:
    return RULES.get(country or "", Rules())


def street_line(street: str, number: str, country: str) -> str:
    """ "Teststraße", "7", "DE" → Teststraße 7; "Rue X", "7", "FR" → 7 Rue X"""
    number_first = rules_of(country).number_first
    return " ".join(part for part in ((number, street) if number_first else (street, number)) if part)


def lines(address: Mapping[str, str] | None, country: str | None = None) -> list[str]:
    """The lines of a restaurant's address: street, then city and postcode in the country's order, without what is missing.

    Without a country, as in orders of a release before, in the order that most of them have.
    """
    parts = {part: (address or {}).get(part) or "" for part in ("street", "city", "postcode", "region")}
    city_line = rules_of(country).city_line
    written = [parts["street"], *city_line.format(**parts).split("\n")]
    return [line for text in written if (line := _without_gaps(text))]


def _without_gaps(text: str) -> str:
    return re.sub(r"\s*,(?:\s*,)*", ",", " ".join(text.split())).strip(" ,")
