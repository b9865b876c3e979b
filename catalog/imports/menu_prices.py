"""Prices as people write them: never rounded, never guessed, and in the restaurant's currency only."""

import re
from decimal import Decimal
from functools import cache
from typing import Any

from babel import Locale

from catalog.menu_rules import MAX_PRICE_MINOR
from core import money
from core.errors import Invalid
from core.plain_text import clean

_DOLLARS = ("USD", "CAD", "MXN", "AUD", "NZD", "SGD", "HKD")
_CROWNS = ("DKK", "SEK", "NOK", "ISK")
MARKS: dict[str, tuple[str, ...]] = {
    "$": _DOLLARS, "us$": ("USD",), "c$": ("CAD",), "ca$": ("CAD",), "mx$": ("MXN",), "mex$": ("MXN",), "a$": ("AUD",),
    "€": ("EUR",), "euro": ("EUR",), "euros": ("EUR",), "£": ("GBP",), "zł": ("PLN",), "zl": ("PLN",),
    "kr": _CROWNS, "kr.": _CROWNS, ":-": _CROWNS, "kč": ("CZK",), "kc": ("CZK",), "ft": ("HUF",), "ft.": ("HUF",),
    "fr": ("CHF",), "fr.": ("CHF",), "sfr": ("CHF",), "sfr.": ("CHF",), "lei": ("RON",), "leu": ("RON",), "lv": ("BGN",),
    "лв": ("BGN",), "лв.": ("BGN",), "¥": ("JPY", "CNY"), "₹": ("INR",), "₺": ("TRY",), "₴": ("UAH",), "₽": ("RUB",),
}  # fmt: skip
"""Signs and words for currencies, in small letters, and what they may stand for. ISO's codes are read besides."""

_DIGITS = r"(?P<whole>[0-9]{1,3}(?:(?P<gap>[ .,'’])[0-9]{3})(?:(?P=gap)[0-9]{3})*|[0-9]{1,9})"
# “12,-” and “12.–” have no cents.
_NUMBER = re.compile(rf"{_DIGITS}(?:(?P<point>[.,])(?P<cents>[0-9]{{1,2}}|-{{1,2}}|[–—]))?")
_PARTS = re.compile(r"(?P<before>[^0-9]*?)\s*(?P<number>[0-9][0-9 .,'’]*(?:(?<=[.,])(?:--?|[–—]))?)(?P<after>.*)")
_UNREADABLE = "has no price that can be read; write it like 12.50"


def minor(value: Any, currency: str, *, stated: Any = None) -> int:
    """An amount such as 12.5, "12,50", "€ 1.250,00" or "12.–" in the minor units of the restaurant's currency.

    `stated` is the currency that stands beside it, if any. Raises `Invalid`.
    """
    given = clean(str(value), 40) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    if given.startswith(".") and given[1:].isdigit():
        given = f"0{given}"
    parts = _PARTS.fullmatch(given)
    for mark in (clean(stated, 20), *((parts["before"], parts["after"]) if parts else ())):
        _check_currency(mark.strip(), currency)
    number = _NUMBER.fullmatch(parts["number"].strip()) if parts else None
    if not number or (number["gap"] and number["gap"] == number["point"]) or _is_ambiguous(number, currency):
        raise Invalid(_UNREADABLE)
    cents = number["cents"] if (number["cents"] or "").isdigit() else "0"
    amount_minor = money.decimals(currency).minor(Decimal(f"{re.sub('[^0-9]', '', number['whole'])}.{cents}"))
    if amount_minor is None or amount_minor > MAX_PRICE_MINOR:
        raise Invalid(f"has a price that {currency} cannot have: {given}")
    return amount_minor


def _is_ambiguous(number: re.Match[str], currency: str) -> bool:
    """“1,250” is twelve hundred to some and one and a quarter to others, unless nobody writes decimals of the currency."""
    return (
        number["gap"] in (".", ",")
        and number["whole"].count(number["gap"]) == 1
        and number["point"] is None
        and money.decimals(currency).shown > 0
    )


def _check_currency(mark: str, own: str) -> None:
    """`Invalid` unless the mark is none, or stands for the restaurant's currency."""
    meant = currencies(mark)
    if mark and not meant:
        raise Invalid(_UNREADABLE)
    if meant and own not in meant:
        raise Invalid(f"the price is in {meant[0] if len(meant) == 1 else mark}, the restaurant's are in {own}")


def currencies(mark: str) -> tuple[str, ...]:
    """What a sign, a word or a code may stand for."""
    code = mark.upper()
    return MARKS.get(mark.lower()) or ((code,) if code in _codes() else ())


@cache
def _codes() -> frozenset[str]:
    return frozenset(Locale("en").currencies)
