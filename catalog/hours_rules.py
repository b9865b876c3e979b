"""Opening hours in OpenStreetMap's language: their rules, read as people mean them.

Its grammar (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification) lets rules follow after “;” (instead of the
rules before, for the same days), after “, ” (beside them) and after “||” (when nothing else is said); a rule is days, dates
and times, “off” or “unknown”, a "comment". Taken by its letter, it says what nobody means: “Sa, Su 18:00-22:00” opens Saturday
around the clock, “Tu-Su” does so for six days. What only lacks a space, a comma or a semicolon is read.

Here is what a text says; `catalog.hours_days` tells what becomes of several rules for the same day.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SUN = ("sunrise", "sunset", "dawn", "dusk")

_NAMES = {
    name.casefold(): name for name in (*DAYS, *MONTHS, *SUN, "PH", "SH", "easter", "week", "off", "open", "unknown")
}
_NAMES["closed"] = "off"
_CLOCK = r"\d\d:\d\d"
_SUN = f"(?:{'|'.join(SUN)})"
_TIME = rf"(?:{_CLOCK}|{_SUN}|\({_SUN}[+-]{_CLOCK}\))"
_SPAN = rf"{_TIME}(?:-{_TIME}\+?|\+)"
_DAY = f"(?:{'|'.join(DAYS)})"
_BEGINS_DAYS = rf"(?:{'|'.join((*DAYS, *MONTHS, 'PH', 'SH', 'easter', 'week'))})(?![a-z])"

_COMMENT = re.compile(r'("[^"]*")')
_TIDY = (
    (re.compile(r"[–—‒−]"), "-"),
    (re.compile(r"\s+"), " "),
    (re.compile(r"[A-Za-z]+"), lambda word: _NAMES.get(word[0].casefold(), word[0])),
    (re.compile(r"(?<![\d:])(?=\d:\d\d)"), "0"),
    (re.compile(rf"(?<=[A-Za-z\]]):? ?(?={_CLOCK})"), " "),
    (re.compile(rf"(?<=[A-Za-z\d)]) - (?=[A-Za-z\d(])|(?<=:\d\d) ?- ?(?={_TIME})|(?<={_DAY}) ?- ?(?={_DAY})"), "-"),
    # “Dec 25,26”: a month stands for all days after it, and the grammar wants it at each. Not “Dec 25, 2026”, nor times.
    (
        re.compile(rf"\b({'|'.join(MONTHS)}) (\d{{1,2}}(?:-\d{{1,2}})?(?: ?, ?\d{{1,2}}(?:-\d{{1,2}})?)+)(?![\d:-])"),
        lambda match: ",".join(f"{match[1]} {days.strip()}" for days in match[2].split(",")),
    ),
    (re.compile(rf"\(({_SUN}) ?([+-]) ?({_CLOCK})\)"), r"(\1\2\3)"),
    (re.compile(r"(?<=:\d\d) (?=\+)"), ""),
    (re.compile(rf"({_CLOCK}\+?)(?: ?, ?| )(?={_TIME})|(?<=[a-z)]) ?, ?(?={_TIME})"), lambda match: f"{match[1] or ''},"),
)  # fmt: skip
_WITHOUT_SEMICOLON = re.compile(rf"({_CLOCK}\+?|24/7|\b(?:off|open)) (?={_BEGINS_DAYS})")
_BEGINS_WITH_TIMES = re.compile(rf"\s*(?:{_TIME}|24/7)")
# A comma before a digit, a bracket or the sun goes on with times or dates of the same rule.
_BETWEEN = re.compile(rf'{_COMMENT.pattern}|\s*(?P<between>;|\|\||,(?=\s*["A-Za-z])(?!\s*{_SUN}))\s*')
_SAYS_WHEN = re.compile(rf'{_CLOCK}|24/7|{_SUN}|\b(?:off|unknown)\b|"')
_RULE = re.compile(
    rf'(?P<days>[^"]*?)(?:(?:^| )(?P<times>24/7|{_SPAN}(?:,{_SPAN})*))?'
    r'(?:(?:^| )(?P<state>open|off|unknown))? ?(?P<comment>".*")?'
)
_A_DATE = rf"(?:\d{{4}} )?(?:(?:{'|'.join(MONTHS)}) ?\d|easter).*"
_HOLIDAYS_AND_DATES = re.compile(rf"(?P<before>PH|SH),(?P<after>{_A_DATE})|(?P<dates>{_A_DATE}),(?P<holidays>PH|SH)")
_JOINT = {"": "", ";": "; ", ",": ", ", "||": " || "}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. It says something: times, that it is closed, or a comment."""

    joint: str  # how it follows the rules before: "" the first, ";" instead of them, "," beside them, "||" when they say nothing
    days: str  # for which days, dates, seasons: `Mo-Fr,PH`, `Apr-Sep Sa`; "" for all of them
    times: tuple[str, ...]  # from when to when: `11:30-14:30`, `17:00+`, `(sunset-01:00)-23:00`; () for the whole day
    state: str  # "open", "off" or "unknown"
    comment: str  # what is said beside it, without the quotes

    def __str__(self) -> str:
        state = "" if self.state == "open" else self.state
        comment = f'"{self.comment}"' if self.comment else ""
        return " ".join(part for part in (self.days, ",".join(self.times), state, comment) if part)


@lru_cache(maxsize=4096)
def rules_of(text: str) -> tuple[Rule, ...] | None:
    """The rules of a text in the order it has them; None when a rule has days without times, or is no rule."""
    pieces = _pieces(text)
    rules: list[Rule] = []
    for joint, piece in pieces or ():
        rule = _rule(joint, piece)
        if rule is None:
            return None
        if rules and piece.startswith('"'):
            # A comment with no days of its own is a remark on the hours, not a rule that is instead of them.
            remarks = [rules[-1].comment, rule.comment]
            rules[-1] = replace(rules[-1], comment="; ".join(filter(None, remarks)))
        else:
            rules += _with_dates_apart(rule)
    return tuple(rules) or None


def written(rules: tuple[Rule, ...]) -> str:
    return "".join(_JOINT[rule.joint] + str(rule) for rule in rules)


def meant(text: str) -> str | None:
    """The same hours, as they are meant; None where there are no rules. What is meant already stays as it is."""
    rules = rules_of(text)
    return written(rules) if rules else None


def day_list(days: list[int]) -> str:
    """Days of the week, 0 Monday, in their order: `Mo-We,Sa`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _pieces(text: str) -> list[tuple[str, str]] | None:
    """What is between separators, each with the one before it; None when what lacks one could be read in two ways."""
    parts = _COMMENT.split(text)
    parts[::2] = [_tidied(part) for part in parts[::2]]
    tidy = "".join(
        _WITHOUT_SEMICOLON.sub(r"\1; ", part) if number % 2 == 0 else part for number, part in enumerate(parts)
    )
    if tidy != "".join(parts) and _BEGINS_WITH_TIMES.match(tidy):
        return None  # “10:00-14:00 Mo-Fr 11:00-15:00 Sa”: the days may be those before or after
    pieces: list[tuple[str, str]] = []
    for joint, piece in _split(tidy.strip(" ;,")):
        if pieces and joint == "," and not _SAYS_WHEN.search(pieces[-1][1]):
            # No rule ends with its days: the list goes on.
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]},{piece}")
        elif piece:
            pieces.append((joint if pieces else "", piece))
    return pieces


def _tidied(part: str) -> str:
    for otherwise, so in _TIDY:
        part = otherwise.sub(so, part)
    return part


def _split(text: str) -> list[tuple[str, str]]:
    pieces, between, start = [], "", 0
    for match in _BETWEEN.finditer(text):
        if match["between"]:
            pieces.append((between, text[start : match.start()]))
            between, start = match["between"], match.end()
    return [*pieces, (between, text[start:])]


def _with_dates_apart(rule: Rule) -> list[Rule]:
    """The grammar has no list of both holidays and dates: `PH,Dec 24 off`."""
    match = _HOLIDAYS_AND_DATES.fullmatch(rule.days)
    if match is None:
        return [rule]
    first, second = match["before"] or match["dates"], match["after"] or match["holidays"]
    return [replace(rule, days=first), replace(rule, days=second, joint=rule.joint or ";")]


def _rule(joint: str, piece: str) -> Rule | None:
    match = _RULE.fullmatch(piece)
    if match is None:
        return None
    remarks = [remark.strip('" ') for remark in _COMMENT.findall(match["comment"] or "")]
    comment = "; ".join(filter(None, remarks))
    times = tuple((match["times"] or "").split(",")) if match["times"] else ()
    if not times and match["state"] not in ("off", "unknown") and (match["state"] or not comment):
        return None  # “Mo-Fr” and “Mo-Fr open” say nothing of the times
    # By the grammar too, a comment alone makes a rule unknown: “by appointment” is not open.
    state = match["state"] or ("open" if times else "unknown")
    days = re.sub(r" ?, ?", ",", match["days"].strip(" :,"))
    if _SAYS_WHEN.search(days):
        return None  # times or a state among the days: “Mo off, 14:00-15:00”
    return Rule(joint, days, ("00:00-24:00",) if times == ("24/7",) and days else times, state, comment)
