"""The parts of a rule of opening hours in words: dates (`Dec 24-Jan 02`, `week 10-20`), days (`Mo-Fr,PH`) and times."""

import re
from collections.abc import Iterable

from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from catalog.hours_rules import DAYS

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NUMBER = r"\d{1,2}(?![\d:])"
_YEAR = r"\d{4}(?![\d:])"
_EASTER = r"easter(?:\s*[+-]\s*\d+\s*days?)?"
_DATE = rf"(?:(?:{_YEAR}\s*)?(?:(?:{'|'.join(_MONTHS)})(?:\s*{_NUMBER})?|{_EASTER})|{_YEAR})"
_RANGE = rf"{_DATE}(?:\s*-\s*(?:{_DATE}|{_NUMBER})|\s*\+)?"
_WEEK_RANGE = rf"{_NUMBER}(?:\s*-\s*{_NUMBER}(?:\s*/\s*\d+)?)?"
_WEEKS = rf"week\s*{_WEEK_RANGE}(?:\s*,\s*{_WEEK_RANGE})*"

ALL_DAYS = frozenset(range(7))
_DAY = "|".join(DAYS)
_DAY_ITEM = rf"(?:(?:PH|SH)(?:\s*[+-]\s*1\s+days?)?|(?:{_DAY})(?:\s*-\s*(?:{_DAY})|\s*\[[-\d,\s]+\])?)"
_EVENT = "sunrise|sunset|dawn|dusk"
_TIME = rf"(?:\d{{1,2}}:\d\d|{_EVENT}|\(\s*(?:{_EVENT})\s*[+-]\s*\d{{1,2}}:\d\d\s*\))"
_SPAN = rf"{_TIME}(?:\s*-\s*{_TIME}\s*\+?|\s*\+)"

# Patterns, to be used without regard to case.
DATES = rf"(?:(?:{_RANGE}(?:\s*,\s*{_RANGE})*)(?:\s+{_WEEKS})?|{_WEEKS})"
DAY_LIST = rf"{_DAY_ITEM}(?:(?:\s*,\s*|\s+){_DAY_ITEM})*"
TIMES = rf"24/7|{_SPAN}(?:\s*,\s*{_SPAN})*"


class Untold(Exception):
    """There are no words for this."""


def all_of(items: list[str]) -> str:
    """a; a and b; a, b and c"""
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


# Dates


def dates_told(text: str) -> str:
    """Dates that match `DATES` in words; the empty text for none."""
    dates, *weeks = re.split("week", text, maxsplit=1, flags=re.IGNORECASE)
    said = all_of([_range(item) for item in re.findall(_RANGE, dates, re.IGNORECASE)])
    return " ".join(filter(None, [said, *(_weeks(item) for item in weeks)]))


def _range(text: str) -> str:
    begin, *rest = re.findall(rf"{_DATE}|(?<=-)\s*{_NUMBER}", text, re.IGNORECASE)
    if not rest:
        return _("from %(begin)s") % {"begin": _date(begin)} if text.endswith("+") else _date(begin)
    end = rest[0].strip()
    if end.isdigit() and len(end) < 3:
        end = re.sub(r"\d+$", end, begin)  # “Dec 24-26”: in the same month
    first, last = _date(begin), _date(end)
    return f"{first} – {last}" if " " in first + last else f"{first}–{last}"


def _date(text: str) -> str:
    """`Dec 24` → December 24; `2026 Dec` → December 2026"""
    year, month, day = re.fullmatch(  # type: ignore[union-attr]
        rf"(?:({_YEAR})\s*)?(?:({'|'.join(_MONTHS)}|easter)\s*(.*))?", text.strip(), re.IGNORECASE
    ).groups()
    if not month:
        return str(year)
    if month.lower() == "easter":
        date = _easter(day)
    else:
        name = str(MONTHS[_MONTHS.index(month.title()) + 1])
        date = _("%(month)s %(day)s") % {"month": name, "day": int(day)} if day else name
    return _("%(date)s %(year)s") % {"date": date, "year": year} if year else date


def _easter(offset: str) -> str:
    days = int(re.sub(r"[^-+\d]", "", offset) or 0)
    names = {-2: _("Good Friday"), 0: _("Easter Sunday"), 1: _("Easter Monday")}
    if days in names:
        return names[days]
    said = _("%(days)s days after Easter") if days > 0 else _("%(days)s days before Easter")
    return said % {"days": abs(days)}


def _weeks(text: str) -> str:
    items = re.findall(_WEEK_RANGE, text)
    if len(items) == 1 and (every := re.fullmatch(r"(\d+)\s*-\s*(\d+)\s*/\s*2", items[0])):
        return _("every second week from %(begin)s to %(end)s") % {"begin": int(every[1]), "end": int(every[2])}
    if "/" in text:
        raise Untold
    said = ["–".join(str(int(number)) for number in re.findall(r"\d+", item)) for item in items]
    return _("weeks %(weeks)s") % {"weeks": all_of(said)}


# Days


def days_in(text: str) -> tuple[frozenset[int], list[str]]:
    """Of what matches `DAY_LIST`: days of the week, 0 Monday, and holidays and “the first Mon of the month” in words."""
    days: set[int] = set()
    others: list[str] = []
    for item in re.findall(_DAY_ITEM, text, re.IGNORECASE):
        name, *rest = re.split(r"\s*[-+\[]\s*", item.strip("] "))
        if "[" in item:
            others.append(_of_the_month(name, item))
        elif name.upper() in ("PH", "SH"):
            others.append(_holidays(item.upper()))
        else:
            begin, end = (DAYS.index(day.title()) for day in (name, *(rest or [name])))
            days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    return frozenset(days), others


def _holidays(item: str) -> str:
    if item.startswith("SH"):
        if item != "SH":
            raise Untold
        return _("school holidays")
    if item == "PH":
        return _("public holidays")
    return _("the day before public holidays") if "-" in item else _("the day after public holidays")


def _of_the_month(day: str, item: str) -> str:
    """`Mo[1,3]` → the first and third Mon of the month"""
    places = {"1": _("first"), "2": _("second"), "3": _("third"), "4": _("fourth"), "5": _("fifth"), "-1": _("last")}
    numbers = re.findall(r"-?\d+", re.sub(r"(\d)-(\d)", _counted, item))
    if not numbers or not set(numbers) <= places.keys():
        raise Untold
    which = all_of([places[number] for number in numbers])
    return _("the %(which)s %(day)s of the month") % {"which": which, "day": _name(DAYS.index(day.title()))}


def _counted(match: re.Match[str]) -> str:
    """`1-3` → 1,2,3"""
    return ",".join(str(number) for number in range(int(match[1]), int(match[2]) + 1))


def _name(day: int) -> str:
    return str(WEEKDAYS_ABBR[day])


def days_told(days: frozenset[int], others: Iterable[str]) -> str:
    """In words; the empty text for every day."""
    others = tuple(others)
    return "" if days == ALL_DAYS and not others else all_of([*_runs(days), *others])


def _runs(days: frozenset[int]) -> list[str]:
    """`Mon–Wed`, `Sat`; what goes on over Sunday stays together when it is more than those two days."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if len(runs) > 1 and runs[-1][-1] == 6 and runs[0][0] == 0 and len(runs[0] + runs[-1]) > 2:
        runs[-1] += runs.pop(0)
    return [_name(run[0]) if len(run) == 1 else f"{_name(run[0])}–{_name(run[-1])}" for run in runs]


# Times


def times_told(times: str) -> str:
    """What matches `TIMES` in words."""
    times = times.lower()
    if times in ("24/7", "00:00-24:00", "0:00-24:00"):
        return _("around the clock")
    return all_of([_span(span) for span in re.findall(_SPAN, times)])


def _span(span: str) -> str:
    begin, *rest = (_time(time) for time in re.findall(_TIME, span))
    if not rest:
        return _("from %(begin)s") % {"begin": begin}
    said = f"{begin}–{rest[0]}" if not re.search(_EVENT, span) else ""
    said = said or _("from %(begin)s until %(end)s") % {"begin": begin, "end": rest[0]}
    return _("%(hours)s or later") % {"hours": said} if span.endswith("+") else said


def _time(time: str) -> str:
    """`9:30` → 09:30, `26:00` → 02:00, `(sunset-00:30)` → 30 min before sunset"""
    clock = re.search(r"(\d+):(\d\d)", time)
    event = re.search(_EVENT, time)
    if event is None:
        hour = int(clock[1]) if clock else 0
        return f"{hour - 24 if hour > 24 or time == '24:30' else hour:02d}:{clock[2] if clock else '00'}"
    names = {"sunrise": _("sunrise"), "sunset": _("sunset"), "dawn": _("dawn"), "dusk": _("dusk")}
    name = names[event[0]]
    minutes = int(clock[1]) * 60 + int(clock[2]) if clock else 0
    if not minutes:
        return name
    late = _("%(minutes)s min after %(event)s") if "+" in time else _("%(minutes)s min before %(event)s")
    return late % {"minutes": minutes, "event": name}
