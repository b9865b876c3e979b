"""One region's pages: the WSGI application on waitress. `python -m localcloud.web PORT`."""

import signal
import sys
from types import FrameType

import waitress

from foodforthought.wsgi import application

THREADS = 8


def main(port: int) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        # waitress lets requests in flight finish when its loop is left this way.
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    waitress.serve(application, host="127.0.0.1", port=port, threads=THREADS, clear_untrusted_proxy_headers=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
