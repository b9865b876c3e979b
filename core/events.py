"""What a program says about itself: a name and fields, each of which is known to say nothing about a person.

A field that is not listed here, or whose value is not of its kind, is left out of the line; a test finds it before that. The
kinds are CloudWatch's units, so that a line can be made a metric of.
"""

import logging
from collections.abc import Mapping
from enum import StrEnum

logger = logging.getLogger("event")
WARNING, ERROR = logging.WARNING, logging.ERROR

MAX_WORD = 100


class Kind(StrEnum):
    """What a value is: a number of something, or a word that tells one number from another (a metric's dimension)."""

    WORD = "None"
    COUNT = "Count"
    MILLISECONDS = "Milliseconds"


FIELDS: Mapping[str, Kind] = {
    "error": Kind.WORD,  # the class of an exception, or AWS's code; never its text, which may quote an item
    "method": Kind.WORD,
    "route": Kind.WORD,  # the pattern, never the address
    "table": Kind.WORD,
    "target": Kind.WORD,  # the region that a copy is for
    "turn": Kind.WORD,  # what is done by the clock
    "status": Kind.WORD,  # of an HTTP answer: not to be summed
    "count": Kind.COUNT,
    "missed": Kind.COUNT,
    "stale": Kind.COUNT,
    "written": Kind.COUNT,
    "duration_ms": Kind.MILLISECONDS,
}
"""Every field that a line may have. Nothing of a person: no address, name, id of an order, text, cookie or token."""


def event(name: str, /, *, level: int = logging.INFO, traceback: bool = False, **fields: object) -> None:
    """Log that something happened: `event("request", route=route, duration_ms=12)`. Never raises.

    With `traceback`, of the exception that is being handled, where it went wrong.
    """
    known = {field: value for field, value in fields.items() if _is_known(field, value)}
    logger.log(level, name, exc_info=traceback, extra={"fields": known})


def _is_known(field: str, value: object) -> bool:
    kind = FIELDS.get(field)
    if kind is None or value is None:
        return kind is not None
    if kind is Kind.WORD:
        return isinstance(value, int) or (isinstance(value, str) and len(value) <= MAX_WORD)
    return isinstance(value, int | float)
