"""A restaurant and its menu as schema.org JSON-LD, for its page: what search engines and other machines read."""

import json
from datetime import date
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from catalog import hours
from catalog.menu_node import menu_node
from catalog.models import Dish, Restaurant

Node = dict[str, Any]
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# Inside a script element, nothing of the text may be taken for markup, `</script>` least of all.
_ESCAPES = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def in_page(node: Node) -> SafeString:
    """For a `<script type="application/ld+json">`, which a browser does not execute."""
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in _ESCAPES.items():
        text = text.replace(character, escaped)  # `str.translate` takes 20 times as long
    return mark_safe(text)  # noqa: S308


def restaurant_node(restaurant: Restaurant, dishes: list[Dish], *, url: str, image: str, first_day: date) -> Node:
    """`url` is the page's one address; opening hours are those of the seven days from `first_day`."""
    node: Node = {
        "@context": "https://schema.org",
        "@type": "Restaurant",
        "@id": url,
        "url": url,
        "name": restaurant.name,
        "image": image,
        "telephone": restaurant.all_phones if restaurant.phones else restaurant.phone,
        "sameAs": restaurant.website,
        "servesCuisine": [str(word).replace("_", " ") for word in restaurant.cuisines or ()],
        "currenciesAccepted": restaurant.currency,
        "address": _address(restaurant),
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": float(restaurant.latitude),
            "longitude": float(restaurant.longitude),
        },
        "openingHoursSpecification": _opening_hours(restaurant, first_day),
        "hasMenu": menu_node(restaurant, dishes) if dishes else None,
    }
    return {name: value for name, value in node.items() if value not in (None, [], "")}


def _address(restaurant: Restaurant) -> Node:
    given = restaurant.address or {}
    names = {
        "street": "streetAddress", "city": "addressLocality", "postcode": "postalCode", "region": "addressRegion",
    }  # fmt: skip
    parts = {names[part]: value for part, value in given.items() if part in names and value}
    return {"@type": "PostalAddress", **parts, "addressCountry": restaurant.country}


def _opening_hours(restaurant: Restaurant, first_day: date) -> list[Node]:
    """Day by day, as schema.org knows no rules such as holidays. Past midnight, `closes` is earlier than `opens`."""
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": DAYS[day.weekday()],
            "opens": f"{begin:%H:%M}",
            "closes": f"{end:%H:%M}",
            "validFrom": f"{day:%Y-%m-%d}",
            "validThrough": f"{day:%Y-%m-%d}",
        }
        for day, spans in hours.week(restaurant.opening_hours, restaurant.place, first_day)
        for begin, end, _ in spans
    ]
