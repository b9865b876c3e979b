"""Everything that is logged is a line of JSON, without what a person typed."""

import json
import logging
from datetime import UTC, datetime

from regions import topology

SERVERS = {"django", "waitress", "zappa", "handler"}
"""Whose sentences end with the address of a request, which opens an order or says where somebody is."""


class JsonFormatter(logging.Formatter):
    """A record as one line; what `core.events` logs has its fields. What failed is named by its route, never by its address."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "region": topology.here(),
            "message": _without_address(record) if record.name.partition(".")[0] in SERVERS else record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if request := getattr(record, "request", None):
            match = getattr(request, "resolver_match", None)
            line |= {"method": request.method, "route": match.route if match else None}
            line |= {"status": getattr(record, "status_code", None)}
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


def _without_address(record: logging.LogRecord) -> str:
    """What is said before the first slash: nobody who looks for the end of an address finds all of them."""
    return record.getMessage().partition("/")[0].rstrip(" :")
