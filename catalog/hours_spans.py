"""From when to when it is open on a day, by all rules of its hours.

A day has the spans that begin on it; a night goes on past midnight, whatever is said of the next day.
Of several rules for a day:

- one after “;” is instead of those before it. Where one before would be said in vain, as the later is for all its days at other
  times, both are meant: `Mo-Fr 11:00-14:00; Mo-Su 17:00-22:00`. For fewer days, the later one is instead, as the grammar has it;
- holidays are instead of the day of the week, single dates instead of both, wherever they stand;
- “off” with times takes these times away, without times the whole day;
- nobody knows the school holidays: it is open when it is open in them and outside of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from catalog.hours_days import ANY_YEAR, DAY_MINUTES, Days, Minutes, days_of, is_single, minutes_of, season_days
from catalog.hours_rules import SUN, Rule, rules_of
from catalog.place import Place


def spans_on(text: str, day: date, place: Place) -> list[Minutes]:
    """When it is open on a day, in order; [] for a text that has no rules."""
    rules = entries(text)
    spans = _spans(rules, day, place, school_is_out=False)
    return _common(spans, _spans(rules, day, place, school_is_out=True)) if needs(text).school else spans


def check(text: str) -> None:
    """Raise `ParserError` when it has days that the library does not know."""
    for entry in entries(text):
        season_days(entry.days.season, ANY_YEAR)


def is_ever_open(text: str) -> bool:
    """On any day of a year without holidays?"""
    nowhere = Place("Etc/UTC")
    return any(spans_on(text, date(ANY_YEAR, 1, 1) + timedelta(days=n), nowhere) for n in range(366))


class Needs(NamedTuple):
    """What of the place hours depend on, beside its time zone."""

    holidays: bool
    sun: bool
    school: bool  # on what nobody knows


@lru_cache(maxsize=4096)
def needs(text: str) -> Needs:
    rules = entries(text)
    return Needs(
        any(entry.days.after_holiday is not None for entry in rules),
        any(entry.clock is None for entry in rules),
        any(entry.days.in_school_holidays for entry in rules),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule for days of one kind."""

    joint: str
    days: Days
    rule: Rule
    clock: list[Minutes] | None  # from when to when on each of these days; None where that is for the sun to say

    @property
    def is_holiday(self) -> bool:
        return self.days.after_holiday is not None or self.days.in_school_holidays

    def spans(self, day: date, place: Place) -> list[Minutes]:
        if self.clock is not None:
            return self.clock
        return _united([span for text in self.rule.times if (span := minutes_of(text, day, place))])


def _spans(entries: tuple[Entry, ...], day: date, place: Place, *, school_is_out: bool) -> list[Minutes]:
    spans: list[Minutes] = []
    is_said = False
    for entry in entries:
        if (entry.joint == "||" and is_said) or not entry.days.has(day, place, school_is_out=school_is_out):
            continue
        is_said = True
        own = entry.spans(day, place)
        if entry.rule.state == "open":
            spans = _united([*spans, *own]) if entry.joint == "," else own
        elif entry.rule.state == "unknown" and entry.joint != ",":
            spans = []
        else:
            spans = _without(spans, own) if entry.rule.times else []
    return spans


@lru_cache(maxsize=4096)
def entries(text: str) -> tuple[Entry, ...]:
    """In the order in which they count."""
    rules = rules_of(text) or ()
    main = _of_rules(rule for rule in rules if rule.joint != "||")
    dates = [entry for entry in main if is_single(entry.days)]
    rest = [entry for entry in main if entry not in dates]
    # Up to here a holiday would be forgotten by a rule that says nothing of holidays.
    last = max((n for n, entry in enumerate(rest, 1) if not entry.is_holiday and entry.rule.state == "open"), default=0)
    early = sorted(rest[:last], key=lambda entry: entry.is_holiday)
    ordered: list[Entry] = []
    for entry in (*early, *rest[last:], *dates):
        ordered.append(replace(entry, joint=_joint(entry, ordered)))
    return (*ordered, *_of_rules(rule for rule in rules if rule.joint == "||"))


def _joint(entry: Entry, before: list[Entry]) -> str:
    """Is an entry instead of those before it, or beside them?"""
    alike = [
        other for other in before if other.days.kind == entry.days.kind and other.days.weekdays & entry.days.weekdays
    ]
    if entry.joint == ",":
        return ";" if entry.is_holiday and not alike else ","
    in_vain = [other for other in alike if other.rule.state == "open" and other.days.weekdays <= entry.days.weekdays]
    is_beside = bool(alike) and alike == in_vain and entry.rule.state == "open"
    return "," if is_beside and not any(_overlap(entry, other) for other in alike) else ";"


def _overlap(entry: Entry, other: Entry) -> bool:
    if entry.clock is None or other.clock is None:
        return True  # the sun may bring them together
    return bool(_common(entry.clock, other.clock))


def _of_rules(rules: Iterable[Rule]) -> list[Entry]:
    return [Entry(rule.joint, days, rule, _clock(rule)) for rule in rules for days in days_of(rule.days)]


def _clock(rule: Rule) -> list[Minutes] | None:
    if not rule.times or rule.times == ("24/7",):
        return [Minutes(0, DAY_MINUTES)]
    if any(event in times for times in rule.times for event in SUN):
        return None
    nowhere = Place("Etc/UTC")
    return _united([span for times in rule.times if (span := minutes_of(times, date.min, nowhere))])


def _united(spans: list[Minutes]) -> list[Minutes]:
    """In order, those that touch as one."""
    united: list[Minutes] = []
    for span in sorted(spans):
        if united and span.begin <= united[-1].end:
            last = max(united[-1], span, key=lambda each: each.end)
            united[-1] = Minutes(united[-1].begin, last.end, last.has_open_end)
        else:
            united.append(span)
    return united


def _without(spans: list[Minutes], away: list[Minutes]) -> list[Minutes]:
    for gone in away:
        before = [Minutes(s.begin, min(s.end, gone.begin), s.has_open_end and s.end <= gone.begin) for s in spans]
        after = [Minutes(max(s.begin, gone.end), s.end, s.has_open_end) for s in spans]
        spans = sorted(span for span in (*before, *after) if span.begin < span.end)
    return spans


def _common(first: list[Minutes], second: list[Minutes]) -> list[Minutes]:
    pairs = (
        (max(a.begin, b.begin), min(a.end, b.end), a.has_open_end or b.has_open_end) for a in first for b in second
    )
    return sorted(Minutes(*pair) for pair in pairs if pair[0] < pair[1])
