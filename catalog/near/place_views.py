"""From what somebody says about where they are to the list of what is near: by what they type, by position, by choosing.

All of it comes in bodies, and goes to this region's provider of places only. Where it was found, the list's address has its cell.
"""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from catalog import where
from catalog.browse import MAX_CHOICE_CHARACTERS
from catalog.near.forms import ChosenForm, PositionForm, TypedForm
from catalog.near.page import cities
from catalog.where import KnownPlace
from core import geo
from core.errors import Invalid, TooManyRequests, Unavailable
from core.messages import language, say
from places import finding
from places.addresses import Address
from regions import limits, topology

MIN_TYPED = 3  # characters: before that, everything would be suggested


@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    if "cell" in request.POST:
        return _by_choice(request)
    if "q" in request.POST:
        return _by_words(request)
    return _by_position(request)


@require_POST
@never_cache
def suggestions(request: HttpRequest) -> HttpResponse:
    """What the text may become; `is_available` is false while nobody can say."""
    form = TypedForm(request.POST)
    if not form.is_valid() or len(form.cleaned_data["q"]) < MIN_TYPED:
        return JsonResponse({"suggestions": [], "is_available": True})
    _count(request)
    try:
        suggested = finding.suggest(form.cleaned_data["q"], language=language(), near=_near(request))
    except finding.PlacesUnavailable:
        return JsonResponse({"suggestions": [], "is_available": False})
    return JsonResponse({"suggestions": suggested, "is_available": True})


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    return where.forget(redirect("home"))


def _by_words(request: HttpRequest) -> HttpResponse:
    """To the list, if it is clear what is meant; else to a page that asks again."""
    form = TypedForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=400)
    text = form.cleaned_data["q"]
    _count(request)
    try:
        places = finding.find(text, language=language(), near=_near(request))
    except finding.PlacesUnavailable as error:
        return _page(request, form=form, problem=error, status=503)
    meant = _meant(text, places)
    if meant:
        return _to_list(request, form, meant.cell, meant.address)
    candidates = [(place.label, KnownPlace.of(place.cell, place.address)) for place in places]
    return _page(request, form=form, candidates=candidates, is_answer=True)


def _by_position(request: HttpRequest) -> HttpResponse:
    """Also when nobody can say what is there: a place needs no name."""
    form = PositionForm(request.POST)
    if not form.is_valid():
        return _page(request, position=form, status=400)
    position = form.cleaned_data["latitude"], form.cleaned_data["longitude"]
    _count(request)
    try:
        nearest = finding.at(position, language=language())
    except finding.PlacesUnavailable:
        nearest = None
    return _to_list(request, form, geo.cell_at(*position), nearest.address if nearest else None)


def _by_choice(request: HttpRequest) -> HttpResponse:
    form = ChosenForm(request.POST)
    if not form.is_valid():
        raise Invalid
    return _to_list(request, form, form.cleaned_data["cell"], form.address())


def _meant(text: str, places: list[finding.Place]) -> finding.Place | None:
    """The only place of which all that was typed is known, or the one that is called just like it."""
    good = [place for place in places if place.score >= finding.SURE]
    called = [place for place in good if place.label.casefold() == text.casefold()]
    return next((same[0] for same in (good, called) if len(same) == 1), None)


def _to_list(request: HttpRequest, form: forms.Form, cell: str, address: Address | None) -> HttpResponse:
    path = reverse("near", kwargs={"cell": cell})
    cuisine = form.cleaned_data["cuisine"]
    response = redirect(f"{path}?{urlencode({'cuisine': cuisine})}" if cuisine else path)
    return where.remember(response, request, cell, address)


def _page(
    request: HttpRequest,
    *,
    form: TypedForm | None = None,
    position: PositionForm | None = None,
    problem: Unavailable | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    topo = topology.current()
    others = [name for name in topo.jurisdictions if name != topo.jurisdiction]
    context = {
        "form": form or TypedForm(),
        "position": position or PositionForm(),
        "problem": problem,
        "cuisine": request.POST.get("cuisine", "")[:MAX_CHOICE_CHARACTERS],
        "cities": cities(),
        "places": where.known_places(request),
        "site": topo.jurisdictions[topo.jurisdiction],
        "other_sites": [(topo.jurisdictions[name], topo.jurisdiction_url(name) + reverse("place")) for name in others],
        **more,
    }
    response = render(request, "catalog/place.html", context, status=status)
    if problem:
        response.headers["Retry-After"] = f"{finding.BREAKER_SECONDS:.0f}"
    return response


def _near(request: HttpRequest) -> finding.Position | None:
    """What is found near the last place is more likely to be meant."""
    cell = where.remembered(request)
    return geo.centre_of(cell) if cell else None


def _count(request: HttpRequest) -> None:
    limit = settings.PLACES_PER_MINUTE
    wait = limits.seconds_to_wait("places", limits.address_of(request.META), limit=limit)
    if wait is not None:
        detail = say(
            "At most %(limit)d places can be looked up in a minute from one address. Try again in %(seconds)d seconds, or "
            "choose a city.",
            limit=limit,
            seconds=wait,
        )
        raise TooManyRequests(detail, limit=limit, window_seconds=limits.WINDOW_SECONDS, retry_after_seconds=wait)
