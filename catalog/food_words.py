"""Allergens and diets in the words that menus use, shown in the reader's language.

The allergens are those of EU Regulation 1169/2011, annex II. A word that is not listed is shown as the restaurant wrote it.
"""

from django.utils.translation import gettext_noop

from core.messages import say

_WORDS = {
    word: word
    for word in (
        gettext_noop("celery"),
        gettext_noop("crustaceans"),
        gettext_noop("eggs"),
        gettext_noop("fish"),
        gettext_noop("gluten"),
        gettext_noop("lupin"),
        gettext_noop("milk"),
        gettext_noop("molluscs"),
        gettext_noop("mustard"),
        gettext_noop("nuts"),
        gettext_noop("peanuts"),
        gettext_noop("sesame"),
        gettext_noop("soybeans"),
        gettext_noop("sulphites"),
        gettext_noop("vegetarian"),
        gettext_noop("vegan"),
        gettext_noop("halal"),
        gettext_noop("kosher"),
        gettext_noop("gluten-free"),
        gettext_noop("lactose-free"),
    )
}

# Whoever eats the first eats the second.
_IMPLIED = {"vegetarian": "vegan"}


def shown(word: str) -> str:
    """`milk` → milk, lait, Milch, leche"""
    return say(word) if word in _WORDS else word


def suits(diets: list[str]) -> list[str]:
    """Everything that a dish of these diets suits: what is vegan is vegetarian too."""
    return [*diets, *(diet for diet, stricter in _IMPLIED.items() if stricter in diets and diet not in diets)]
