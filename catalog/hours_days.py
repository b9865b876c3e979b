"""For which days a rule of opening hours is, and from when to when, at its place.

Public holidays are those of the law in its country and state, with the days on which they are observed instead.
The sun is that of its position. Dates, seasons and weeks are read by the library.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from catalog.hours_rules import DAYS, SUN
from catalog.place import Place

OPEN_END_MINUTES = 4 * 60
DAY_MINUTES = 24 * 60

_WEEKDAY = rf"(?:{'|'.join(DAYS)})(?:-(?:{'|'.join(DAYS)}))?(?:\[[^\]]*\](?: [+-]\d+ days?)?)?"
_HOLIDAY = r"PH(?: [+-]\d+ days?)?|SH"
_SELECTOR = re.compile(
    rf"(?P<season>.*?):?(?:(?:^| )(?P<only>(?:{_HOLIDAY})(?:,(?:{_HOLIDAY}))*)(?= {_WEEKDAY}))?"
    rf"(?:(?:^| )(?P<weekly>(?:{_WEEKDAY}|{_HOLIDAY})(?:[ ,](?:{_WEEKDAY}|{_HOLIDAY}))*))?"
)
_A_DATE = re.compile(r"[A-Z][a-z]{2} \d|easter")
ANY_YEAR = 2024
_MOST_SINGLE_DAYS = 31
_EVERY_DAY = frozenset(range(7))
_TIME = re.compile(rf"\(?(?P<sun>{'|'.join(SUN)})?(?:(?P<sign>[+-])?(?P<hours>\d\d):(?P<minutes>\d\d))?\)?")


class Minutes(NamedTuple):
    """From when to when, in minutes from the midnight that its day begins with; up to 48 hours."""

    begin: int
    end: int
    has_open_end: bool = False


@dataclass(frozen=True, slots=True)
class Days:
    """The days that a rule is for: all of what is said here has to hold."""

    season: str = ""  # years, months, dates, weeks, “Mo[1]”: what only the library reads
    weekdays: frozenset[int] = _EVERY_DAY
    after_holiday: int | None = None  # so many days after a public holiday
    in_school_holidays: bool = False

    def has(self, day: date, place: Place, *, school_is_out: bool) -> bool:
        if day.weekday() not in self.weekdays or (self.in_school_holidays and not school_is_out):
            return False
        if self.after_holiday is not None:
            holiday = day - timedelta(days=self.after_holiday)
            if holiday not in public_holidays(place.country, place.state, holiday.year):
                return False
        return not self.season or day in season_days(self.season, day.year)

    @property
    def kind(self) -> tuple[str, int | None, bool]:
        return self.season, self.after_holiday, self.in_school_holidays


@lru_cache(maxsize=512)
def public_holidays(country: str | None, state: str | None, year: int) -> frozenset[date]:
    """By law; those of the whole country in the US and where the state is not known, none where the country is not."""
    import holidays  # takes long, and few hours speak of holidays
    from holidays.registry import EntityLoader

    if country is None or country not in EntityLoader.get_country_codes(include_aliases=False):
        return frozenset()
    states = getattr(holidays, country).subdivisions
    # What the offices of a US state keep on top is no day that a restaurant closes on.
    subdivision = state if state in states and country != "US" else None
    # Assumption is a holiday where most people are Catholic: in 1,704 of Bavaria's 2,056 municipalities.
    kinds = ("public", "catholic") if (country, state) == ("DE", "BY") else ("public",)
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, categories=kinds, years=year))


@lru_cache(maxsize=2048)
def season_days(text: str, year: int) -> frozenset[date]:
    """The days of a year that the library takes it for; all of them for "". Raises `ParserError`."""
    first, last = (datetime.combine(date(each, 1, 1), time()) for each in (year, year + 1))
    days: set[date] = set()
    for begin, end, state, _ in OpeningHours(f"{text} 00:00-24:00").intervals(first, last):
        if state == State.OPEN:
            days |= {begin.date() + timedelta(days=n) for n in range((end - begin).days)}
    return frozenset(days)


@lru_cache(maxsize=4096)
def _sun(event: str, day: date, place: Place) -> int | None:
    """In minutes from midnight, as the library reckons it; None on a day without it, or when the position is not known."""
    if place.position is None:
        return None
    zone, rises, sets = ZoneInfo(place.time_zone), *(("dawn", "dusk") if event in ("dawn", "dusk") else SUN[:2])
    midnight = datetime.combine(day, time(), zone)
    light = OpeningHours(f"{rises}-{sets}", timezone=zone, coords=place.position, auto_country=False)
    for begin, end, state, _ in light.intervals(midnight, midnight + timedelta(days=1)):
        if state == State.OPEN:
            moment = begin if event == rises else end
            return moment.hour * 60 + moment.minute if moment.date() == day else DAY_MINUTES
    return None


def minutes_of(text: str, day: date, place: Place) -> Minutes | None:
    """Of `18:00-02:00`; None on a day without the sun that it speaks of.

    Of an open end (`17:00+`) it is known when it begins, not when it ends: it counts as open for `OPEN_END_MINUTES`. Where a time
    is said before the “+”, it counts as open until then.
    """
    has_open_end = text.endswith("+")
    first, last = re.fullmatch(r"(\(.*?\)|[^-]*)(?:-(.*))?", text.removesuffix("+")).groups()  # type: ignore[union-attr]
    begin = _moment(first, day, place)
    end = _moment(last, day, place) if last else begin and begin + OPEN_END_MINUTES
    if begin is None or end is None:
        return None
    return Minutes(begin, end if end > begin else end + DAY_MINUTES, has_open_end)


def _moment(text: str, day: date, place: Place) -> int | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    minutes = int(match["hours"] or 0) * 60 + int(match["minutes"] or 0)
    if not match["sun"]:
        return minutes
    sun = _sun(match["sun"], day, place)
    return None if sun is None else sun + (-minutes if match["sign"] == "-" else minutes)


def days_of(text: str) -> list[Days]:
    """What is in a list such as `Apr-Sep Mo-We,Sa,PH`, days of the week together, each kind of holiday for itself."""
    match = _SELECTOR.fullmatch(text)
    if match is None:
        return [Days(season=text)]
    season = dates = match["season"].strip(" :")
    weekly = re.split(r",| (?=[A-Z])", match["weekly"]) if match["weekly"] else []
    plain = [item for item in weekly if not item.startswith(("PH", "SH"))]
    if any("[" in item for item in plain):
        season, weekdays = f"{season} {','.join(plain)}".strip(), _EVERY_DAY
    else:
        weekdays = weekdays_of(plain) or _EVERY_DAY
    if match["only"]:
        return [_holiday(item, season, weekdays) for item in match["only"].split(",")]
    days = [Days(season, weekdays)] if plain or not weekly else []
    return days + [_holiday(item, dates, _EVERY_DAY) for item in weekly if item not in plain]


def is_single(days: Days) -> bool:
    """Dates that are not a season: `Dec 24-26`, `easter`, up to a month."""
    if not _A_DATE.search(days.season):
        return False
    year = re.search(r"\d{4}", days.season)
    return (
        len(season_days(days.season, min(int(year[0]), date.max.year - 1) if year else ANY_YEAR)) <= _MOST_SINGLE_DAYS
    )


def _holiday(item: str, season: str, weekdays: frozenset[int]) -> Days:
    if item == "SH":
        return Days(season, weekdays, in_school_holidays=True)
    return Days(season, weekdays, after_holiday=int(item.split()[1]) if " " in item else 0)


def weekdays_of(items: Iterable[str]) -> frozenset[int]:
    """0 Monday, of items such as `Mo-We` and `Sa`; over Sunday as well."""
    days: set[int] = set()
    for item in items:
        first, _, last = item.partition("-")
        begin, end = DAYS.index(first), DAYS.index(last or first)
        days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    return frozenset(days)
