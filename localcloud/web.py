"""One region's pages: the WSGI application on waitress. `python -m localcloud.web PORT`."""

import signal
import sys
from types import FrameType

import waitress
from pynamodb.models import Model

from foodforthought.wsgi import application
from regions.health import Canary
from regions.replication import replicated_models
from regions.request_counts import RequestCount

THREADS = 8


def main(port: int) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # waitress lets requests in flight finish when its loop is left this way.
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    connect()
    waitress.serve(application, host="127.0.0.1", port=port, threads=THREADS, clear_untrusted_proxy_headers=False)


def connect() -> None:
    """One client per table, before the first request: otherwise every thread makes its own for its first one, all at once.

    A Lambda has a single request at a time, and no such rush.
    """
    models: tuple[type[Model], ...] = (*replicated_models(), Canary, RequestCount)
    for model in models:
        _ = model._get_connection().connection.client


if __name__ == "__main__":
    main(int(sys.argv[1]))
