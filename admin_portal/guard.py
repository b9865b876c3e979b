"""Who may see the operator's pages, until there are accounts: whoever knows the stage's `OPERATOR_KEY`."""

import base64
import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from core.errors import NotFound, SignInNeeded


def for_operators(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view behind HTTP Basic: any name, the key as password. Without a key in the environment there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
        if not settings.OPERATOR_KEY:
            raise NotFound
        if not hmac.compare_digest(_password(request).encode(), settings.OPERATOR_KEY.encode()):
            raise SignInNeeded
        return view(request, **arguments)

    return guarded


def _password(request: HttpRequest) -> str:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[2]
    except ValueError:  # of base64 and of UTF-8
        return ""
