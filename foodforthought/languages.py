"""The language of a page: what a person chose, else what the browser asks for, else English."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from core import messages
from core.errors import Forbidden, Invalid
from core.messages import say
from regions import topology
from regions.cookies import set_for_site

MAX_AGE_SECONDS = 400 * 86_400  # browsers keep no cookie for longer
PARAMETER = "language"
"""In an address, on its way from the signpost to a site; on no page."""
_NEUTRAL = (settings.STATIC_URL, "/health/")
_WITHOUT_PAGES = (*_NEUTRAL, "/api/v1/")

messages.speak(translate=translation.gettext, language=translation.get_language)


class Language:
    """Around everything that speaks. The choice is a cookie of the site, so every region of it knows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_NEUTRAL):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


@csrf_exempt  # `Origin` is checked instead: the signpost sets no cookie for the protection of forms
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember a language, and go back. The way back is in the body: an order's address is nothing for other addresses."""
    host = _host(request)
    if request.headers.get("Origin") != topology.current().url(host):
        raise Forbidden(say("Choose the language on a page of this site. Nothing was changed."))
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(say("This site is not available in that language. Nothing was changed."))
    back = request.POST.get("next", "")
    # Without allowed hosts, only addresses of this host pass.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = HttpResponseRedirect(back if is_ours else "/")
    if host in topology.current().signpost_hosts:
        _keep_at_host(response, language)
    else:
        _keep_for_site(response, language)
    return response


def chosen(request: HttpRequest) -> str | None:
    """The language in the cookie, if it is one that pages speak."""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return language if language in dict(settings.LANGUAGES) else None


def taken_over(request: HttpRequest) -> HttpResponse | None:
    """The same address without the language that the signpost handed over in it, which is remembered; None without one.

    A link on a stranger's page changes nothing that was chosen here.
    """
    if (
        request.method not in ("GET", "HEAD")
        or PARAMETER not in request.GET
        or request.path_info.startswith(_WITHOUT_PAGES)
    ):
        return None
    path, _, query = request.get_full_path_info().partition("?")
    kept = "&".join(part for part in query.split("&") if unquote_plus(part.partition("=")[0]) != PARAMETER)
    address = topology.current().url(_host(request)) + path + (f"?{kept}" if kept else "")
    response = HttpResponseRedirect(address, headers={"Cache-Control": "no-store"})
    language = request.GET[PARAMETER]
    is_from_a_stranger = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if language in dict(settings.LANGUAGES) and not (is_from_a_stranger and chosen(request)):
        _keep_for_site(response, language)
    return response


def forget_at_host(response: HttpResponse) -> None:
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")


def _keep_at_host(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=MAX_AGE_SECONDS,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _keep_for_site(response: HttpResponse, language: str) -> None:
    set_for_site(response, settings.LANGUAGE_COOKIE_NAME, language, max_age_seconds=MAX_AGE_SECONDS)


def context(request: HttpRequest) -> dict[str, Any]:
    """What every page needs for choosing."""
    return {"languages": settings.LANGUAGES, "language": translation.get_language(), "this_page": _page_of(request)}


def _page_of(request: HttpRequest) -> str:
    """The address of what a person looks at; where that answers a form, of the page that the form was on."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    try:
        before = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "/"
    if topology.current().host_asked(before.netloc) != _host(request):
        return "/"
    return before.path + (f"?{before.query}" if before.query else "")


def _host(request: HttpRequest) -> str:
    return topology.current().host_asked(request.headers.get("Host", ""))
