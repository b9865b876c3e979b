"""How amounts, distances, times and known words are shown, in the reader's language: `core.formats` for templates."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.translation import gettext

from catalog.cuisines import group_of
from core import clock, formats, money, phone_numbers
from core.messages import language
from places import addresses

register = template.Library()
register.filter("price", formats.price)
register.filter("km", formats.km)
register.filter("span", formats.span)
register.filter("weekday", formats.weekday)
register.filter("decimals", money.decimals)
register.filter("phone", phone_numbers.shown)
register.filter("address_lines", addresses.lines)


@register.filter
def clock_time(at: datetime | int, time_zone: str = "") -> str:
    """A moment (or milliseconds) as a time of day in a zone; with the day where that is needed to understand it."""
    moment = clock.from_ms(at) if isinstance(at, int | float) else at
    return formats.moment(moment.astimezone(ZoneInfo(time_zone)) if time_zone else moment)


@register.filter
def age(milliseconds: int) -> str:
    """400 → 0.4 s, 75000 → 75 s, 300000 → 5 min"""
    if milliseconds < 10_000:
        return f"{formats.tenths(milliseconds / 1000)} s"
    return f"{milliseconds // 1000} s" if milliseconds < 120_000 else f"{milliseconds // 60_000} min"


@register.filter
def day_and_time(at: int, time_zone: str) -> str:
    """Milliseconds as a whole date and time of day in a zone: for what is printed, or far away."""
    return formats.day_and_time(clock.from_ms(at).astimezone(ZoneInfo(time_zone)))


@register.filter
def words(said: str | Iterable[str]) -> str | list[str]:
    """`on_the_way` → on the way, unterwegs; a list word by word. What `locale/` does not know stays as it is."""
    if isinstance(said, str):
        return gettext(said.replace("_", " "))
    return [gettext(str(word).replace("_", " ")) for word in said]


@register.filter
def for_reader(names: dict[str, str] | None, name: str) -> str:
    """{"fr": "Chez Nous"} → a restaurant's name in the reader's language, if that is another than the one on its sign."""
    found = (names or {}).get(language(), "")
    return found if found != name else ""


@register.filter
def art(cuisines: Iterable[str] | None) -> str:
    """The drawing for a restaurant's cuisines; a plate where they say nothing."""
    return f"art/{group_of(cuisines or ()) or 'plate'}.svg"


@register.filter
def art_of(cuisine: str) -> str:
    """The drawing for a single cuisine."""
    return art([cuisine])
