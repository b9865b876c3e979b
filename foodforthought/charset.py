"""Everything is UTF-8. A request that names another charset is refused, and nothing of it is decoded with that.

Django takes any codec of Python for a charset, before its first middleware: with `hex` it cannot even make the request, with
`unicode_escape` a form holds what no table stores. So the charset is taken out around Django, and answered for inside.
"""

import codecs
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import parse_header_parameters

from core.errors import UnsupportedCharset
from foodforthought.errors import answer

OTHER_CHARSET = "foodforthought.other_charset"
"""In the environment of a request that named one."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def only_utf8(application: Application) -> Application:
    """A WSGI application that sees no charset but UTF-8."""

    def without_charset(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        content_type = environ.get("CONTENT_TYPE") or ""
        if not is_utf8(content_type):
            environ = {**environ, "CONTENT_TYPE": content_type.partition(";")[0], OTHER_CHARSET: True}
        return application(environ, start_response)

    return without_charset


def is_utf8(content_type: str) -> bool:
    """Does a `Content-Type` name UTF-8, or no charset at all?"""
    try:
        charset = parse_header_parameters(content_type)[1].get("charset")
        return not charset or codecs.lookup(charset).name == "utf-8"
    except (LookupError, ValueError):  # an unknown name, or none that could be one
        return False


class RefuseOtherCharsets:
    """Answer in the reader's language, and with all headers, whoever named another charset."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        return answer(request, UnsupportedCharset()) if OTHER_CHARSET in request.META else None
