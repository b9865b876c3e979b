"""Opening hours in OpenStreetMap's language: is it open, when does that change, what does a week look like.

Unknown hours count as closed: nobody should order from a restaurant that may not be there.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS_ABBR
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from catalog.hours_rules import DAYS, meant
from catalog.place import Place

MAX_CHARACTERS = 500
LOOK_AHEAD = timedelta(days=400)  # a season that comes once a year is seen from its end
_SET_BACK = timedelta(hours=3)  # more than clocks are set back by anywhere


@lru_cache(maxsize=4096)
def understood(text: str) -> str | None:
    """These hours with what is meant by them, as they can be evaluated; None when they can't be."""
    hours = meant(text) if len(text) <= MAX_CHARACTERS else None
    # What means something else when it is read again was not understood: it has stray commas and the like.
    if not hours or len(hours) > MAX_CHARACTERS or meant(hours) != hours:
        return None
    try:
        OpeningHours(hours)
    except ParserError:
        return None
    return hours


@lru_cache(maxsize=4096)
def _parsed(text: str) -> OpeningHours:
    """Hours that were stored before their language was understood as it is now are put right here, or are unknown."""
    return OpeningHours(understood(text) or "unknown")


def readable(text: str) -> bool:
    """Can these hours be evaluated?"""
    return understood(text) is not None


def is_open(opening_hours: str | None, place: Place, at: datetime) -> bool:
    """Open at an aware moment. “by appointment” and the like do not count as open."""
    return bool(opening_hours) and _state(str(opening_hours), place, _minute(at))[0]


def is_served(served: str | None, place: Place, at: datetime) -> bool:
    """Is a dish made at an aware moment? One without hours of its own is, whenever the kitchen is open."""
    return not served or is_open(served, place, at)


def shown(text: str) -> str:
    """Hours in OpenStreetMap's language for people: `Mo-Fr 11:30-14:30` → Mon–Fri 11:30–14:30, in their language."""
    days = re.sub(rf"\b({'|'.join(DAYS)})\b", lambda day: str(WEEKDAYS_ABBR[DAYS.index(day[0])]), text)
    return days.replace("-", "–")


def next_change(opening_hours: str | None, place: Place, at: datetime) -> datetime | None:
    """When it next opens or closes, in its own time zone; None when it does not within `LOOK_AHEAD`, or nobody knows."""
    return _state(opening_hours, place, _minute(at))[1] if opening_hours else None


@lru_cache(maxsize=8192)
def _state(text: str, place: Place, minute: datetime) -> tuple[bool, datetime | None]:
    """Is it open, and when is that different. The same for all who have these hours, for the whole minute."""
    zone = ZoneInfo(place.time_zone)
    # Bounded: the library's own `next_change` looks through 8,000 years of “Mo-Su 00:00-24:00”, for 0.8 seconds.
    states = _states(text, zone, minute, minute + LOOK_AHEAD)
    _, _, now_open = next(states, (minute, minute, False))
    return now_open, next((begin.astimezone(zone) for begin, _, is_open in states if is_open != now_open), None)


def _states(text: str, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, bool]]:
    """What it is between two moments, one after the other, in UTC: since when, until when, open or not.

    The library knows the clock on the wall only, and takes a time that is there twice, when clocks are set back, for the second
    one. So it is asked from before that hour on: it gives each span its ends, and the moments between them are told in UTC.
    """
    for since, until, state, _ in _parsed(text).intervals((begin - _SET_BACK).astimezone(zone), end.astimezone(zone)):
        since_utc, until_utc = max(since.astimezone(UTC), begin), min(until.astimezone(UTC), end)
        if since_utc < until_utc:
            yield since_utc, until_utc, state == State.OPEN


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def open_spans(
    opening_hours: str | None, place: Place, begin: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """When it is open between two aware moments, cut off at them, as spans of UTC that do not touch; [] when nobody knows."""
    if not opening_hours or begin >= end:
        return []
    spans: list[tuple[datetime, datetime]] = []
    for since, until, is_open in _states(opening_hours, ZoneInfo(place.time_zone), begin, end):
        if not is_open:
            continue
        if spans and spans[-1][1] >= since:
            spans[-1] = (spans[-1][0], until)
        else:
            spans.append((since, until))
    return spans


def week(opening_hours: str | None, place: Place, first: date) -> list[tuple[date, list[tuple[datetime, datetime]]]]:
    """Seven days from `first`, each with when it is open; what goes on past midnight belongs to the day it began."""
    if not opening_hours:
        return []
    zone = ZoneInfo(place.time_zone)
    start = datetime.combine(first, time(), zone)
    days: dict[date, list[tuple[datetime, datetime]]] = {first + timedelta(days=n): [] for n in range(7)}
    # A day more on both sides: the nights between this week and its neighbours stay whole, each with its own day.
    around = _parsed(opening_hours).intervals(start - timedelta(days=1), start + timedelta(days=8))
    for begin, end, state, _ in around:
        if state != State.OPEN:
            continue
        since = begin
        while end - since > timedelta(days=1):
            midnight = datetime.combine(since.date() + timedelta(days=1), time(), zone)
            days.get(since.date(), []).append((since, midnight))
            since = midnight
        days.get(since.date(), []).append((since, end))
    return list(days.items())
