"""Money is whole minor units (cents) of an ISO currency; rates are parts per million. No floats."""

from decimal import Decimal

PPM = 1_000_000

MAX_MINOR = 2**53 - 1
"""The largest whole number that everybody reads exactly out of JSON (RFC 7493). It bounds no price: a dinner for ten in Budapest
is ten million minor units."""


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
