"""How often somebody may do something in a minute: counted in a table, so that it holds across all processes of a region."""

import ipaddress
import math
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from core import clock
from regions import request_counts
from regions.secrets import SecretsUnavailable

WINDOW_SECONDS = 60
MAX_REMEMBERED = 10_000

_over: dict[str, int] = {}  # key → its window, of those who are over the limit: refusing them again asks nobody


def seconds_to_wait(what: str, address: str, *, limit: int) -> int | None:
    """Count once more what an address does; None while it may. Whoever cannot be counted may: ordering goes on."""
    window, since = divmod(clock.now_ms() / 1000, WINDOW_SECONDS)
    try:
        secret = str(settings.SECRET_KEY)
    except SecretsUnavailable:
        return None
    key = request_counts.key_of(what, network_of(address), window=int(window), secret=secret)
    if key not in _over and (request_counts.count(key) or 0) <= limit:
        return None
    _remember(key, int(window))
    return math.ceil(WINDOW_SECONDS - since)


def address_of(meta: Mapping[str, Any]) -> str:
    """Who sent a request with this `request.META`.

    The last address in X-Forwarded-For is what API Gateway (a laptop: the router) saw; those before it are only claimed.
    """
    forwarded: str = meta.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip() or meta.get("REMOTE_ADDR") or ""


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
