"""Where are you, and what is near you."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from catalog import browse, where
from catalog.canonical import SOCIAL_IMAGE, front_page_url, front_pages
from catalog.cities import CITIES
from catalog.cuisines import FIRST_WORDS
from catalog.near.forms import FilterForm, PlaceForm
from catalog.near.page import NearPage
from core import clock, geo
from core.errors import Invalid
from regions import topology


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    topo = topology.current()
    cities = {
        title: [city for city in CITIES if topo.jurisdiction_of_country(city.country) == name]
        for name, title in topo.jurisdictions.items()
    }
    asked = request.GET.get("cuisine", "")
    craving = asked if asked in FIRST_WORDS else ""
    form = PlaceForm(initial={"cuisine": craving})
    context = {**_for_machines(), "cities": cities, "form": form, "cuisines": FIRST_WORDS, "craving": craving}
    return render(request, "catalog/home.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """From coordinates, which stay in the body, to the address of their cell."""
    if request.method != "POST":
        return render(request, "catalog/place.html", {"form": PlaceForm()})
    form = PlaceForm(request.POST)
    if not form.is_valid():
        return render(request, "catalog/place.html", {"form": form}, status=400)
    asked = form.cleaned_data
    address = reverse("near", kwargs={"cell": geo.cell_at(asked["latitude"], asked["longitude"])})
    return redirect(f"{address}?{urlencode({'cuisine': asked['cuisine']})}" if asked["cuisine"] else address)


@require_safe
def near(request: HttpRequest, cell: str) -> HttpResponse:
    """The list; htmx asks for its rows only, as one types and chooses, and for the rows that follow."""
    form = FilterForm(request.GET)
    if not form.is_valid():
        raise Invalid(gettext("One of the filters is too long or unknown. Remove it and try again."))
    wanted = form.wanted()
    page = NearPage(browse.near(cell, at=clock.now(), wanted=wanted, cursor=form.cleaned_data["cursor"]), wanted)
    is_part = request.headers.get("HX-Request") == "true"
    response = render(
        request, "catalog/_listing.html" if is_part else "catalog/near.html", {"page": page, "where": cell}
    )
    if request.headers.get("HX-Target") == "results":
        response.headers["HX-Replace-Url"] = page.url
    patch_vary_headers(response, ["HX-Request"])
    return where.remember(response, cell)


def _for_machines() -> dict[str, Any]:
    """The members that `catalog/_for_machines.html` takes."""
    topo = topology.current()
    return {
        "canonical": front_page_url(),
        "alternates": front_pages(),
        "social_title": "Food-for-Thought",
        "social_image": topo.jurisdiction_url(topo.jurisdiction) + static(SOCIAL_IMAGE),
    }
