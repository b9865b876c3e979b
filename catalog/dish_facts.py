"""What is said of a dish wherever it is shown: for whom it is, what it contains, when it is served."""

from functools import lru_cache

from django.utils.translation import gettext as _

from catalog import food_words, hours_words
from catalog.models import Dish
from core.messages import language


def facts(dish: Dish) -> dict[str, str]:
    """Beside its description, in the reader's language: `diets_shown`, `contains_shown`, `served_shown`, each may be empty."""
    return {
        "diets_shown": _shown(tuple(dish.diets or ()), " · ", language()),
        "contains_shown": _contains(tuple(dish.allergens or ()), language()),
        "served_shown": _("Served %(hours)s") % {"hours": hours_words.told(dish.served)} if dish.served else "",
    }


# The dishes of a menu share a few sets of words.


@lru_cache(maxsize=4096)
def _contains(allergens: tuple[str, ...], language: str) -> str:
    return _("Contains %(allergens)s") % {"allergens": _shown(allergens, ", ", language)} if allergens else ""


@lru_cache(maxsize=4096)
def _shown(words: tuple[str, ...], between: str, language: str) -> str:
    return between.join(food_words.shown(word) for word in words)
