"""What a restaurant's page says to machines: its one address, and itself as JSON-LD."""

from datetime import date
from typing import Any

from django.templatetags.static import static

from catalog.canonical import SOCIAL_IMAGE, canonical_host, canonical_url
from catalog.menu_cache import made_of
from catalog.models import Restaurant


def for_machines(restaurant: Restaurant, today: date) -> dict[str, Any]:
    """The members that `catalog/_for_machines.html` takes of a restaurant, and its JSON-LD, made once a menu."""
    from catalog.restaurant.jsonld import in_page, restaurant_node  # brings Babel, which not every page needs

    url = canonical_url(restaurant.id, str(restaurant.country))
    image = canonical_host(str(restaurant.country)) + static(SOCIAL_IMAGE)
    json_ld = made_of(
        restaurant.id,
        ("json-ld", today),
        lambda profile, dishes: in_page(restaurant_node(profile, dishes, url=url, image=image, first_day=today)),
    )
    return {"canonical": url, "social_title": restaurant.name, "social_image": image, "json_ld": json_ld}
