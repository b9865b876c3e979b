"""How amounts, distances and times are written in the reader's language. Babel is imported when the first is: few pages
have none, but a health check has."""

from datetime import datetime, timedelta
from functools import lru_cache

from core import clock, money
from core.messages import language, say


def price(amount_minor: int, currency: str) -> str:
    """1290, "EUR" → €12.90, 12,90 €; 1290, "CHF" → CHF 12.90, 12,90 CHF; 129000, "HUF" → HUF 1,290"""
    return _price(int(amount_minor), currency, language())


@lru_cache(maxsize=4096)
def _price(amount_minor: int, currency: str, locale: str) -> str:
    from babel import Locale
    from babel.numbers import format_currency, get_currency_symbol

    symbol = get_currency_symbol(currency, locale=locale)
    decimals = money.decimals(currency)
    amount = money.major(amount_minor, decimals.stored)
    pattern = Locale.parse(locale).currency_formats["standard"].pattern  # ¤#,##0.00
    pattern = pattern.replace("0.00", f"{0:.{decimals.of(amount)}f}")
    shown = format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    # Letters are set apart from the number, which Babel leaves out where they come first.
    apart = shown.startswith(symbol) and symbol[-1].isalpha()
    return shown.replace(symbol, f"{symbol}\N{NO-BREAK SPACE}") if apart else shown


def percent(share_percent: int) -> str:
    """15 → 15%, 15 %"""
    from babel.numbers import format_percent

    return format_percent(share_percent / 100, locale=language())


def km(distance_km: float) -> str:
    """1.26 → 1.3 km, 1,3 km"""
    return f"{tenths(distance_km)}\N{NO-BREAK SPACE}km" if distance_km >= 0.1 else say("under 100 m")


def tenths(number: float) -> str:
    """0.44 → 0.4, 0,4"""
    from babel.numbers import format_decimal

    return format_decimal(number, "0.0", locale=language())


def time_of_day(at: datetime) -> str:
    """18:30, in its own zone."""
    return _skeleton("Hm", at)


def date(at: datetime) -> str:
    """Nov 24, 24. Nov."""
    return _skeleton("MMMd", at)


def weekday(at: datetime) -> str:
    """Monday, lundi"""
    from babel.dates import format_date

    return format_date(at, "EEEE", locale=language())


def weekday_short(at: datetime) -> str:
    """Mon, lun."""
    from babel.dates import format_date

    return format_date(at, "EEE", locale=language())


def day(at: datetime) -> str:
    """Tuesday, November 24, 2026; mardi 24 novembre 2026. In its own zone."""
    from babel.dates import format_date

    return format_date(at, "full", locale=language())


def day_and_time(at: datetime) -> str:
    """Tuesday, November 24, 2026, 18:15. In its own zone."""
    return f"{day(at)}, {time_of_day(at)}"


def moment(at: datetime) -> str:
    """As short as it is clear, from now: 18:30; Tue 18:30; Nov 24, 18:30. In its own zone."""
    now = clock.now()
    if timedelta(0) <= at - now < timedelta(hours=12) or at.date() == now.astimezone(at.tzinfo).date():
        return time_of_day(at)
    if abs(at - now) < timedelta(days=6):
        return _skeleton("EHm", at)
    return f"{date(at)}, {time_of_day(at)}"


def span(begin: datetime, end: datetime) -> str:
    """Two moments of one zone as 11:30–14:30; midnight at the end is 24:00."""
    is_midnight = (end.hour, end.minute) == (0, 0)
    return f"{time_of_day(begin)}–{'24:00' if is_midnight else time_of_day(end)}"


def _skeleton(name: str, at: datetime) -> str:
    # The moment as its own clock shows it: Babel would turn it into UTC.
    return _by_skeleton(name, at.replace(tzinfo=None), language())


@lru_cache(maxsize=4096)  # a list says of many restaurants that they close at ten
def _by_skeleton(name: str, at: datetime, locale: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton(name, at, locale=locale)
