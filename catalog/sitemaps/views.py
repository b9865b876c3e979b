"""What search engines ask for."""

from datetime import UTC, date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from catalog.canonical import canonical_url
from catalog.models import Card
from catalog.sitemaps import lists
from regions import topology

NOT_FOR_ROBOTS = ("/basket/", "/checkout/", "/orders/", "/where/", "/language/", "/operations/", "/api/", "/*/dishes/")


@require_safe
@cache_control(public=True, max_age=86_400)
def robots(request: HttpRequest) -> HttpResponse:
    """The same on all hosts; that they name the index makes its lists of other hosts' pages valid."""
    topo = topology.current()
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {topo.url(topo.signpost_host)}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=86_400)
def sitemap(request: HttpRequest) -> HttpResponse:
    """The index: a list for each cell, on the endpoint of its jurisdiction. No round trip."""
    topo = topology.current()
    urls = [
        topo.jurisdiction_url(jurisdiction) + reverse("sitemap-cell", kwargs={"cell": cell})
        for cell, jurisdiction in lists.cells().items()
    ]
    return render(request, "catalog/sitemap_index.xml", {"urls": urls}, content_type="application/xml")


@require_safe
@cache_control(public=True, max_age=21_600)
def sitemap_of_cell(request: HttpRequest, cell: str) -> HttpResponse:
    """One round trip."""
    entries = [
        (canonical_url(str(card.restaurant), str(card.country)), _changed(card)) for card in lists.cards_of(cell)
    ]
    return render(request, "catalog/sitemap.xml", {"entries": entries}, content_type="application/xml")


def _changed(card: Card) -> date:
    """A version is the time of the change, in milliseconds, or just after it."""
    return datetime.fromtimestamp(int(card.version) / 1000, UTC).date()
