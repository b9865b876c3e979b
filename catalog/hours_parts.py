"""The parts of a rule of opening hours in words: dates (`Dec 24-Jan 02`, `week 10-20`), days (`Mo-Fr,PH`) and times."""

import re

from django.utils.dates import MONTHS, WEEKDAYS_ABBR
from django.utils.translation import gettext as _

from catalog.hours_days import weekdays_of
from catalog.hours_rules import DAYS, SUN
from catalog.hours_rules import MONTHS as _MONTHS

_NUMBER = r"\d{1,2}(?![\d:])"
_YEAR = r"\d{4}(?![\d:])"
_EASTER = r"easter(?: ?[+-]\d+ days?)?"
_DATE = rf"(?:(?:{_YEAR} ?)?(?:(?:{'|'.join(_MONTHS)})(?: ?{_NUMBER})?|{_EASTER})|{_YEAR})"
_RANGE = rf"{_DATE}(?: ?- ?(?:{_DATE}|{_NUMBER})| ?\+)?"
_WEEK_RANGE = rf"{_NUMBER}(?: ?- ?{_NUMBER}(?:/\d+)?)?"
_WEEKS = rf"week ?{_WEEK_RANGE}(?:,{_WEEK_RANGE})*"
_DATES = rf"(?:{_RANGE}(?:,{_RANGE})*(?: {_WEEKS})?|{_WEEKS})"

ALL_DAYS = frozenset(range(7))
_DAY = f"(?:{'|'.join(DAYS)})"
_HOLIDAY = "(?:PH|SH)(?: [+-]1 days?)?"
_DAY_ITEM = rf"(?:{_HOLIDAY}|{_DAY}(?:-{_DAY}|\[[-\d,]+\])?)"
_SELECTOR = re.compile(
    rf"(?P<dates>{_DATES}|):?(?:(?:^| )(?P<only>{_HOLIDAY}(?:,{_HOLIDAY})*)(?= {_DAY}))?"
    rf"(?:(?:^| )(?P<days>{_DAY_ITEM}(?:[ ,]{_DAY_ITEM})*))?"
)

_EVENT = "|".join(SUN)
_TIME = rf"(?:\d\d:\d\d|{_EVENT}|\((?:{_EVENT})[+-]\d\d:\d\d\))"


class Untold(Exception):
    """There are no words for this."""


def all_of(items: list[str]) -> str:
    """a; a and b; a, b and c"""
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


def parts_of(text: str) -> tuple[str, frozenset[int], tuple[str, ...]]:
    """Of the days of a rule (`catalog.hours_rules`): dates in words, days of the week (0 Monday), other days in words."""
    match = _SELECTOR.fullmatch(text)
    if match is None:
        raise Untold
    only = [_holidays(item) for item in re.findall(_HOLIDAY, match["only"] or "")]
    dates = " ".join(filter(None, [_dates(match["dates"]), all_of(only)]))
    if match["days"]:
        return dates, *_days(match["days"])
    return dates, ALL_DAYS, ()


# Dates


def _dates(text: str) -> str:
    dates, *weeks = text.split("week")
    said = all_of([_range(item) for item in re.findall(_RANGE, dates)])
    return " ".join(filter(None, [said, *(_weeks(item) for item in weeks)]))


def _range(text: str) -> str:
    begin, *rest = re.findall(rf"{_DATE}|(?<=-)\s*{_NUMBER}", text)
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
        rf"(?:({_YEAR})\s*)?(?:({'|'.join(_MONTHS)}|easter)\s*(.*))?", text.strip()
    ).groups()
    if not month:
        return str(year)
    if month == "easter":
        date = _easter(day)
    else:
        name = str(MONTHS[_MONTHS.index(month) + 1])
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


def _days(text: str) -> tuple[frozenset[int], tuple[str, ...]]:
    """Days of the week, 0 Monday; holidays and “the first Mon of the month” in words."""
    days: list[str] = []
    others: list[str] = []
    for item in re.findall(_DAY_ITEM, text):
        if "[" in item:
            others.append(_of_the_month(item[:2], item))
        elif item.startswith(("PH", "SH")):
            others.append(_holidays(item))
        else:
            days.append(item)
    return weekdays_of(days), tuple(others)


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
    return _("the %(which)s %(day)s of the month") % {"which": which, "day": _name(DAYS.index(day))}


def _counted(match: re.Match[str]) -> str:
    """`1-3` → 1,2,3"""
    return ",".join(str(number) for number in range(int(match[1]), int(match[2]) + 1))


def _name(day: int) -> str:
    return str(WEEKDAYS_ABBR[day])


def days_told(days: frozenset[int], others: tuple[str, ...]) -> str:
    """In words; the empty text for every day."""
    return "" if days == ALL_DAYS and not others else all_of([*_runs(days), *others])


def _runs(days: frozenset[int]) -> list[str]:
    """`Mon–Wed`, `Sat`; what is one run over Sunday stays one: `Thu–Mon`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    if len(runs) == 2 and {0, 6} <= days and len(days) > 2:
        runs = [runs[1] + runs[0]]
    return [_name(run[0]) if len(run) == 1 else f"{_name(run[0])}–{_name(run[-1])}" for run in runs]


# Times


def times_told(times: tuple[str, ...]) -> str:
    if times in (("24/7",), ("00:00-24:00",)):
        return _("around the clock")
    return all_of([_span(span) for span in times])


def _span(span: str) -> str:
    begin, *end = (_time(time) for time in re.findall(_TIME, span))
    if not end:
        return _("from %(begin)s") % {"begin": begin}
    said = f"{begin}–{'24:00' if end[0] == '00:00' else end[0]}"
    if re.search(_EVENT, span):
        said = _("from %(begin)s until %(end)s") % {"begin": begin, "end": end[0]}
    return _("%(hours)s or later") % {"hours": said} if span.endswith("+") else said


def _time(time: str) -> str:
    """`26:00` → 02:00, `(sunset-00:30)` → 30 min before sunset"""
    event = re.search(_EVENT, time)
    if event is None:
        return f"{int(time[:2]) - 24:02d}{time[2:]}" if time > "24:00" else time
    names = {"sunrise": _("sunrise"), "sunset": _("sunset"), "dawn": _("dawn"), "dusk": _("dusk")}
    hours, minutes = (int(number) for number in re.findall(r"\d\d", time) or (0, 0))
    if not hours + minutes:
        return names[event[0]]
    said = _("%(minutes)s min after %(event)s") if "+" in time else _("%(minutes)s min before %(event)s")
    return said % {"minutes": hours * 60 + minutes, "event": names[event[0]]}
