"""Which hours a person should look at, and why. In English: for whoever imports restaurants."""

import re

from opening_hours import OpeningHours, ParserError  # type: ignore[attr-defined]

from catalog.hours_words import told

_COMMENT = re.compile(r'"[^"]*"')
_SIGNS = {
    r"\bunknown\b": "not certain: taken as closed",
    r"\bSH\b": "school holidays: not known",
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
        return ["not understood: taken as closed"]
    bare = _COMMENT.sub("", understood)
    reasons = [reason for sign, reason in _SIGNS.items() if re.search(sign, bare, re.IGNORECASE)]
    if bare != understood:
        reasons.append("a remark that only people understand")
    if _by_the_letter(given) not in (None, _by_the_letter(understood)):
        reasons.append(f"says something else by its letter; read as “{understood}”")
    if told(understood) == understood:
        reasons.append("there are no words for it")
    return reasons


def _by_the_letter(text: str) -> str | None:
    """In the one way of writing that the library has; None for what is no text of OpenStreetMap's language."""
    try:
        return str(OpeningHours(text))
    except ParserError:
        return None
