"""One line of JSON per request, and everything else that is logged as JSON too. No address, no query, no body.

The route's pattern stands for the address: an order's page must not be openable by whoever reads the logs.
"""

import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponseBase

from regions import topology

logger = logging.getLogger("access")


class AccessLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        if request.path.startswith("/health/") and response.status_code == 200:
            return response  # asked every second; only bad news is news
        match = request.resolver_match
        logger.info(
            "request",
            extra={
                "fields": {
                    "method": request.method,
                    "route": match.route if match else None,
                    "status": response.status_code,
                    "duration_ms": round((time.perf_counter() - started) * 1000, 1),
                }
            },
        )
        return response


class JsonFormatter(logging.Formatter):
    """A record as one line; `extra={"fields": {…}}` adds members."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "region": topology.here(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self._traceback(record)
        return json.dumps(line, ensure_ascii=False, default=str)

    def _traceback(self, record: logging.LogRecord) -> list[str]:
        """Where it went wrong and the kind of error, without its text: a message may hold what a person typed."""
        kind, _, traceback = record.exc_info or (None, None, None)
        frames = []
        while traceback:
            code = traceback.tb_frame.f_code
            frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
            traceback = traceback.tb_next
        return [*frames[-12:], kind.__name__ if kind else ""]
