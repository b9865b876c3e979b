"""Opening hours in OpenStreetMap's language: is it open, when does that change, what does a week look like.

Unknown hours count as closed: nobody should order from a restaurant that may not be there.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

MAX_CHARACTERS = 500


@lru_cache(maxsize=4096)
def _parsed(text: str) -> OpeningHours:
    return OpeningHours(text)


def readable(text: str) -> bool:
    """Can these hours be evaluated?"""
    if len(text) > MAX_CHARACTERS:
        return False
    try:
        _parsed(text)
    except ParserError:
        return False
    return True


def is_open(opening_hours: str | None, time_zone: str, at: datetime) -> bool:
    """Open at an aware moment. “by appointment” and the like do not count as open."""
    if not opening_hours:
        return False
    state, comment = _parsed(opening_hours).state(at.astimezone(ZoneInfo(time_zone)))
    return state == State.OPEN and not comment


def next_change(opening_hours: str | None, time_zone: str, at: datetime) -> datetime | None:
    """When it next opens or closes, in its own time zone; None when it never does, or nobody knows."""
    if not opening_hours:
        return None
    change: datetime | None = _parsed(opening_hours).next_change(at.astimezone(ZoneInfo(time_zone)))
    return change


def week(opening_hours: str | None, time_zone: str, first: date) -> list[tuple[date, list[tuple[datetime, datetime]]]]:
    """Seven days from `first`, each with when it is open; what goes on past midnight belongs to the day it began."""
    if not opening_hours:
        return []
    zone = ZoneInfo(time_zone)
    start = datetime.combine(first, time(), zone)
    days: dict[date, list[tuple[datetime, datetime]]] = {first + timedelta(days=n): [] for n in range(7)}
    # A day more on both sides: the nights between this week and its neighbours stay whole, each with its own day.
    around = _parsed(opening_hours).intervals(start - timedelta(days=1), start + timedelta(days=8))
    for begin, end, state, comment in around:
        if state != State.OPEN or comment:
            continue
        since = begin
        while end - since > timedelta(days=1):
            midnight = datetime.combine(since.date() + timedelta(days=1), time(), zone)
            days.get(since.date(), []).append((since, midnight))
            since = midnight
        days.get(since.date(), []).append((since, end))
    return list(days.items())
