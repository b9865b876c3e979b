"""From a refusal to an HTTP answer: one table, for pages (HTML) and the API (problem+json, RFC 9457) alike."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import translation

from core import errors
from core.errors import Refused
from core.events import ERROR, event
from core.messages import language, say
from orders import basket_cookie
from orders import errors as order_errors
from regions import topology

STATUS: dict[type[Refused], int] = {
    errors.Invalid: 400,
    errors.MalformedToken: 400,
    errors.SignInNeeded: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.UnsupportedCharset: 415,
    errors.WrongRegion: 421,
    errors.WrongJurisdiction: 421,
    errors.TokenOutOfTime: 422,
    order_errors.CannotOrder: 422,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}
"""A subclass not named here is answered as its nearest base."""


def status_of(error: Refused) -> int:
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def problem(error: Refused) -> dict[str, Any]:
    """The problem document of RFC 9457, with `home_region` and `home_endpoint` where another region decides."""
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", type(error).__name__).lower()
    topo = topology.current()
    document = {"type": f"/problems/{kebab}", "title": type(error).title(), "status": status_of(error)}
    document |= {"detail": error.detail, **error.extra}
    if isinstance(error, errors.WrongRegion):
        document |= {"home_region": error.home, "home_endpoint": topo.region_url(error.home)}
    if isinstance(error, errors.WrongJurisdiction):
        document |= {"home_endpoint": topo.jurisdiction_url(error.jurisdiction)}
    return document


def answer(request: HttpRequest, error: Refused) -> HttpResponse:
    """A refusal as the caller wants to read it: JSON under /api/, a page elsewhere."""
    document = problem(error)
    response: HttpResponse
    if request.path_info.startswith("/api/"):
        response = JsonResponse(document, status=document["status"], content_type="application/problem+json")
    else:
        way = document.get("home_endpoint", "") + (error.path if isinstance(error, errors.WrongJurisdiction) else "/")
        response = render(request, "error.html", {"problem": document, "way": way}, status=document["status"])
    if isinstance(error, order_errors.BasketUnreadable):
        basket_cookie.clear(response)
    if document["status"] == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Food-for-Thought operations", charset="UTF-8"'
    if document["status"] in (429, 503):
        response.headers["Retry-After"] = str(document.get("retry_after_seconds", 5))
    return response


class ErrorPages:
    """Turn what a view raises into its answer; anything unforeseen is logged and answered as a 500 without details."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        refused = as_refusal(error)
        return answer(request, refused) if refused else None


def as_refusal(error: Exception) -> Refused | None:
    """The refusal that an exception of a library stands for, if any."""
    from botocore.exceptions import BotoCoreError, ClientError
    from pynamodb.exceptions import PynamoDBException

    from regions.aws import error_code

    if isinstance(error, Refused):
        return error
    if isinstance(error, Http404):
        return errors.NotFound()
    if isinstance(error, PynamoDBException | BotoCoreError | ClientError):
        event("storage failed", level=ERROR, traceback=True, error=error_code(error))
        return errors.Unavailable(
            say("Storage in this region is not responding right now. Nothing was lost; try again.")
        )
    return None


def answer_api(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Django REST framework's exception handler."""
    from rest_framework import exceptions

    request = context["request"]
    if isinstance(error, exceptions.ValidationError):
        detail = say("Some fields of the request are not valid.")
        return answer(request, errors.Invalid(detail, errors=error.detail))
    if isinstance(error, exceptions.APIException):
        return answer(request, _of_framework(error))
    refused = as_refusal(error)
    return answer(request, refused) if refused else None


class _FrameworkRefused(Refused):
    """The request is not supported here."""


class MethodNotAllowed(_FrameworkRefused):
    """This address does not support this method."""


class UnsupportedMediaType(_FrameworkRefused):
    """This content type is not supported here."""


STATUS |= {MethodNotAllowed: 405, UnsupportedMediaType: 415}
_TITLED = {kind.__name__: kind for kind in (MethodNotAllowed, UnsupportedMediaType)}
"""The framework's own titles have a place for what was sent; a title is the same for all problems of a kind."""


def _of_framework(error: Any) -> Refused:
    """A refusal with the framework's own status: malformed JSON, a wrong method or media type."""
    return _refusal_like(error.__class__)(str(error.detail))


@cache
def _refusal_like(framework_error: Any) -> type[Refused]:
    if framework_error.__name__ in _TITLED:
        return _TITLED[framework_error.__name__]
    with translation.override("en"):  # the key of its translations
        title = str(framework_error.default_detail)
    kind = type(framework_error.__name__, (_FrameworkRefused,), {"__doc__": title})
    STATUS[kind] = framework_error.status_code
    return kind


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django refused the request itself: too many fields, a malformed host or form."""
    return answer(request, errors.Invalid())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, errors.NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors: whatever went wrong may be in one of them."""
    title = say("Something went wrong on our side")
    if request.path_info.startswith("/api/"):
        document = {"type": "/problems/server-error", "title": title, "status": 500}
        return JsonResponse(document, status=500, content_type="application/problem+json")
    kept = say("Your basket is kept. An order that was confirmed is safe.")
    page = _SERVER_ERROR.format(language=language(), title=title, kept=kept, again=say("Try again"))
    return HttpResponse(page, status=500)


_SERVER_ERROR = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<h1>{title}</h1><p>{kept}</p><p><a href="/">{again}</a></p></html>"""


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF check refused a form: usually cookies are off, or the page was open for very long."""
    detail = say(
        "For your safety, this form was not accepted. Allow cookies for this site, reload the page and send it again."
    )
    return answer(request, errors.Forbidden(detail))
