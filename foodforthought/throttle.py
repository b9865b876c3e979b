"""How often one client may write by API.

Reading is limited at the edge, before anything of ours runs. Pages need a cookie and a form of ours; they are limited there too.
"""

from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.errors import TooManyRequests
from core.messages import say
from regions import limits


class WriteThrottle(BaseThrottle):
    """`settings.API_WRITES_PER_MINUTE` for one address."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        limit = settings.API_WRITES_PER_MINUTE
        wait = limits.seconds_to_wait("api", limits.address_of(request.META), limit=limit)
        if wait is None:
            return True
        detail = say(
            "At most %(limit)d requests that change something are taken in a minute from one address. Nothing was changed; "
            "send it again in %(seconds)d seconds, with the same token.",
            limit=limit,
            seconds=wait,
        )
        raise TooManyRequests(detail, limit=limit, window_seconds=limits.WINDOW_SECONDS, retry_after_seconds=wait)
