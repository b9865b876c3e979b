"""Opening hours as people write them, in English, French or German, put into OpenStreetMap's language, or not at all.

Nothing is guessed: a text is read when every word of it is understood and there is one way only to understand it. It is
tried in each language; “Di 11h-22h” (Tuesday in German, Sunday in French) has two meanings and stays a text.
The steps: text → days, spans and “closed” (`tokens`) → clauses (`_clauses`) → a week (`_week`) → text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from catalog import hours
from catalog.hours_rules import day_list
from catalog.imports.hours_text.tokens import MINUTES_A_DAY, Item, Kind, Span, Unclear, items_of, plain
from catalog.imports.hours_text.words import HOLIDAY, LANGUAGES, WEEK

Week = dict[int, tuple[Span, ...]]
"""The spans of each day that is named, 0 Monday to 6 Sunday, `HOLIDAY`; an empty tuple is a day named as closed."""


class Order(Enum):
    """How a text parts its clauses, the same way throughout."""

    DAYS_FIRST = auto()
    SPANS_FIRST = auto()
    SPANS_ONLY = auto()


@dataclass(frozen=True)
class _Clause:
    days: frozenset[int]
    spans: tuple[Span, ...]  # none: closed


def osm_hours(text: str) -> str | None:
    """The hours in OpenStreetMap's language, known to be readable; None when there is any doubt."""
    if len(text) > hours.MAX_CHARACTERS:
        return None
    bare = plain(text)
    readings = set()
    for words in LANGUAGES:
        try:
            readings.add(rendered(_week(_clauses(items_of(bare, words)))))
        except Unclear:
            continue
    if len(readings) != 1:
        return None
    reading = readings.pop()
    return reading if hours.readable(reading) else None


def rendered(week: Week) -> str:
    """A week in OpenStreetMap's language, days with the same hours together, holidays last: they override."""
    days_of: dict[tuple[Span, ...], list[int]] = {}
    for day in WEEK:
        if week.get(day):
            days_of.setdefault(week[day], []).append(day)
    # After a semicolon, the evaluation ends the night of the day before at midnight; after a comma it does not.
    late = any(end > MINUTES_A_DAY for spans in days_of for _, end in spans)
    text = (", " if late else "; ").join(f"{day_list(days)} {_span_list(spans)}" for spans, days in days_of.items())
    if HOLIDAY not in week:
        return text
    return f"{text}; PH {_span_list(week[HOLIDAY]) or 'off'}".removeprefix("; ")


def _span_list(spans: tuple[Span, ...]) -> str:
    return ",".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in spans)


def _clock(minutes: int) -> str:
    minutes -= MINUTES_A_DAY if minutes > MINUTES_A_DAY else 0
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


# Items → clauses


def _clauses(items: list[Item]) -> list[_Clause]:
    """The one way to part the items into “days, spans” (or the other way round, but always the same) and closed days."""
    readings = [reading for order in Order for reading in _parted(tuple(items), order)]
    if len(readings) != 1:
        raise Unclear
    return list(readings[0])


def _parted(items: tuple[Item, ...], order: Order) -> list[tuple[_Clause, ...]]:
    """At most two ways to part the items, found from the end so that no part is looked at twice."""
    runs = sum(item.kind == Kind.SPAN and not _continues(items, place, Kind.SPAN) for place, item in enumerate(items))
    if runs == 0 or (order == Order.SPANS_ONLY and runs > 1):
        return []
    ways: dict[int, list[tuple[_Clause, ...]]] = {len(items): [()]}
    for start in range(len(items) - 1, -1, -1):
        from_here = [(clause, *rest) for clause, stop in _from(items, start, order) for rest in ways[stop]]
        ways[start] = from_here[:2]
    return ways[0]


def _continues(items: tuple[Item, ...], place: int, kind: Kind) -> bool:
    """Does the item here go on with a list of the item before?"""
    gaps = ("", ",") if kind == Kind.SPAN else (",",)
    return place > 0 and items[place].kind == items[place - 1].kind == kind and items[place].gap in gaps


def _run(items: tuple[Item, ...], start: int, kind: Kind) -> int:
    """Where a list of items of this kind that begins here ends; `start` when there is none."""
    if start == len(items) or items[start].kind != kind:
        return start
    stop = start + 1
    while stop < len(items) and _continues(items, stop, kind):
        stop += 1
    return stop


def _from(items: tuple[Item, ...], start: int, order: Order) -> Iterator[tuple[_Clause, int]]:
    """The clauses that can begin here, each with where it ends."""
    kind = items[start].kind
    if kind == Kind.CLOSED:
        for stop in _stops(items, start + 1, gaps=("",)):
            yield _Clause(_days_in(items[start:stop]), ()), stop
    elif kind == Kind.DAYS:
        for stop in _stops(items, start, gaps=(items[start].gap,)):
            days, after = _days_in(items[start:stop]), _run(items, stop, Kind.SPAN)
            if after > stop and order == Order.DAYS_FIRST and items[stop].gap != ";":
                yield _Clause(days, _spans_in(items[stop:after])), after
            elif stop < len(items) and items[stop].kind == Kind.CLOSED and items[stop].gap == "":
                yield _Clause(days, ()), stop + 1
    elif order == Order.SPANS_FIRST:
        after = _run(items, start, Kind.SPAN)
        for stop in _stops(items, after, gaps=("", ",")):
            yield _Clause(_days_in(items[after:stop]), _spans_in(items[start:after])), stop
    elif order == Order.SPANS_ONLY and (start == 0 or items[start].gap == ";"):
        stop = _run(items, start, Kind.SPAN)
        yield _Clause(frozenset(WEEK), _spans_in(items[start:stop])), stop


def _stops(items: tuple[Item, ...], start: int, *, gaps: tuple[str, ...]) -> range:
    """Where a list of days that begins here, after one of these gaps, may end: it may be cut at any comma."""
    stop = _run(items, start, Kind.DAYS)
    return range(start + 1, stop + 1) if stop > start and items[start].gap in gaps else range(0)


def _days_in(items: tuple[Item, ...]) -> frozenset[int]:
    return frozenset[int]().union(*(item.days for item in items))


def _spans_in(items: tuple[Item, ...]) -> tuple[Span, ...]:
    return tuple(item.span for item in items)


# Clauses → week


def _week(clauses: list[_Clause]) -> Week:
    week: Week = {}
    for clause in clauses:
        if clause.spans:
            _check_together(week, clause)
            for day in clause.days:
                week[day] = _in_order((*week.get(day, ()), *clause.spans))
    for clause in clauses:
        if not clause.spans:
            for day in clause.days:
                week[day] = ()
    for clause in clauses:
        # A clause of which nothing is left was not meant like this.
        if clause.spans and not any(week[day] for day in clause.days):
            raise Unclear
    return week


def _check_together(week: Week, clause: _Clause) -> None:
    """A day named twice has both hours, unless the second word may be an exception from the first."""
    if clause.days & week.keys() and not clause.days >= week.keys():
        raise Unclear


def _in_order(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    ordered = tuple(sorted(spans))
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        raise Unclear
    return ordered
