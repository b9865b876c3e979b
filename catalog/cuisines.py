"""The words of OpenStreetMap's `cuisine` in groups. A group has a drawing, `static/art/<group>.svg`, and a sample menu.

Words: https://taginfo.openstreetmap.org/keys/cuisine#values, as `catalog.imports.osm` cleans them.
"""

from collections.abc import Iterable

GROUPS: dict[str, tuple[str, ...]] = {
    "pizza": ("pizza", "italian", "pasta", "neapolitan", "sicilian", "italian pizza"),
    "burgers": ("burger", "american", "hamburger"),
    "sushi": ("sushi", "japanese", "sashimi", "bento", "poke", "teppanyaki"),
    "indian": ("indian", "curry", "pakistani", "nepalese", "bangladeshi", "sri lankan", "tandoori", "punjabi"),
    "thai": ("thai", "lao", "cambodian", "malaysian", "indonesian", "burmese", "filipino", "southeast asian"),
    "chinese": ("chinese", "dim sum", "cantonese", "sichuan", "hotpot", "dumpling", "taiwanese", "uyghur", "wok"),
    "mexican": ("mexican", "tex-mex", "burrito", "taco", "salvadoran", "peruvian", "colombian", "venezuelan", "cuban"),
    "vietnamese": ("vietnamese", "pho", "banh mi", "soup"),
    "korean": ("korean", "bibimbap", "korean bbq"),
    "ramen": ("ramen", "noodle", "udon", "soba", "izakaya"),
    "lebanese": ("lebanese", "falafel", "arab", "middle eastern", "syrian", "persian", "israeli", "moroccan", "afghan"),
    "kebab": ("kebab", "turkish", "döner", "doner", "doner kebab", "shawarma"),
    "greek": ("greek", "gyros", "gyro", "souvlaki", "cypriot", "balkan", "croatian", "georgian"),
    "bistro": ("french", "bistro", "brasserie", "crepe", "fondue", "belgian", "fine dining", "german", "austrian", "swiss"),
    "tapas": ("tapas", "spanish", "seafood", "portuguese", "catalan", "basque", "oyster"),
    "ethiopian": ("ethiopian", "eritrean", "african", "somali", "nigerian", "ghanaian", "senegalese"),
    "diner": ("breakfast", "diner", "brunch", "pancake", "waffle", "hot dog", "comfort food"),
    "smokehouse": ("barbecue", "bbq", "steak", "steak house", "grill", "southern", "cajun", "argentinian", "brazilian"),
    "chicken": ("chicken", "wings", "fried chicken", "fish and chips", "fish", "friture"),
    "bowls": ("vegan", "salad", "poke bowl", "acai", "juice", "smoothie", "hawaiian", "healthy"),
    "cafe": (
        "coffee shop", "cafe", "coffee", "bakery", "pastry", "cake", "bagel", "sandwich", "donut", "tea", "bubble tea",
        "ice cream", "dessert", "frozen yogurt", "deli", "chocolate", "confectionery",
    ),
}  # fmt: skip
"""The first word of each is what its lists are filtered by."""

FIRST_WORDS = tuple(words[0] for words in GROUPS.values())

GENERAL: dict[str, str] = {
    "vegetarian": "bowls", "vegan": "bowls", "healthy": "bowls", "organic": "bowls", "asian": "chinese", "fast food": "burgers",
    "mediterranean": "greek", "latin american": "mexican", "regional": "bistro", "european": "bistro", "local": "bistro",
    "international": "bistro", "snack": "cafe", "buffet": "chinese", "pub": "burgers", "caribbean": "smokehouse",
}  # fmt: skip
"""Words that say little: they count when no other one is known."""

CUISINES = (
    "african", "american", "arab", "argentinian", "asian", "bagel", "bakery", "balkan", "barbecue", "bavarian", "bbq",
    "brazilian", "breakfast", "british", "brunch", "burger", "cafe", "cake", "caribbean", "chicken", "chinese",
    "coffee shop", "crepe", "cuban", "curry", "dessert", "diner", "donut", "ethiopian", "falafel", "fast food",
    "fine dining", "fish", "fish and chips", "french", "fried chicken", "friture", "german", "greek", "grill", "healthy",
    "hot dog", "hungarian", "ice cream", "indian", "indonesian", "international", "irish", "israeli", "italian",
    "japanese", "juice", "kebab", "korean", "latin american", "lebanese", "local", "malaysian", "mediterranean", "mexican",
    "middle eastern", "moroccan", "nepalese", "noodle", "organic", "pakistani", "pancake", "pasta", "persian", "peruvian",
    "pizza", "poke", "polish", "portuguese", "pub", "ramen", "regional", "russian", "salad", "sandwich", "sashimi",
    "seafood", "soup", "spanish", "steak", "steak house", "street food", "sushi", "swiss", "syrian", "tacos", "taiwanese",
    "tapas", "tea", "tex-mex", "thai", "turkish", "ukrainian", "vegan", "vegetarian", "vietnamese", "waffle", "wings",
)  # fmt: skip
"""The kinds of food that are shown in the reader's language. Restaurants may be of any other; it is shown as they say it."""

_GROUP_OF = {word: group for group, words in GROUPS.items() for word in words if word not in GENERAL}


def group_of(words: Iterable[str]) -> str | None:
    """The group of the first word that says which; None when none does. `steaks` and `north-indian` are understood."""
    forms = [form for word in words for form in _forms(word)]
    known = next((form for form in forms if form in _GROUP_OF), None)
    if known:
        return _GROUP_OF[known]
    return next((GENERAL[form] for form in forms if form in GENERAL), None)


def _forms(word: str) -> list[str]:
    """A word as it is, as one would look it up, and its own words, the last one first."""
    spaced = word.casefold().replace("_", " ").replace("-", " ")
    return [word, spaced, spaced.removesuffix("s"), *reversed(spaced.split())]
