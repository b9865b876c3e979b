"""How often one client may write by API: counted in a table, so that it holds across all processes of a region.

Reading is limited at the edge, before anything of ours runs. Pages need a cookie and a form of ours; they are limited there too.
"""

import ipaddress
import math
from typing import Any

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import clock
from core.errors import TooManyRequests
from core.messages import say
from regions import request_counts
from regions.secrets import SecretsUnavailable

WINDOW_SECONDS = 60
MAX_REMEMBERED = 10_000

_over: dict[str, int] = {}  # key → its window, of those who are over the limit: refusing them again asks nobody


class WriteThrottle(BaseThrottle):
    """`settings.API_WRITES_PER_MINUTE` for one address. Whoever cannot be counted is let through: ordering goes on."""

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.method in SAFE_METHODS:
            return True
        window, since = divmod(clock.now_ms() / 1000, WINDOW_SECONDS)
        try:
            secret = str(settings.SECRET_KEY)
        except SecretsUnavailable:
            return True
        key = request_counts.key_of("api", network_of(self.get_ident(request) or ""), window=int(window), secret=secret)
        limit = settings.API_WRITES_PER_MINUTE
        if key not in _over and (request_counts.count(key) or 0) <= limit:
            return True
        _remember(key, int(window))
        wait = math.ceil(WINDOW_SECONDS - since)
        detail = say(
            "At most %(limit)d requests that change something are taken in a minute from one address. Nothing was changed; "
            "send it again in %(seconds)d seconds, with the same token.",
            limit=limit,
            seconds=wait,
        )
        raise TooManyRequests(detail, limit=limit, window_seconds=WINDOW_SECONDS, retry_after_seconds=wait)


def network_of(address: str) -> str:
    """Who is counted together: an IPv4 address, or the /64 that a household or a phone has of IPv6."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:100]
    return str(ipaddress.ip_network((known, 64), strict=False)) if known.version == 6 else str(known)


def _remember(key: str, window: int) -> None:
    if len(_over) >= MAX_REMEMBERED:
        for old in [old for old, when in _over.items() if when != window]:
            del _over[old]
    if len(_over) < MAX_REMEMBERED:
        _over[key] = window
