"""Hours in OpenStreetMap's language told to people, in their language: `Mo-Fr 17:00-22:00; PH off` → Mon–Fri 17:00–22:00,
closed on public holidays.
"""

import re
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from catalog import hours
from catalog.hours_parts import ALL_DAYS, Untold, days_told, parts_of, times_told
from catalog.hours_rules import Rule
from catalog.hours_spans import entries


@dataclass(frozen=True)
class _Told:
    """A rule, and what is told of it: dates in words, days of the week (0 Monday), other days in words."""

    rule: Rule
    is_fallback: bool
    dates: str
    days: frozenset[int]
    others: tuple[str, ...]
    season: str

    @property
    def is_closed(self) -> bool:
        return self.rule.state == "off"

    @property
    def is_always_closed(self) -> bool:
        """On its days, the whole day and the whole year."""
        return self.is_closed and not (self.dates or self.rule.times or self.rule.comment)

    @property
    def is_special(self) -> bool:
        """Is it not the same every week, or not certain?"""
        times_vary = any(re.search(r"[+a-z]", times) for times in self.rule.times)
        is_certain = self.rule.state != "unknown" and not self.rule.comment and not self.is_fallback
        return bool(self.dates or self.others or times_vary or not is_certain)

    def without(self, days: frozenset[int], season: str) -> "_Told | None":
        """What is left to tell when a later rule is for these days; None: nothing is."""
        if season == self.season:
            days = self.days - days
            return replace(self, days=days) if days or self.others else None
        return None if not season and days == ALL_DAYS else self


def told(text: str) -> str:
    """These hours in words, in the reader's language; the text itself when nobody understands it, or there are no words."""
    try:
        rules = _rules(text)
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


def _rules(text: str) -> list[_Told]:
    """In the order in which they count, without what a later one replaces."""
    understood = hours.understood(text)
    if understood is None:
        raise Untold
    rules: dict[int, _Told] = {}
    for entry in entries(understood):
        rule, days = entry.rule, entry.days
        if not entry.is_holiday and not (rule.state == "off" and rule.times):
            replaces = entry.joint == ";" or rule.state == "off"
            rules = {
                number: left
                for number, before in rules.items()
                if (left := before.without(days.weekdays, days.season) if replaces or before.is_closed else before)
            }
        if id(rule) not in rules:
            rules[id(rule)] = _Told(rule, entry.joint == "||", *parts_of(rule.days), days.season)
    return _joined(list(rules.values()))


def _joined(rules: list[_Told]) -> list[_Told]:
    """“Closed on Sun, closed on public holidays” is said once."""
    joined: list[_Told] = []
    for rule in rules:
        before = joined[-1] if joined else None
        if before and before.is_always_closed and rule.is_always_closed:
            joined[-1] = replace(before, days=before.days | rule.days, others=before.others + rule.others)
        else:
            joined.append(rule)
    return joined


# Sentences


def _words(rule: _Told) -> str:
    said = _said(rule)
    if rule.dates:
        said = _("%(dates)s: %(hours)s") % {"dates": rule.dates, "hours": said}
    return _("otherwise %(hours)s") % {"hours": said} if rule.is_fallback else said


def _said(rule: _Told) -> str:
    days = days_told(rule.days, rule.others)
    comment = rule.rule.comment
    if not rule.rule.times and not rule.is_closed:
        if comment:
            return f"{days} ({comment})" if days else comment
        return f"{days} {_('hours unknown')}".strip()
    times = times_told(rule.rule.times)
    every = _("daily") if not days and not rule.dates and times != _("around the clock") else ""
    said = " ".join(filter(None, (days or every, times)))
    if rule.is_closed:
        said = _closed(days, said if times else "")
    elif rule.rule.state == "unknown":
        said = _("%(hours)s, not certain") % {"hours": said}
    return f"{said} ({comment})" if comment else said


def _closed(days: str, span: str) -> str:
    if span:
        return _("closed %(hours)s") % {"hours": span}
    return _("closed on %(days)s") % {"days": days} if days else _("closed")
