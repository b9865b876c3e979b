"""The gazetteer of a laptop cloud: a port for each jurisdiction. `python -m localcloud.gazetteer`."""

import argparse
import gc
import threading
import time

import django
from botocore.exceptions import BotoCoreError, ClientError

django.setup()

from core.events import WARNING, event  # noqa: E402 - settings come first
from localcloud.gazetteer import sources  # noqa: E402
from localcloud.gazetteer.index import Gazetteer  # noqa: E402
from localcloud.gazetteer.server import Server  # noqa: E402
from localcloud.layout import Layout  # noqa: E402
from regions import aws, topology  # noqa: E402

LOOK_SECONDS = 10.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True, help="of the router")
    parser.add_argument("--restaurants", type=int, required=True, help="how many samples there are")
    options = parser.parse_args()
    countries = frozenset(topology.current().country_jurisdictions)
    gc.disable()  # what is made now stays
    samples = sources.sample_houses(options.restaurants)
    gazetteer = Gazetteer(sources.cities(countries), samples)
    gc.freeze()
    gc.enable()
    for port in Layout(port=options.port).gazetteer_ports().values():
        threading.Thread(target=Server(gazetteer, port).serve_forever, daemon=True).start()
    known = None
    while True:
        time.sleep(LOOK_SECONDS)
        size = sources.catalogue_size()
        if size in (None, known):
            continue
        try:
            gazetteer.learn([*samples, *sources.scan_for_houses()])
        except (BotoCoreError, ClientError) as error:
            event("gazetteer not renewed", level=WARNING, error=aws.error_code(error))
        else:
            known = size


if __name__ == "__main__":
    main()
