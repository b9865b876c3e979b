"""How amounts, distances and times are shown. Babel is imported when the first amount is: not every page has one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template

from core import clock, money

register = template.Library()

LOCALE = "en"


@register.filter
def price(amount_minor: int, currency: str) -> str:
    """1290, "EUR" → €12.90; 1290, "CHF" → CHF 12.90"""
    from babel.numbers import format_currency, get_currency_precision, get_currency_symbol

    symbol = get_currency_symbol(currency, locale=LOCALE)
    amount = money.major(int(amount_minor), get_currency_precision(currency))
    shown = format_currency(amount, currency, locale=LOCALE)
    # Letters are set apart from the number, which Babel leaves out.
    return shown.replace(symbol, f"{symbol}\N{NO-BREAK SPACE}") if symbol[-1].isalpha() else shown


@register.filter
def km(distance: float) -> str:
    return f"{distance:.1f} km" if distance >= 0.1 else "under 100 m"


@register.filter
def clock_time(at: datetime | int, time_zone: str = "") -> str:
    """A moment (or milliseconds) as a time of day in a zone; with the weekday unless it is today or tonight there."""
    moment = clock.from_ms(at) if isinstance(at, int | float) else at
    zone = ZoneInfo(time_zone) if time_zone else moment.tzinfo
    moment = moment.astimezone(zone)
    soon = timedelta(0) <= moment - clock.now() < timedelta(hours=12)
    same_day = moment.date() == clock.now().astimezone(zone).date()
    return f"{moment:%H:%M}" if soon or same_day else f"{moment:%a %H:%M}"


@register.filter
def span(begin: datetime, end: datetime) -> str:
    """Two moments of one zone as 11:30–14:30; midnight at the end is 24:00."""
    return f"{begin:%H:%M}–{'24:00' if f'{end:%H:%M}' == '00:00' else f'{end:%H:%M}'}"


@register.filter
def words(text: str) -> str:
    """`on_the_way` → on the way"""
    return str(text).replace("_", " ")


_ART = {
    "art/pizza.svg": {"pizza", "italian"},
    "art/burger.svg": {"burger", "american", "fast_food"},
    "art/curry.svg": {"indian", "curry", "thai", "nepalese", "pakistani"},
    "art/sushi.svg": {"sushi", "japanese"},
}


@register.filter
def art(cuisines: list[str]) -> str:
    """The drawing for the first cuisine that has one; a plate for all others."""
    drawings = (file for word in cuisines or () for file, words in _ART.items() if word in words)
    return next(drawings, "art/plate.svg")
