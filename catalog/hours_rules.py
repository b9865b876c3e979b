"""Opening hours in OpenStreetMap's language, put so that the evaluation understands what people mean by them.

Its grammar (https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification) lets rules follow after “;” (instead of the
rules before, for the same days), after “, ” (beside them) and after “||” (when nothing else is said); a rule is days, dates
and times, “off” or “unknown”, a "comment". Taken by its letter, it says what nobody means: “Sa, Su 18:00-22:00” opens Saturday
around the clock, “Tu-Su” does so for six days, and after a “;” the night of the day before ends at midnight.
"""

import re

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")

_COMMENT = re.compile(r'"[^"]*"')
# A comma before a digit, a bracket or the sun goes on with times or dates of the same rule.
_BETWEEN_RULES = re.compile(
    rf'{_COMMENT.pattern}|\s*(?P<between>;|\|\||,(?=\s*["a-z])(?!\s*(?:sunrise|sunset|dawn|dusk)))\s*', re.IGNORECASE
)
_TIMES_OR_STATE = re.compile(r"\d:\d\d|24/7|sunrise|sunset|dawn|dusk|\b(?:off|closed|unknown)\b", re.IGNORECASE)
_JOINT = {"": "", ";": "; ", ",": ", ", "||": " || "}

_DAY = f"(?:{'|'.join(DAYS)})"
_SPAN = re.compile(r"(\d{1,2}:\d\d)\s*-\s*(\d{1,2}:\d\d)")
_WEEKLY = re.compile(
    rf"(?P<days>(?:{_DAY}(?:-{_DAY})?|PH)(?:\s*,\s*(?:{_DAY}(?:-{_DAY})?|PH))*\s+|)"
    rf'(?P<hours>(?:off|closed|{_SPAN.pattern}(?:\s*,\s*{_SPAN.pattern})*)(?:\s*"[^"]*")?)',
    re.IGNORECASE,
)

Rule = tuple[str, str]
"""What stands before a rule (nothing, “;”, “,”, “||”), and the rule."""


def meant(text: str) -> str | None:
    """The same hours, as they are meant; None when a rule has days without times. What is meant already stays as it is."""
    rules: list[Rule] = []
    for between, rule in _split(text):
        if rules and _COMMENT.fullmatch(rule):
            rules[-1] = (rules[-1][0], _with_comment(rules[-1][1], rule))
        elif between == "," and not _says_when(rules[-1][1]):
            # No rule ends with its days: the list goes on.
            rules[-1] = (rules[-1][0], f"{rules[-1][1]},{rule}")
        else:
            rules.append((between, rule))
    if not all(_says_when(rule) for _, rule in rules):
        return None
    return _joined(_with_whole_nights([(between, _unknown_if_only_comment(rule)) for between, rule in rules]))


def comments(text: str) -> list[str]:
    """What is said beside the hours, each once."""
    return list(dict.fromkeys(comment.strip('" ') for comment in _COMMENT.findall(text)))


def day_list(days: list[int]) -> str:
    """Days of the week, 0 Monday, in their order: `Mo-We,Sa`."""
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def _split(text: str) -> list[Rule]:
    rules, between, start = [], "", 0
    for match in _BETWEEN_RULES.finditer(text):
        if match["between"]:
            rules.append((between, text[start : match.start()]))
            between, start = match["between"], match.end()
    return [*rules, (between, text[start:])]


def _joined(rules: list[Rule]) -> str:
    return "".join(_JOINT[between] + rule for between, rule in rules)


def _with_comment(rule: str, comment: str) -> str:
    """A comment with no days of its own is a remark on the hours, not a rule that is instead of them."""
    return f"{rule[:-1]}; {comment[1:]}" if rule.endswith('"') else f"{rule} {comment}"


def _says_when(rule: str) -> bool:
    """Has it times, a state or a comment? “open” alone says no more than days alone."""
    bare = _COMMENT.sub("", rule)
    return bool(_TIMES_OR_STATE.search(bare)) or (bare != rule and not re.search(r"\bopen\b", bare, re.IGNORECASE))


def _unknown_if_only_comment(rule: str) -> str:
    """“by appointment” is not open; by the grammar too, a comment alone makes a rule unknown."""
    return rule if _TIMES_OR_STATE.search(_COMMENT.sub("", rule)) else rule.replace('"', 'unknown "', 1)


def _with_whole_nights(rules: list[Rule]) -> list[Rule]:
    """Days of the week, none of them in two rules, parted by “, ”: after that a night goes on past midnight.

    Holidays come last: they are instead of the day of the week. With dates, the sun and the like, all stays as it is.
    """
    ends_nights = any(between == ";" for between, _ in rules) and any(_is_late(rule) for _, rule in rules)
    if not ends_nights or any(between == "||" for between, _ in rules):
        return rules
    left: list[tuple[set[int], str]] = []
    holidays: list[Rule] = []
    for between, rule in rules:
        match = _WEEKLY.fullmatch(rule)
        if match is None:
            return rules
        days, hours = _days_in(match["days"]), match["hours"]
        closes = hours.casefold().startswith(("off", "closed"))
        if between == ";" or closes:
            left = [(before - days, said) for before, said in left]
        if not closes:
            left.append((days, hours))
        if "ph" in match["days"].casefold():
            holidays.append((between or ";", f"PH {hours}"))
    kept = [(",", f"{day_list(sorted(days))} {hours}") for days, hours in left if days] + holidays
    return [("", kept[0][1]), *kept[1:]] if kept else [("", "off")]


def _is_late(rule: str) -> bool:
    return any(end.zfill(5) <= begin.zfill(5) or end > "24:00" for begin, end in _SPAN.findall(rule))


def _days_in(text: str) -> set[int]:
    """Of a list such as `Mo-We,Sa,PH`, the days of the week; no days at all are all of them."""
    days: set[int] = set()
    for part in re.split(r"[\s,]+", text.strip().title()):
        first, _, last = part.partition("-")
        if first in DAYS:
            begin, end = DAYS.index(first), DAYS.index(last or first)
            days |= {(begin + n) % 7 for n in range((end - begin) % 7 + 1)}
    return days if text.strip() else set(range(7))
