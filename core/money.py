"""Money is whole minor units (cents) of an ISO currency; rates are parts per million. No floats."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

PPM = 1_000_000

MAX_MINOR = 2**53 - 1
"""The largest whole number that everybody reads exactly out of JSON (RFC 7493). It bounds no price: a dinner for ten in Budapest
is ten million minor units."""


# Their small coins are gone, and nobody writes a sum with them.
_WITHOUT_DECIMALS = {"HUF"}
# Theirs are gone as well; a sum may have decimals, which are written only then: 149 Kč, 29,90 Kč.
_WHOLE_WITHOUT_DECIMALS = {"CZK", "NOK", "SEK"}


@dataclass(frozen=True)
class Decimals:
    """How many an amount of a currency has: as it is `stored` (in ISO 4217's minor units, by CLDR), as it is `shown` where people
    write it, and so `of_whole` amounts.
    """

    stored: int
    shown: int
    of_whole: int

    @property
    def smallest_minor(self) -> int:
        """What people can pay, or ask, at the least: 1 cent, 1 króna, 100 fillér."""
        return int(10 ** (self.stored - self.shown))

    def minor(self, amount: Decimal) -> int | None:
        """A finite amount in minor units; None when it has decimals that the currency has not."""
        amount_minor = amount.scaleb(self.stored)
        return None if amount_minor % self.smallest_minor else int(amount_minor)

    def of(self, amount: Decimal) -> int:
        """How many of them this amount is written with."""
        return self.of_whole if amount == int(amount) else self.shown


@cache
def decimals(currency: str) -> Decimals:
    """EUR 2, 2, 2; ISK 0, 0, 0; HUF 2, 0, 0; CZK 2, 2, 0."""
    from babel.numbers import get_currency_precision

    stored = get_currency_precision(currency)
    shown = 0 if currency in _WITHOUT_DECIMALS else stored
    return Decimals(stored, shown, 0 if currency in _WHOLE_WITHOUT_DECIMALS else shown)


def divide_half_up(numerator: int, denominator: int) -> int:
    """`numerator / denominator` of non-negative numbers, rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


def share_of(amount_minor: int, rate_ppm: int) -> int:
    """The part of an amount that a rate stands for: tax that is added, a tip in per cent."""
    return divide_half_up(amount_minor * rate_ppm, PPM)


def included_share_of(amount_minor: int, rate_ppm: int) -> int:
    """The tax that an amount already contains."""
    return divide_half_up(amount_minor * rate_ppm, PPM + rate_ppm)


def major(amount_minor: int, digits: int = 2) -> Decimal:
    """The amount in the currency's main unit, for showing."""
    return Decimal(amount_minor).scaleb(-digits)
