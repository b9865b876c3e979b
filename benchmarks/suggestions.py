"""What a suggestion costs the laptop's gazetteer, over all cities of the served countries. `python -m benchmarks.suggestions`.

Milliseconds of CPU, in this process: every beginning of one and two letters, and what people type, near Paris.
"""

import os
import statistics
import string
import time
from itertools import product

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")

import django

django.setup()

from localcloud.gazetteer import sources  # noqa: E402 - settings come first
from localcloud.gazetteer.index import Gazetteer  # noqa: E402
from localcloud.supervisor import SAMPLE_RESTAURANTS  # noqa: E402
from regions import topology  # noqa: E402

PROMISED_MS = 30
TYPED = (
    "san",
    "saint",
    "saint-g",
    "sankt",
    "villa",
    "new york",
    "zürich",
    "genf",
    "12 map",
    "12 maple st, new",
    "rue de",
    "100",
    "75",
)


def main() -> None:
    jurisdictions = topology.current().country_jurisdictions
    since = time.process_time()
    cities = sources.cities(frozenset(jurisdictions))
    gazetteer = Gazetteer(cities, sources.sample_houses(SAMPLE_RESTAURANTS))
    print(f"{len(cities)} cities are ready after {time.process_time() - since:.1f} s of CPU")
    texts = [*string.ascii_lowercase, *map("".join, product(string.ascii_lowercase, repeat=2)), *TYPED]
    taken = []
    for name, text in product(topology.current().jurisdictions, texts):
        countries = frozenset(country for country, of in jurisdictions.items() if of == name)
        since = time.process_time()
        gazetteer.autocomplete(text, countries=countries, near=(48.85, 2.35), most=6)
        taken.append(((time.process_time() - since) * 1000, text))
    slowest_ms, slowest = max(taken)
    median_ms = statistics.median(ms for ms, _ in taken)
    print(
        f"{len(taken)} texts: median {median_ms:.2f} ms, at most {slowest_ms:.1f} ms (“{slowest}”); promised: {PROMISED_MS} ms"
    )


if __name__ == "__main__":
    main()
