"""The one address of each page that search engines and links should know. It names a site, never the signpost or a region."""

from dataclasses import dataclass

from django.urls import reverse

from regions import topology

SOCIAL_IMAGE = "card.png"


def canonical_url(restaurant_id: str, country: str) -> str:
    """The one address of a restaurant's page: on the endpoint of the jurisdiction that takes its orders."""
    return canonical_host(country) + reverse("restaurant", kwargs={"restaurant_id": restaurant_id})


def canonical_host(country: str) -> str:
    topo = topology.current()
    return topo.jurisdiction_url(topo.jurisdiction_of_country(country))


@dataclass(frozen=True)
class Alternate:
    """A front page for the readers that `hreflang` names."""

    hreflang: str
    url: str


def front_page_url() -> str:
    """Of the site that this region belongs to."""
    topo = topology.current()
    return topo.jurisdiction_url(topo.jurisdiction) + reverse("home")


def front_pages() -> list[Alternate]:
    """The site for each country; for any other, the signpost. English, as search engines ask for no language."""
    topo = topology.current()
    sites = [
        Alternate(f"en-{country}", canonical_host(country) + reverse("home"))
        for country in sorted(topo.country_jurisdictions)
    ]
    return [*sites, Alternate("x-default", topo.url(topo.signpost_host) + reverse("home"))]
