"""The front page, and the list of what is near a place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from catalog import browse, where
from catalog.canonical import SOCIAL_IMAGE, front_page_url, front_pages
from catalog.cuisines import FIRST_WORDS
from catalog.near.forms import FilterForm, TypedForm
from catalog.near.page import NearPage, cities
from core import clock
from core.errors import Invalid
from regions import topology


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("cuisine", "")
    craving = asked if asked in FIRST_WORDS else ""
    context = {
        **_for_machines(),
        "cities": cities(),
        "places": where.known_places(request),
        "form": TypedForm(),
        "cuisine": craving,
        "cuisines": FIRST_WORDS,
    }
    return render(request, "catalog/home.html", context)


@require_safe
def near(request: HttpRequest, cell: str) -> HttpResponse:
    """The list; htmx asks for its rows only, as one types and chooses, and for the rows that follow."""
    filters = FilterForm(request.GET)
    if not filters.is_valid():
        raise Invalid(gettext("One of the filters is too long or unknown. Remove it and try again."))
    wanted = filters.wanted()
    page = NearPage(browse.near(cell, at=clock.now(), wanted=wanted, cursor=filters.cleaned_data["cursor"]), wanted)
    is_part = request.headers.get("HX-Request") == "true"
    known = where.known_at(request, cell)
    name = known.name if known else page.listing.city
    cuisine = wanted.cuisines[0] if len(wanted.cuisines) == 1 else ""
    form = TypedForm(initial={"q": name})
    context = {"page": page, "where": cell, "place_name": name, "form": form, "cuisine": cuisine}
    response = render(request, "catalog/_listing.html" if is_part else "catalog/near.html", context)
    if request.headers.get("HX-Target") == "results":
        response.headers["HX-Replace-Url"] = page.url
    patch_vary_headers(response, ["HX-Request"])
    return where.remember(response, request, cell, None if known else page.city)


def _for_machines() -> dict[str, Any]:
    """The members that `catalog/_for_machines.html` takes."""
    topo = topology.current()
    return {
        "canonical": front_page_url(),
        "alternates": front_pages(),
        "social_title": "Food-for-Thought",
        "social_image": topo.jurisdiction_url(topo.jurisdiction) + static(SOCIAL_IMAGE),
    }
