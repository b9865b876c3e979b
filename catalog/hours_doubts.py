"""Which hours a person should look at, and why. In English: for whoever imports restaurants."""

import re

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from catalog import hours
from catalog.hours_spans import needs
from catalog.hours_words import told
from catalog.place import Place
from core import clock

_COMMENT = re.compile(r'"[^"]*"')
_SCHOOL = r"\bSH\b"
_SIGNS = {
    r"\bunknown\b": "not certain: taken as closed",
    _SCHOOL: "school holidays: not known",
    r"\+(?!\s*\d)": "no end is given",
}


def report(given: str, understood: str | None) -> str:
    """A line for one restaurant: `Mo-Fr 17:00-22:00; PH off → Mon–Fri 17:00–22:00, closed on public holidays`."""
    line = f"{given} → {told(understood) if understood else 'kept as text'}"
    reasons = doubts(given, understood)
    return f"{line} (doubtful: {'; '.join(reasons)})" if reasons else line


def doubts(given: str, understood: str | None) -> list[str]:
    """The reasons for a look at hours as they were given or stored, and as they are read; none for most."""
    if understood is None:
        return [f"{'school holidays: not known' if re.search(_SCHOOL, given) else 'not understood'}: taken as closed"]
    bare = _COMMENT.sub("", understood)
    reasons = [reason for sign, reason in _SIGNS.items() if re.search(sign, bare)]
    if bare != understood:
        reasons.append("a remark that only people understand")
    if not reasons and not needs(understood).sun and _says_something_else(given, understood):
        reasons.append("says something else by its letter")
    if told(understood) == understood:
        reasons.append("there are no words for it")
    return reasons


def _says_something_else(given: str, understood: str) -> bool:
    """Is a text of OpenStreetMap's language read otherwise than the library reads it, in the coming year, without holidays?"""
    begin = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    end = begin + hours.LOOK_AHEAD
    try:
        letter = OpeningHours(given).intervals(begin.replace(tzinfo=None), end.replace(tzinfo=None))
    except ParserError:
        return False
    by_letter: hours.Spans = []
    hours.join(by_letter, [(since, until) for since, until, state, _ in letter if state == State.OPEN])
    spans = hours.open_spans(understood, Place("Etc/UTC"), begin, end)
    return by_letter != [(since.replace(tzinfo=None), until.replace(tzinfo=None)) for since, until in spans]
