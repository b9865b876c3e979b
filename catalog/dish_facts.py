"""What is said of a dish wherever it is shown: for whom it is, what it contains, when it is served."""

from django.utils.translation import gettext as _

from catalog import food_words, hours_words
from catalog.models import Dish


def facts(dish: Dish) -> dict[str, str]:
    """Beside its description, in the reader's language: `diets_shown`, `contains_shown`, `served_shown`, each may be empty."""
    allergens = ", ".join(food_words.shown(word) for word in dish.allergens or ())
    return {
        "diets_shown": " · ".join(food_words.shown(word) for word in dish.diets or ()),
        "contains_shown": _("Contains %(allergens)s") % {"allergens": allergens} if allergens else "",
        "served_shown": _("Served %(hours)s") % {"hours": hours_words.told(dish.served)} if dish.served else "",
    }
