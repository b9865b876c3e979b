"""Sentences for people, in the language of whoever reads them.

The rules know no Django: whoever serves people says here how to translate; until then, everything is English.
"""

from collections.abc import Callable

_translate: Callable[[str], str] | None = None
_language: Callable[[], str | None] | None = None


def speak(*, translate: Callable[[str], str], language: Callable[[], str | None]) -> None:
    """From now on `translate` turns English into the reader's language, and `language` says which that is ("de")."""
    global _translate, _language
    _translate, _language = translate, language


def say(text: str, /, **values: object) -> str:
    """A sentence with its values: `say("At most %(limit)d dishes.", limit=40)`. The text is the key of its translations."""
    said = _translate(text) if _translate else text
    return said % values if values else said


def language() -> str:
    """The reader's language, such as "en"."""
    return (_language and _language()) or "en"
