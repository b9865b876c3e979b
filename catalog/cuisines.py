"""The kinds of food that are shown in the reader's language. Restaurants may be of any other; it is shown as they say it."""

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
