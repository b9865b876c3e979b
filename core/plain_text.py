"""Text from strangers, made safe to store and to show in a line; markup stays as it is and is escaped where it is shown."""

import re
import unicodedata
from typing import Any

# Control characters, halves of characters (no UTF-8 holds them), and marks that turn the direction of what follows.
_UNWANTED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc")


def is_plain(text: str) -> bool:
    """Is it one line without any of these?"""
    return not _UNWANTED.search(text)


def is_visible(text: str) -> bool:
    """Does it show anything? Blanks of some scripts count as letters or symbols."""
    return any(unicodedata.category(each)[0] in "LNPS" and each not in _BLANKS for each in text)


def clean(value: Any, limit: int) -> str:
    """One line without spaces around it, no longer than the limit; what is neither text nor a whole number is none."""
    if value is None or not isinstance(value, str | int):  # most tags of most restaurants are not there
        return ""
    return " ".join(_UNWANTED.sub(" ", str(value)).split())[:limit].rstrip()
