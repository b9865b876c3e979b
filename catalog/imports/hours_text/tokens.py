"""The words and times of written opening hours, one language at a time: text in, days, spans and “closed” out."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from catalog.imports.hours_text.words import HOLIDAY, LANGUAGES, Words

MINUTES_A_DAY = 24 * 60
LATEST_CLOSING = 6 * 60
"""What closes after midnight closes by six; a later end is rather one in the afternoon, written without p.m."""
EARLIEST_LATE_BEGIN = 15 * 60
"""What opens earlier and “closes at 2” may well mean two in the afternoon."""

Span = tuple[int, int]
"""From and to in minutes after midnight; to may be past 24:00."""


class Unclear(Exception):
    """The text is not understood."""


@dataclass(frozen=True)
class _Token:
    kind: str  # "days", "time", "always", "closed", "until", "also" or "end" (of a clause)
    days: tuple[int, ...] = ()
    hour: int = 0
    minute: int = 0
    half: str = ""  # "a", "p"; "=" for a word such as noon
    says_24: bool = False  # “18”, “9h”, “9 Uhr”: nobody writes that on a clock of twelve hours
    zero: bool = False  # “02”, “00”


class Kind(Enum):
    DAYS = auto()
    SPAN = auto()
    CLOSED = auto()


@dataclass(frozen=True)
class Item:
    """Days, a span or “closed”, and what stood before it: nothing, a comma (","), a semicolon (";")."""

    kind: Kind
    gap: str
    days: frozenset[int] = frozenset()
    span: Span = (0, 0)


def plain(text: str) -> str:
    """Lower case, without accents, with one kind of dash and apostrophe."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return re.sub("[‐-―−]", "-", bare).replace("’", "'").strip()


@lru_cache(maxsize=len(LANGUAGES) * 2)
def _pattern(name: int) -> re.Pattern[str]:
    """The tokens of one language, by its place in `LANGUAGES`."""
    words = LANGUAGES[name]

    def any_of(texts: tuple[str, ...]) -> str:
        return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))

    # Words without a meaning here do not follow a number: the German “am” is no a.m.
    half = r"(?:\s?(?P<half>[ap])(?:\.?\s?m\b\.?|\b))?" if words.halves else "(?P<half>(?!))?"
    return re.compile(
        rf"""(?P<always>(?:{any_of(words.around_the_clock)})\b)
        |(?P<moment>(?:{any_of(tuple(words.moments))})\b)
        |(?P<days>(?:{any_of(tuple(words.days))})\b)\.?
        |(?P<hour>\d{{1,2}})(?:[:.]\s?(?P<minute>\d\d)|\s?h\s?(?P<after_h>\d\d)(?!\s?h)|(?P<joined>\d\d))?(?!\d)
            {half}(?P<mark>\s?(?:h|uhr|heures?)\b)?
        |(?P<closed>(?:{any_of(words.closed)})\b)
        |(?P<end>--+|[;|\n]|\.(?=\s|$))
        |(?P<until>-|(?:{any_of(words.until)})\b)
        |(?P<also>[,/&+]|(?:{any_of(words.also)})\b)
        |(?P<glue>:|(?<!\d)(?<!\d\s)(?:{any_of(words.glue)})\b)
        |(?P<space>[^\S\n]+)""".replace("\\ ", "[ ]"),
        re.VERBOSE,
    )


def _tokens(text: str, words: Words) -> list[_Token]:
    pattern, tokens, place = _pattern(LANGUAGES.index(words)), [], 0
    while place < len(text):
        match = pattern.match(text, place)
        if not match:
            raise Unclear
        place = match.end()
        kind = str(match.lastgroup)
        if match["hour"]:
            tokens.append(_time(match))
        elif match["moment"]:
            tokens.append(_Token("time", hour=words.moments[match["moment"]] // 60, half="="))
        elif match["days"]:
            tokens.append(_Token("days", days=words.days[match["days"]]))
        elif kind not in ("glue", "space"):
            tokens.append(_Token(kind))
    return tokens


def _time(match: re.Match[str]) -> _Token:
    hour, half = int(match["hour"]), match["half"] or ""
    minute = int(match["minute"] or match["after_h"] or match["joined"] or 0)
    # Minutes that no door keeps are rather a date: “11.06-14.09”.
    if hour > 24 or minute > 59 or minute % 5 or (hour == 24 and minute) or (half and not 1 <= hour <= 12):
        raise Unclear
    marked = bool(match["after_h"] or match["mark"])
    zero = match["hour"][0] == "0"
    return _Token("time", hour=hour, minute=minute, half=half, says_24=hour > 12 or marked, zero=zero)


def items_of(text: str, words: Words) -> list[Item]:
    """What a `plain` text says in one language, in its order; `Unclear` when a part of it is not understood."""
    tokens = _tokens(text, words)
    clock = _Clock.of(tokens)
    items: list[Item] = []
    gap, place = "", 0
    while place < len(tokens):
        token, following = tokens[place], tokens[place + 1 : place + 3]
        ranged = len(following) == 2 and following[0].kind == "until" and following[1].kind == token.kind
        if token.kind in ("also", "end"):
            gap = ";" if token.kind == "end" or gap == ";" else ","
        elif token.kind == "until":
            # “Monday – 10 am to 5 pm”: only a dash between days and what is said of them.
            if not (items and items[-1].kind == Kind.DAYS and following and following[0].kind in ("time", "closed")):
                raise Unclear
        else:
            items.append(_item(token, following[1] if ranged else None, gap, clock))
            gap, place = "", place + 2 * ranged
        place += 1
    return items


def _item(token: _Token, until: _Token | None, gap: str, clock: "_Clock") -> Item:
    if token.kind == "closed":
        return Item(Kind.CLOSED, gap)
    if token.kind == "always":
        return Item(Kind.SPAN, gap, span=(0, MINUTES_A_DAY))
    if token.kind == "days":
        return Item(Kind.DAYS, gap, days=_day_range(token, until))
    if until is None:
        raise Unclear
    return Item(Kind.SPAN, gap, span=clock.span(token, until))


def _day_range(first: _Token, last: _Token | None) -> frozenset[int]:
    if last is None:
        return frozenset(first.days)
    if len(first.days) != 1 or len(last.days) != 1 or HOLIDAY in first.days + last.days:
        raise Unclear
    return frozenset((first.days[0] + n) % 7 for n in range((last.days[0] - first.days[0]) % 7 + 1))


@dataclass(frozen=True)
class _Clock:
    """The clock that a whole text is written by: of twelve hours, or of twenty-four, and how surely so."""

    twelve: bool
    surely_24: bool

    @classmethod
    def of(cls, tokens: list[_Token]) -> "_Clock":
        times = [token for token in tokens if token.kind == "time" and token.half != "="]
        twelve, surely = any(time.half for time in times), any(time.says_24 for time in times)
        if times and ((twelve and surely) or not (twelve or surely or any(time.zero for time in times))):
            raise Unclear
        return cls(twelve, surely)

    def span(self, first: _Token, last: _Token) -> Span:
        """“11-10 pm” begins in the morning for certain; “5-10 pm” most likely not, and likely is not enough."""
        if not last.half and self.twelve:
            raise Unclear
        end = _minutes(last, last.half)
        begin = _minutes(first, first.half)
        if self.twelve and not first.half:
            if last.half == "=" or _minutes(first, last.half) < end:
                raise Unclear
            begin = _minutes(first, "a" if last.half == "p" else "p")
        end = end or MINUTES_A_DAY
        if end <= begin:
            self._check_night(begin, end, last)
            end += MINUTES_A_DAY
        if begin == MINUTES_A_DAY or end - begin > MINUTES_A_DAY:
            raise Unclear
        return begin, end

    def _check_night(self, begin: int, end: int, last: _Token) -> None:
        sure = bool(last.half) or begin >= EARLIEST_LATE_BEGIN or (self.surely_24 and last.zero)
        if end > LATEST_CLOSING or not sure:
            raise Unclear


def _minutes(time: _Token, half: str) -> int:
    hour = time.hour if half in ("", "=") else time.hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + time.minute
