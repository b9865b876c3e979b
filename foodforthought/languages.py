"""The language of a page: what a person chose, else what the browser asks for, else English."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from core import messages
from core.errors import Invalid
from core.messages import say
from regions.cookies import set_everywhere

MAX_AGE_SECONDS = 400 * 86_400  # browsers keep no cookie for longer
_NEUTRAL = (settings.STATIC_URL, "/health/")

messages.speak(translate=translation.gettext, language=translation.get_language)


class Language:
    """Around everything that speaks. The choice is a cookie of the parent domain, so every region knows it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(_NEUTRAL):
            return self.get_response(request)
        language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Remember a language, and go back. The way back is in the body: an order's address is nothing for other addresses."""
    language = request.POST.get("language", "")
    if language not in dict(settings.LANGUAGES):
        raise Invalid(say("This page does not speak that language; nothing was changed."))
    back = request.POST.get("next", "")
    # Without allowed hosts, only addresses of this host pass.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    response = HttpResponseRedirect(back if is_ours else "/")
    set_everywhere(response, settings.LANGUAGE_COOKIE_NAME, language, max_age_seconds=MAX_AGE_SECONDS)
    return response


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
    if before.netloc != request.headers.get("Host", ""):
        return "/"
    return before.path + (f"?{before.query}" if before.query else "")
