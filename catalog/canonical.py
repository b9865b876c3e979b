"""What a restaurant's page says to machines: its one address, and itself as JSON-LD."""

from datetime import date
from typing import Any

from django.templatetags.static import static
from django.urls import reverse

from catalog.menu_cache import made_of
from catalog.models import Restaurant
from regions import topology

CARD = "card.png"


def canonical_url(restaurant_id: str, country: str) -> str:
    """The one address of a restaurant's page: on the endpoint of the jurisdiction that takes its orders."""
    return canonical_host(country) + reverse("restaurant", kwargs={"restaurant_id": restaurant_id})


def canonical_host(country: str) -> str:
    topo = topology.current()
    return topo.jurisdiction_url(topo.jurisdiction_of_country(country))


def of_home() -> dict[str, Any]:
    """The same for the front page, whose address is that of the bare domain."""
    topo = topology.current()
    host = topo.url(topo.bare_host)
    return {
        "canonical": host + reverse("home"),
        "social_title": "Food-for-Thought",
        "social_image": host + static(CARD),
    }


def for_machines(restaurant: Restaurant, today: date) -> dict[str, Any]:
    """The members that `catalog/_for_machines.html` takes of a restaurant, and its JSON-LD, made once a menu."""
    from catalog.restaurant.jsonld import in_page, restaurant_node  # brings Babel, which not every page needs

    url = canonical_url(restaurant.id, str(restaurant.country))
    image = canonical_host(str(restaurant.country)) + static(CARD)
    json_ld = made_of(
        restaurant.id,
        ("json-ld", today),
        lambda found, dishes: in_page(restaurant_node(found, dishes, url=url, image=image, first_day=today)),
    )
    return {"canonical": url, "social_title": restaurant.name, "social_image": image, "json_ld": json_ld}
