"""Where a list goes on. A cursor belongs to the question that it was given for: with another one it would skip rows."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from core import clock
from core.errors import Invalid
from core.messages import say

MAX_CHARACTERS = 200
MAX_AGE = timedelta(hours=24)
_DIGITS = 9


@dataclass(frozen=True)
class Cursor:
    """Behind which card the window begins (None: the nearest), how many of its rows were shown, and which were open then."""

    after: str | None
    offset: int
    at: datetime

    @classmethod
    def parse(cls, text: str, *, of: Any, at: datetime) -> Self:
        """`of` is the question, by its `repr`; `Invalid` for a cursor of another one, or of yesterday."""
        if not text:
            return cls(None, 0, at)
        after, *rest = text.rsplit("~", 3) if len(text) <= MAX_CHARACTERS else ("",)
        numbers = [int(x) for x in rest[:2] if x.isascii() and x.isdecimal() and len(x) <= _DIGITS]
        if len(rest) != 3 or len(numbers) != 2 or rest[2] != _digest(of) or (after and "#" not in after):
            raise Invalid(say("This cursor is not one that this list gave out. Begin with its first page."))
        then = clock.from_ms(numbers[1] * 60_000).astimezone(at.tzinfo)
        if not at - MAX_AGE <= then <= at + timedelta(minutes=1):
            raise Invalid(say("This cursor is too old. Begin with the first page."))
        return cls(after or None, numbers[0], then)

    def further(self, offset: int) -> Self:
        return replace(self, offset=offset)

    def written(self, *, of: Any) -> str:
        return f"{self.after or ''}~{self.offset}~{int(self.at.timestamp()) // 60}~{_digest(of)}"


def _digest(question: Any) -> str:
    return hashlib.sha256(repr(question).encode()).hexdigest()[:8]
