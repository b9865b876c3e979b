"""What the list near a place costs: with 20,000 restaurants in the table against 200, and in a cell that has 4,000.

`python -m benchmarks.near`: two embedded AWS over HTTP, the same neighbourhood of 200 restaurants in both, in one of them 19,800
elsewhere and a cell of 4,000 besides. Each measurement is a process of its own that asks Django's handler for the page; its
CPU time and the calls that it sends are counted, in turns, and the ratio is printed.
"""

import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

SMALL, LARGE = "us-east-1", "us-west-2"
NEIGHBOURS, ALL, DENSE, SPARSE = 200, 20_000, 4_000, 10
PLACES = {"neighbourhood": (40.73, -73.99), "dense": (34.05, -118.24), "sparse": (39.74, -104.99)}
ROUNDS, REQUESTS, WARM = 4, 40, 10
LIMIT = 1.2
QUESTIONS = {
    "": "the page",
    "open=1": "open now",
    "cuisine=pizza&open=1&sort=fee": "pizza, open now, by fee",
    "q=margherita": "a dish",
    "q=nothing+is+called+this": "what there is not",
}

Image = dict[str, Any]


def templates() -> list[tuple[Image, Image]]:
    """Profile and card of sample restaurants, as DynamoDB has them."""
    from catalog.models import Card, Restaurant
    from catalog.samples.restaurants import sample_records

    found: dict[str, list[Image]] = {}
    for record in sample_records(240):
        if isinstance(record, Restaurant):
            found[record.id] = [record.serialize()]
        elif isinstance(record, Card) and len(found[record.restaurant]) == 1:
            found[record.restaurant].append(record.serialize())
    return [(profile, card) for profile, card in found.values()]


def restaurants(
    kind: str,
    count: int,
    positions: Iterator[tuple[float, float]],
    images: list[tuple[Image, Image]],
    *,
    radius_km: float,
) -> Iterator[Image]:
    """Profiles, and a card in every cell that each delivers to."""
    from core import geo

    for number, (profile, card) in zip(range(count), itertools.cycle(images), strict=False):
        name = f"{kind}-{number:05d}"
        yield profile | {"pk": {"S": f"restaurant#{name}"}, "id": {"S": name}, "version": {"N": "1"}}
        for cell, metres in geo.cells_within(next(positions), radius_km).items():
            keys = {"pk": {"S": f"cell#{cell}"}, "sk": {"S": f"{metres:05d}#{name}"}, "restaurant": {"S": name}}
            yield card | keys | {"version": {"N": "1"}}


def around(place: tuple[float, float], spread: float) -> Iterator[tuple[float, float]]:
    rng = random.Random(1)  # noqa: S311 - the same in both tables
    while True:
        yield place[0] + rng.uniform(-spread, spread), place[1] + rng.uniform(-spread, spread)


def elsewhere() -> Iterator[tuple[float, float]]:
    """Far from the measured places, 30 km from each other."""
    return ((-40.0 + row * 0.3, 10.0 + column * 0.3) for row in range(200) for column in range(200))


def load(count: int) -> None:
    """Into tables without a stream, which would keep every item in memory."""
    from catalog.models import Availability, CatalogRecord
    from regions import aws, topology

    for model in (CatalogRecord, Availability):
        model.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    images = templates()
    sets = [restaurants("near", NEIGHBOURS, around(PLACES["neighbourhood"], 0.004), images, radius_km=3.0)]
    if count > NEIGHBOURS:
        sets += [
            restaurants("far", count - NEIGHBOURS, elsewhere(), images, radius_km=2.0),
            restaurants("dense", DENSE, around(PLACES["dense"], 0.004), images, radius_km=0.5),
            restaurants("sparse", SPARSE, around(PLACES["sparse"], 0.004), images, radius_km=3.0),
        ]
    client = aws.client("dynamodb", topology.here(), read_timeout_seconds=30)
    puts = ({"Put": {"TableName": CatalogRecord.Meta.table_name, "Item": item}} for item in itertools.chain(*sets))
    for batch in _batches(puts, 100):
        client.transact_write_items(TransactItems=batch)


def _batches(entries: Iterable[Any], size: int) -> Iterator[list[Any]]:
    entries = iter(entries)
    while batch := list(itertools.islice(entries, size)):
        yield batch


def measure(place: str, query: str) -> dict[str, Any]:
    """The median of the CPU time of a page in milliseconds, the calls sent for it, and what the list says of itself."""
    from botocore.client import BaseClient
    from django.test import Client

    from core import geo
    from regions import topology

    sent: list[str] = []
    original = BaseClient._make_api_call

    def counted(client: BaseClient, operation: str, arguments: Any) -> Any:
        sent.append(operation)
        return original(client, operation, arguments)

    BaseClient._make_api_call = counted  # type: ignore[method-assign]
    topo = topology.current()
    browser, host, cell = Client(), topo.jurisdiction_host(topo.jurisdiction), geo.cell_at(*PLACES[place])
    path = f"/near/{cell}/{'?' if query else ''}{query}"
    times = []
    for _ in range(WARM + REQUESTS):
        sent.clear()
        began = time.process_time()
        answer = browser.get(path, HTTP_HOST=host)
        times.append((time.process_time() - began) * 1000)
        calls = list(sent)
        if answer.status_code != 200:
            raise SystemExit(f"{path} answered {answer.status_code}")
    said = browser.get(f"/api/v1/restaurants?cell={cell}&{query}", HTTP_HOST=host).json()
    counts = {name: said[name] for name in ("found", "looked_at", "goes_on")}
    return {"ms": statistics.median(times[WARM:]), "calls": len(calls), "shown": len(said["restaurants"]), **counts}


def child(task: str, *arguments: str) -> None:
    import logging

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "foodforthought.settings"
    django.setup()
    logging.disable(logging.WARNING)
    if task == "load":
        load(int(arguments[0]))
    else:
        print(json.dumps(measure(*arguments)))


def in_process(environment: dict[str, str], *arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.near", *arguments]
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return json.loads(done.stdout or "null")


def report(small: dict[str, str], large: dict[str, str]) -> float:
    rounds: dict[str, list[dict[str, Any]]] = {"small": [], "large": []}
    for _ in range(ROUNDS):
        rounds["small"].append(in_process(small, "measure", "neighbourhood", ""))
        rounds["large"].append(in_process(large, "measure", "neighbourhood", ""))
    lowest = {name: min(entries, key=lambda entry: entry["ms"]) for name, entries in rounds.items()}
    print(f"the page of a neighbourhood of {NEIGHBOURS} restaurants, {lowest['small']['shown']} of them shown")
    print(f"  {NEIGHBOURS:>6} in the table  {lowest['small']['ms']:6.1f} ms CPU, {lowest['small']['calls']} calls")
    print(f"  {ALL:>6} in the table  {lowest['large']['ms']:6.1f} ms CPU, {lowest['large']['calls']} calls")
    if lowest["small"]["calls"] != lowest["large"]["calls"]:
        raise SystemExit("the calls differ")
    print(f"\na cell of {DENSE:,} restaurants, its first page")
    for query, title in QUESTIONS.items():
        said = in_process(large, "measure", "dense", query)
        window = f"{said['found']} found in the {said['looked_at']} nearest, {'there are more' if said['goes_on'] else 'all'}"
        print(f"  {title:<25} {said['ms']:6.1f} ms CPU, {said['calls']} calls; {said['shown']} shown, {window}")
    sparse = in_process(large, "measure", "sparse", "")
    print(
        f"  a cell of {SPARSE} for comparison {sparse['ms']:6.1f} ms CPU, {sparse['calls']} calls; {sparse['shown']} shown"
    )
    return float(lowest["large"]["ms"] / lowest["small"]["ms"])


def main() -> None:
    from localcloud import aws as embedded
    from localcloud.layout import Layout
    from localcloud.processes import is_free, wait_for

    port = next(port for port in range(19_000, 20_000, 50) if all(is_free(port + n) for n in range(12)))
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(port=port, data=Path(folder))
        children = {region: embedded.start(layout, region) for region in (SMALL, LARGE)}
        try:
            for region, started in children.items():
                wait_for(f"{layout.aws_url(region)}/_ministack/health", started, seconds=30)
            environments = {region: layout.environment(region) for region in children}
            in_process(environments[SMALL], "load", str(NEIGHBOURS))
            in_process(environments[LARGE], "load", str(ALL))
            print(f"loaded in {time.monotonic() - began:.0f} s", flush=True)
            ratio = report(environments[SMALL], environments[LARGE])
        finally:
            for started in children.values():
                started.stop(seconds=30)
    print(f"\nratio {ratio:.2f}: {ALL:,} restaurants in the table against {NEIGHBOURS} (at most {LIMIT})")
    if ratio > LIMIT:
        raise SystemExit(1)


if __name__ == "__main__":
    child(*sys.argv[1:]) if len(sys.argv) > 1 else main()
