"""Everything that is logged is a line of JSON, without what a person typed."""

import json
import logging
from datetime import UTC, datetime

from regions import topology


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
