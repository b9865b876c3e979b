"""Sentences for people, in the language of whoever reads them.

The rules know no Django: whoever serves people says here how to translate; until then, sentences are English.
"""

from collections.abc import Callable


def _as_it_is(text: str) -> str:
    return text


_translate: Callable[[str], str] = _as_it_is


def translate_with(translate: Callable[[str], str]) -> None:
    """From now on, sentences go through this: English in, the reader's language out."""
    global _translate
    _translate = translate


def say(text: str, /, **values: object) -> str:
    """A sentence with its values: `say("At most %(limit)d dishes.", limit=40)`. The text is the key of its translations."""
    return _translate(text) % values if values else _translate(text)
