"""An event per request. No address, no query, no body.

The route's pattern stands for the address: an order's page must not be openable by whoever reads the logs.
"""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from core.events import event


class AccessLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        if request.path_info.startswith("/health/") and response.status_code == 200:
            return response  # asked every second; only bad news is news
        match = request.resolver_match
        event(
            "request",
            method=request.method,
            route=match.route if match else None,
            status=response.status_code,
            duration_ms=round((time.perf_counter() - started) * 1000, 1),
        )
        return response
