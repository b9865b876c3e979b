"""The worker on Lambda; what wsgi.py is for the pages."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
django.setup()  # the settings, and with them how things are logged

from core.events import ERROR, event  # noqa: E402
from foodforthought import stream_worker  # noqa: E402
from regions.aws import error_code  # noqa: E402


class WorkerFailed(Exception):
    """What was handed over has to be handed over again. Lambda logs the text of an error, and a library's may quote a record."""


def lambda_handler(given: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """See `stream_worker.lambda_handler`."""
    try:
        return stream_worker.lambda_handler(given, context)
    except Exception as error:
        if "reconcile" in given:
            raise  # somebody has asked by hand, and reads the answer
        event("worker failed", level=ERROR, traceback=True, error=error_code(error))
        raise WorkerFailed(error_code(error)) from None
