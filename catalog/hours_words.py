"""Hours in OpenStreetMap's language told to people, in their language: `Mo-Fr 17:00-22:00; PH off` → Mon–Fri 17:00–22:00,
closed on public holidays.
"""

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog import hours, hours_rules
from catalog.hours_parts import ALL_DAYS, DATES, DAY_LIST, TIMES, Untold, dates_told, days_in, days_told, times_told

_RULE = re.compile(
    rf"""\s*(?P<dates>{DATES}|)\s*:?
    \s*(?P<days>{DAY_LIST}|)\s*:?
    \s*(?P<times>{TIMES}|)
    \s*(?P<state>off|closed|open|unknown|)
    \s*(?P<comment>"[^"]*"|)\s*""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class _Rule:
    """Dates are in words, and so are the `others` among the days: holidays, “the first Mon of the month”."""

    is_fallback: bool
    adds: bool  # to what is said before for its days, instead of replacing it
    dates: str
    days: frozenset[int]
    others: tuple[str, ...]
    times: str
    state: str
    comment: str

    @property
    def is_weekly(self) -> bool:
        return not self.dates

    @property
    def is_closed(self) -> bool:
        return self.state in ("off", "closed")

    @property
    def is_special(self) -> bool:
        """Is it not the same every week, or not certain?"""
        times_vary = re.search(r"[+a-z]", self.times)
        return bool(
            self.dates or self.others or self.comment or self.state == "unknown" or self.is_fallback or times_vary
        )

    @property
    def replaces(self) -> bool:
        """Is it instead of what was said before for its days? “12:00-13:00 off” is a break only."""
        return self.is_weekly and (not self.times if self.is_closed else not self.adds)


def told(text: str) -> str:
    """These hours in words, in the reader's language; the text itself when nobody understands it, or there are no words."""
    try:
        rules = _each_day_once(_rules(text))
    except Untold:
        return text
    parts = [_words(rule) for rule in rules]
    # A comma where it can only be one between rules.
    is_plain = not any(", " in part for part in parts) and not any(rule.dates for rule in rules[:-1])
    return (", " if is_plain else "; ").join(parts)


def more_than_a_week(text: str) -> str:
    """These hours in words when a week's table does not show all there is: dates, holidays, remarks; else the empty text."""
    try:
        return told(text) if any(rule.is_special for rule in _rules(text)) else ""
    except Untold:
        return text if hours.readable(text) else ""


def _rules(text: str) -> list[_Rule]:
    understood = hours.understood(text)
    if understood is None:
        raise Untold
    return [_rule(between, rule) for between, rule in _joined(understood)]


def _joined(text: str) -> list[hours_rules.Rule]:
    rules: list[hours_rules.Rule] = []
    for between, rule in hours_rules._split(text):
        if rules and between == "," and not hours_rules._says_when(rules[-1][1]):
            rules[-1] = (rules[-1][0], f"{rules[-1][1]},{rule}")
        else:
            rules.append((between, rule))
    return rules


def _rule(between: str, text: str) -> _Rule:
    match = _RULE.fullmatch(text)
    if not match or not (match["times"] or match["state"].lower() not in ("", "open") or match["comment"]):
        raise Untold
    days, others = days_in(match["days"])
    return _Rule(
        is_fallback=between == "||",
        adds=between == ",",
        dates=dates_told(match["dates"]),
        days=days if match["days"] or match["dates"] else ALL_DAYS,
        others=tuple(others),
        times=match["times"].lower(),
        state=match["state"].lower(),
        comment=match["comment"].strip('" '),
    )


def _each_day_once(rules: list[_Rule]) -> list[_Rule]:
    """Without what a later rule replaces: “daily 10–20, Sat 12–18” is Mon–Fri and Sun 10–20, Sat 12–18."""
    left: list[_Rule] = []
    for rule in rules:
        if rule.is_fallback:
            return [*left, *(replace(later, is_fallback=later is rule) for later in rules[rules.index(rule) :])]
        if rule.replaces and rule.days == ALL_DAYS:
            left = []
        elif rule.replaces:
            left = [replace(before, days=before.days - rule.days) if before.is_weekly else before for before in left]
        left = [*(before for before in left if before.dates or before.days or before.others), rule]
    return left


# Sentences


def _words(rule: _Rule) -> str:
    said = _said(rule)
    if rule.dates:
        said = _("%(dates)s: %(hours)s") % {"dates": rule.dates, "hours": said}
    return _("otherwise %(hours)s") % {"hours": said} if rule.is_fallback else said


def _said(rule: _Rule) -> str:
    days = days_told(rule.days, rule.others)
    if not rule.times and not rule.is_closed:
        if rule.comment:
            return f"{days} ({rule.comment})" if days else rule.comment
        return f"{days} {_('hours unknown')}".strip()
    times = times_told(rule.times) if rule.times else ""
    every = _("daily") if not days and not rule.dates and times != _("around the clock") else ""
    said = " ".join(filter(None, (days or every, times)))
    if rule.is_closed:
        said = _closed(days, said if times else "")
    elif rule.state == "unknown":
        said = _("%(hours)s, not certain") % {"hours": said}
    return f"{said} ({rule.comment})" if rule.comment else said


def _closed(days: str, span: str) -> str:
    if span:
        return _("closed %(hours)s") % {"hours": span}
    return _("closed on %(days)s") % {"days": days} if days else _("closed")
