"""Opening hours in OpenStreetMap's language: is it open, when does that change, what does a week look like.

Unknown hours count as closed: nobody should order from a restaurant that may not be there.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

from catalog.hours_rules import meant
from catalog.hours_spans import Needs, check, is_ever_open, needs, spans_on
from catalog.place import Place

MAX_CHARACTERS = 500
LOOK_AHEAD = timedelta(days=400)  # a season that comes once a year is seen from its end
_DAY = timedelta(days=1)

Spans = list[tuple[datetime, datetime]]
"""Moments from (included) and until (not included) which it is open, in order; they do not touch."""


class Span(NamedTuple):
    """When it is open on a day, in local time; with an open end, at least until then."""

    begin: datetime
    end: datetime
    has_open_end: bool


@lru_cache(maxsize=4096)
def understood(text: str) -> str | None:
    """These hours with what is meant by them, as they can be evaluated; None when they can't be, or say nothing for certain."""
    hours = meant(text) if len(text) <= MAX_CHARACTERS else None
    # What means something else when it is read again was not understood: it has stray commas and the like.
    if not hours or len(hours) > MAX_CHARACTERS or (hours != text and meant(hours) != hours):
        return None
    try:
        OpeningHours(hours)
        check(hours)
    except ParserError:
        return None
    # With school holidays in them, which nobody knows, there may be no time at which it is open for sure.
    return hours if not needs(hours).school or is_ever_open(hours) else None


def readable(text: str) -> bool:
    """Can these hours be evaluated?"""
    return understood(text) is not None


def is_open(opening_hours: str | None, place: Place, at: datetime) -> bool:
    """Open at an aware moment. “by appointment” and the like do not count as open."""
    for begin, end in _around(opening_hours, place, at):  # a list of 300 asks for each
        if at < end:
            return begin <= at
    return False


def is_served(served: str | None, place: Place, at: datetime) -> bool:
    """Is a dish made at an aware moment? One without hours of its own is, whenever the kitchen is open."""
    return not served or is_open(served, place, at)


def next_change(opening_hours: str | None, place: Place, at: datetime) -> datetime | None:
    """When it next opens or closes, in its own time zone; None when it does not within `LOOK_AHEAD`, or nobody knows."""
    moments = (moment for span in _around(opening_hours, place, at) for moment in span)
    change = next((moment for moment in moments if moment > at), None)
    return change.astimezone(ZoneInfo(place.time_zone)) if change and change <= at + LOOK_AHEAD else None


def open_spans(opening_hours: str | None, place: Place, begin: datetime, end: datetime) -> Spans:
    """When it is open between two aware moments, cut off at them, in UTC; [] when nobody knows."""
    if not opening_hours or begin >= end:
        return []
    zone = ZoneInfo(place.time_zone)
    first, last = begin.astimezone(zone).date() - _DAY, end.astimezone(zone).date()
    spans: Spans = []
    for n in range((last - first).days + 1):
        join(spans, _utc_spans(opening_hours, _seen(opening_hours, place), first + n * _DAY))
    cut = ((max(since, begin), min(until, end)) for since, until in spans)
    return [(since.astimezone(UTC), until.astimezone(UTC)) for since, until in cut if since < until]


def week(opening_hours: str | None, place: Place, first: date) -> list[tuple[date, list[Span]]]:
    """Seven days from `first`, each with when it is open; what goes on past midnight belongs to the day it began."""
    if not opening_hours:
        return []
    zone, text = ZoneInfo(place.time_zone), understood(opening_hours) or ""
    days = [first + n * _DAY for n in range(7)]
    return [
        (
            day,
            [
                Span(_wall(day, begin, zone), _wall(day, end, zone), has_open_end)
                for begin, end, has_open_end in spans_on(text, day, place)
            ],
        )
        for day in days
    ]


def _around(opening_hours: str | None, place: Place, at: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The spans of the day that a moment is in, and those after it up to the first that is later: see `_upcoming`."""
    if not opening_hours:
        return ()
    return _upcoming(opening_hours, _seen(opening_hours, place), _today(place.time_zone, at))


@lru_cache(maxsize=256)
def _today(time_zone: str, at: datetime) -> date:
    return at.astimezone(ZoneInfo(time_zone)).date()


@lru_cache(maxsize=8192)
def _upcoming(text: str, place: Place, today: date) -> tuple[tuple[datetime, datetime], ...]:
    """All spans that tell, for any moment of a day, whether it is open and when that changes. One text, one place, one day.

    They go on until one ends on a later day, and is known to: as the next begins, or as `LOOK_AHEAD` is over.
    """
    spans: Spans = []
    tomorrow = _utc(_wall(today + _DAY, 0, ZoneInfo(place.time_zone)))
    for n in range(-1, LOOK_AHEAD.days + 2):
        day = today + n * _DAY
        join(spans, _utc_spans(text, place, day))
        if len(spans) > 1 and spans[-2][1] >= tomorrow:
            break
    return tuple(spans)


@lru_cache(maxsize=16384)
def _utc_spans(text: str, place: Place, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The spans that begin on a day. Texts stored before they were understood as they are now are put right, or are unknown."""
    zone = ZoneInfo(place.time_zone)
    spans = spans_on(understood(text) or "", day, place)
    return tuple((_utc(_wall(day, begin, zone)), _utc(_wall(day, end, zone))) for begin, end, _ in spans)


def _seen(text: str, place: Place) -> Place:
    """A place with nothing in it but what these hours depend on: all restaurants that have them share what is worked out."""
    depends = _needs(text)
    if not (depends.holidays or depends.sun):
        return _anywhere(place.time_zone)
    country, state = (place.country, place.state) if depends.holidays else (None, None)
    return Place(place.time_zone, country, state, place.position if depends.sun else None)


@lru_cache(maxsize=512)
def _anywhere(time_zone: str) -> Place:
    return Place(time_zone)


@lru_cache(maxsize=4096)
def _needs(text: str) -> Needs:
    return needs(understood(text) or "")


def join(spans: Spans, more: Iterable[tuple[datetime, datetime]]) -> None:
    """Add later spans to these; those that touch are one."""
    for begin, end in more:
        if spans and begin <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((begin, end))


def _wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows so many minutes after a day's midnight."""
    return datetime.combine(day, time(), zone) + timedelta(minutes=minutes)


def _utc(wall: datetime) -> datetime:
    """A time that is there twice, as clocks are set back, is the second one; one that is not there comes as much later."""
    return max(wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC))
