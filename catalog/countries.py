"""What a country implies for a restaurant that says nothing itself: currency, tax on meals, fees that a person would expect.

The rates are those on prepared food taken away or delivered, as of 2026; where a country's states or cities add their own
(US, CA), a middle one. A restaurant's own record always wins.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Country:
    currency: str  # ISO 4217
    tax_ppm: int
    tax_included: bool
    delivery_fee_minor: int
    minimum_minor: int


def _euro(tax_ppm: int) -> Country:
    return Country("EUR", tax_ppm, tax_included=True, delivery_fee_minor=290, minimum_minor=1200)


COUNTRIES: dict[str, Country] = {
    "US": Country("USD", 80_000, tax_included=False, delivery_fee_minor=399, minimum_minor=1500),
    "CA": Country("CAD", 130_000, tax_included=False, delivery_fee_minor=499, minimum_minor=1800),
    "MX": Country("MXN", 160_000, tax_included=True, delivery_fee_minor=3900, minimum_minor=15000),
    "AT": _euro(100_000), "BE": _euro(120_000), "CY": _euro(90_000), "DE": _euro(70_000), "EE": _euro(240_000),
    "ES": _euro(100_000), "FI": _euro(135_000), "GR": _euro(130_000), "HR": _euro(130_000), "IT": _euro(100_000),
    "LT": _euro(210_000), "NL": _euro(90_000), "PT": _euro(130_000), "SI": _euro(95_000), "SK": _euro(50_000),
    "BG": _euro(200_000),
    "FR": _euro(100_000), "LU": _euro(30_000), "IE": _euro(90_000),
    "LV": _euro(210_000),
    "MT": _euro(180_000),
    "CH": Country("CHF", 26_000, tax_included=True, delivery_fee_minor=590, minimum_minor=2500),
    "CZ": Country("CZK", 120_000, tax_included=True, delivery_fee_minor=5900, minimum_minor=25000),
    "DK": Country("DKK", 250_000, tax_included=True, delivery_fee_minor=3900, minimum_minor=12000),
    "GB": Country("GBP", 200_000, tax_included=True, delivery_fee_minor=279, minimum_minor=1200),
    "HU": Country("HUF", 270_000, tax_included=True, delivery_fee_minor=79000, minimum_minor=350000),
    "IS": Country("ISK", 110_000, tax_included=True, delivery_fee_minor=990, minimum_minor=3500),
    "LI": Country("CHF", 26_000, tax_included=True, delivery_fee_minor=590, minimum_minor=2500),
    "NO": Country("NOK", 150_000, tax_included=True, delivery_fee_minor=5900, minimum_minor=20000),
    "PL": Country("PLN", 80_000, tax_included=True, delivery_fee_minor=990, minimum_minor=4000),
    "RO": Country("RON", 110_000, tax_included=True, delivery_fee_minor=1290, minimum_minor=5000),
    "SE": Country("SEK", 120_000, tax_included=True, delivery_fee_minor=3900, minimum_minor=15000),
}  # fmt: skip

COUNTRY_OF_TERRITORY = {
    "AX": "FI", "SJ": "NO", "IC": "ES", "EA": "ES",
    "GP": "FR", "MQ": "FR", "GF": "FR", "RE": "FR", "YT": "FR", "PM": "FR", "BL": "FR", "MF": "FR",
    "PR": "US", "GU": "US", "VI": "US", "MP": "US", "AS": "US",
}  # fmt: skip
"""Territories with a code of their own that have their country's currency and law; only the time zone is theirs.

Not served, although they belong to a country that is: those with another currency or a government and taxes of their own (Faroe
Islands, Greenland, Gibraltar, Isle of Man, Jersey, Guernsey, the Pacific and Caribbean ones of France and the Netherlands).
"""
