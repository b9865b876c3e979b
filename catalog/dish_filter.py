"""Which dishes of a menu a person wants to see: without some allergens, for some diets. Kept in the address only."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

MAX_WORDS = 20
MAX_WORD = 40


@dataclass(frozen=True)
class DishFilter:
    without: tuple[str, ...] = ()  # allergens
    diets: tuple[str, ...] = ()

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        """What an address says; what cannot be a word of a menu is left out."""
        return cls(_words(query, "without"), _words(query, "diet"))

    def hides(self, allergens: list[str], suits: list[str]) -> bool:
        """Is a dish with these allergens, for these diets, left out?"""
        return any(word in allergens for word in self.without) or any(word not in suits for word in self.diets)

    def __bool__(self) -> bool:
        return bool(self.without or self.diets)

    @property
    def query(self) -> str:
        """For the end of an address; empty when nothing is left out."""
        pairs = [("without", word) for word in self.without] + [("diet", word) for word in self.diets]
        return f"?{urlencode(pairs)}" if pairs else ""


def _words(query: QueryDict, name: str) -> tuple[str, ...]:
    given = dict.fromkeys(word.strip() for word in query.getlist(name))
    return tuple(word for word in given if word and len(word) <= MAX_WORD)[:MAX_WORDS]
