"""The one address of each page that search engines and links should know."""

from django.urls import reverse

from regions import topology

SOCIAL_IMAGE = "card.png"


def canonical_url(restaurant_id: str, country: str) -> str:
    """The one address of a restaurant's page: on the endpoint of the jurisdiction that takes its orders."""
    return canonical_host(country) + reverse("restaurant", kwargs={"restaurant_id": restaurant_id})


def canonical_host(country: str) -> str:
    topo = topology.current()
    return topo.jurisdiction_url(topo.jurisdiction_of_country(country))
