"""Why the project reads opening hours otherwise than the reference implementation, on purpose or because it is wrong.

Each is looked for where a difference is: a difference for which there is none of these reasons fails the comparison.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import combinations
from zoneinfo import ZoneInfo

from catalog.hours_days import is_single, public_holidays
from catalog.hours_spans import entries
from catalog.place import Place
from tests.reference.compare import Answer, Span

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Case:
    """Hours as they are understood, their place, what the reference says of them and which days it takes for holidays."""

    text: str
    place: Place
    answer: Answer
    ours: list[Span]
    holidays: frozenset[date]

    @cached_property
    def bare(self) -> str:
        return re.sub(r'"[^"]*"', "", self.text)

    def days(self, span: Span) -> list[date]:
        """The days of a span, and the one before: its night may go on."""
        first, last = (_date(minute) for minute in (span[0], span[1] - 1))
        return [first + timedelta(days=n) for n in range(-1, (last - first).days + 1)]

    def is_ours(self, span: Span) -> bool:
        return any(begin < span[1] and span[0] < end for begin, end in self.ours)

    def is_unknown(self, span: Span) -> bool:
        return any(begin < span[1] and span[0] < end for begin, end in self.answer.unknown)

    def holiday(self, day: date) -> bool:
        return day in public_holidays(self.place.country, self.place.state, day.year)


def _date(minute: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)).date()


def _is_early(span: Span) -> bool:
    """Within the hours that a night may take of the next day."""
    return span[0] // DAY_MINUTES == (span[1] - 1) // DAY_MINUTES


def clocks_are_set(case: Case, span: Span) -> bool:
    """After a night that is an hour shorter, it ends nights an hour late on the next evening too: it adds 24 hours."""
    zone = ZoneInfo(case.place.time_zone)
    offsets = {
        datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()
        for day in case.days((span[0] - DAY_MINUTES, span[1]))
    }
    return len(offsets) > 1 and span[1] - span[0] <= 120


def holiday_lists(case: Case, span: Span) -> bool:
    """A day that is a public holiday for one of the two only: `holiday_lists` has them."""
    return "PH" in case.bare and any(
        case.holiday(day - timedelta(days=n)) != (day - timedelta(days=n) in case.holidays)
        for day in case.days(span)
        for n in (-1, 0, 1)
    )


def school_holidays(case: Case, span: Span) -> bool:
    """It has dates of school holidays for some years; we take none, and open when it is open with and without them."""
    return "SH" in case.bare


def open_end(case: Case, span: Span) -> bool:
    """`17:00+`: unknown there, open for some hours here."""
    return "+" in re.sub(r"\([^)]*\)|[+-]\d+ days?", "", case.bare) and case.is_ours(span)


def remark(case: Case, span: Span) -> bool:
    """`Mo-Fr 11:00-14:00 "lunch only"`: a remark makes it unknown there; people mean that it is open."""
    return case.bare != case.text and case.is_ours(span) and case.is_unknown(span)


def sun(case: Case, span: Span) -> bool:
    """The two reckon the sun a few minutes apart."""
    return bool(re.search("sun|dawn|dusk", case.bare)) and span[1] - span[0] <= 3


def holidays_stand_first(case: Case, span: Span) -> bool:
    """`PH off; Mo-Fr 10:00-18:00`: here holidays, and single dates, are instead of the day of the week wherever they stand."""
    days = case.days(span)
    about_holidays = any(
        entry.is_holiday and any(_is_for(entry.days, day, case) for day in days) for entry in entries(case.text)
    )
    about_dates = any(
        is_single(entry.days) and any(_is_for(entry.days, day, case) for day in days) for entry in entries(case.text)
    )
    return about_holidays or about_dates


def _is_for(days: object, day: date, case: Case) -> bool:
    return bool(days.has(day, case.place, school_is_out=True))  # type: ignore[attr-defined]


def night(case: Case, span: Span) -> bool:
    """A night goes on past midnight whatever is said of the next day, and belongs to the day it began: there, a rule after “;”
    ends it at midnight, and the night of a day that was replaced goes on."""
    late = re.search(r"(\d\d:\d\d)-(\d\d:\d\d)", case.bare) and any(
        end <= begin or end > "24:00" for begin, end in re.findall(r"(\d\d:\d\d)-(\d\d:\d\d)", case.bare)
    )
    return bool(late) and len(entries(case.text)) > 1 and _is_early(span)


def both_are_meant(case: Case, span: Span) -> bool:
    """`We-Su 12:00-14:30; Mo-Su 18:00-22:30`: lunch too, which the letter forgets. Only of rules that do not overlap."""
    rules = [(entry.rule, _minutes(entry.rule.times)) for entry in entries(case.text) if entry.rule.state == "open"]
    return case.is_ours(span) and any(
        later.joint == ";" and not (first_minutes & later_minutes)
        for (_, first_minutes), (later, later_minutes) in combinations(rules, 2)
    )


def _minutes(times: tuple[str, ...]) -> set[int]:
    """The minutes of a day; those of the sun are left out."""
    minutes: set[int] = set()
    for begin, end in re.findall(r"(\d\d:\d\d)-(\d\d:\d\d)", ",".join(times)):
        since, until = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (begin, end))
        minutes |= set(range(since, until if until > since else until + DAY_MINUTES))
    return minutes


def no_days(case: Case, span: Span) -> bool:
    """`Apr-Sep 10:00-20:00; 08:00-12:00`: a rule without days is for all of them here, and instead; there it is added."""
    return not case.is_ours(span) and any(
        not entry.rule.days and entry.rule.joint == ";" for entry in entries(case.text)
    )


def unknown_replaces(case: Case, span: Span) -> bool:
    """`10:00-20:00; Sa 12:00-14:00 unknown`: a rule that is not certain; there it replaces the day, or is added to it."""
    return any(entry.rule.state == "unknown" for entry in entries(case.text))


def fallback(case: Case, span: Span) -> bool:
    """`Mo-Fr 10:00-12:00 || Sa 10:00-14:00`: here for days of which nothing is said, there for every minute when it is closed."""
    return "||" in case.bare


REASONS: dict[str, Callable[[Case, Span], bool]] = {
    reason.__name__.replace("_", " "): reason
    for reason in (
        clocks_are_set, sun, holiday_lists, school_holidays, open_end, remark, night, holidays_stand_first, both_are_meant,
        no_days, unknown_replaces, fallback,
    )
}  # fmt: skip


def reason_for(case: Case, span: Span) -> str | None:
    return next((name for name, holds in REASONS.items() if holds(case, span)), None)
