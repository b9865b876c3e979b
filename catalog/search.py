"""Finding a restaurant by what somebody types: pure text, without case, accents or punctuation. No Django, no AWS."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

MAX_DISH_NAMES_BYTES = 1_000
"""Of the names of dishes on a card. A window of 300 cards stays well under DynamoDB's 1 MB, and what a page reads bounded."""

# What Unicode does not take apart into a letter and its accent.
_LETTERS = str.maketrans({"ø": "o", "œ": "oe", "æ": "ae", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_POSSESSIVE = re.compile(r"['’]s\b")
_OTHERS = re.compile(r"[^\w\n]+|_+")
_SHORT = 3


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """What is compared: “Crème brûlée” → `creme brulee`, “Ben’s Bœuf” → `bens boeuf`; lines stay lines."""
    text = _POSSESSIVE.sub("s", text.casefold())
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in apart if not unicodedata.combining(c)).translate(_LETTERS)
    return _OTHERS.sub(" ", text).strip()


def words_of(query: str) -> tuple[str, ...]:
    return tuple(fold(query).split())


def has(folded: str, word: str) -> bool:
    """Does a folded text have this word? A short one begins a word of it (“ham”, but not in “champagne”)."""
    if len(word) <= _SHORT and word.isascii():
        return folded.startswith(word) or f" {word}" in folded
    return word in folded


def match(words: Sequence[str], *, about: Sequence[str], dishes: str) -> tuple[bool, str | None]:
    """Does a restaurant fit all the words, and which of its dishes was needed for that?

    `about`: its names and cuisines; `dishes`: the names of dishes, one a line. What `about` lacks must be in one dish.
    """
    head = fold(" ".join(about))
    missing = [word for word in words if not has(head, word)]
    if not missing or not dishes:
        return not missing, None
    folded = fold(dishes)
    if not all(word in folded for word in missing):
        return False, None
    for dish in dishes.split("\n"):
        if all(has(fold(dish), word) for word in missing):
            return True, dish
    return False, None


def dish_names(names: Iterable[str]) -> str | None:
    """The names of a menu's dishes for a card, one a line: each once, in the order of the menu, as many as fit."""
    kept: dict[str, str] = {}
    room = MAX_DISH_NAMES_BYTES
    for name in names:
        line = " ".join(name.split())
        size = len(line.encode()) + 1
        if line and fold(line) not in kept and size <= room:
            kept[fold(line)] = line
            room -= size
    return "\n".join(kept.values()) or None
