"""What the regions cost, idle and for a million orders: `python -m benchmarks.costs`; docs/costs.md tells the result.

One order goes its whole way on an embedded AWS: pages, the kitchen's five steps, and the workers of all regions that copy them.
Then the clock does one minute's work. Requests to DynamoDB are counted in the capacity units that AWS reckons from sizes of items
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html), which no emulator does; processor
time is this machine's.
"""

import gzip
import json
import math
import os
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.client import BaseClient

PORT = 46_550
NOON = "2026-11-24T17:00:00Z"  # in New York, on a Tuesday
HOME, SIBLING = "us-east-1", "us-west-2"

MINUTES = 730 * 60  # a month's, as AWS reckons it
POLLS = 12 * 30  # an order's page asks every five seconds; looked at for half an hour
LOOKS = 3  # at the menus of restaurants, before one is taken
TYPED = 0.5  # of the orders begin with an address that is typed; the others with a place that is remembered, a city or a position
SUGGESTED = 4  # times somebody who types pauses long enough to be asked for
READERS = 16  # of a table's stream: four shards, read by four each (infrastructure/worker.yaml)
CHECKERS = 6  # two in each of the three places that Route 53 asks from; every 30 seconds
ALARMS = 13  # in each region, by the templates
NEAR_MS, FAR_MS = 5, 100  # waiting for DynamoDB, here and across the ocean: assumed
PLACES_MS = 100  # waiting for Amazon Location: assumed
GB, VCPU_GB = 0.5, 1.769  # a function's memory; with so much it has a processor for itself
LINE_BYTES = 700  # of log for an invocation: ours, and Lambda's own three

# US East (N. Virginia), in dollars, by the lists of AWS as they are remembered: look them up before you rely on them.
# Of Amazon Location’s “Label” only so much is remembered: no more than “Core”.
PRICES = {
    "DynamoDB, write request units": 0.625 / 1e6,
    "DynamoDB, read request units": 0.125 / 1e6,
    "Lambda, requests": 0.20 / 1e6,
    "Lambda, GB-seconds": 0.0000166667,
    "API Gateway, REST calls": 3.50 / 1e6,
    "SQS, requests": 0.40 / 1e6,
    "Amazon Location, Label": 0.50 / 1e3,
    "Amazon Location, Core": 0.50 / 1e3,
    "Amazon Location, Stored": 4.00 / 1e3,
    "Data transfer, GB to other regions": 0.02,
    "Data transfer, GB to the internet": 0.09,
    "CloudWatch, GB of logs": 0.50,
    "CloudWatch, alarms": 0.10,
    "Route 53, health check with HTTPS": 1.50,
    "Secrets Manager, secrets": 0.40,
}


@dataclass
class Spent:
    """Units by the name of their price, for one region or for all."""

    units: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, price: str, units: float) -> None:
        self.units[price] += units

    def times(self, factor: float) -> "Spent":
        return Spent(defaultdict(float, {price: units * factor for price, units in self.units.items()}))

    def table(self) -> Iterator[str]:
        total = 0.0
        for price, units in sorted(self.units.items(), key=lambda pair: -pair[1] * PRICES[pair[0]]):
            total += units * PRICES[price]
            yield f"| {price} | {units:,.2f} | {units * PRICES[price]:,.2f} |"
        yield f"| **together** | | **{total:,.2f}** |"


spent: dict[str, Spent] = {}
sizes: dict[str, int] = {}
door = [0.0, 0.0]
"""Latitude and longitude of where orders go."""


def of(region: str) -> Spent:
    return spent.setdefault(region, Spent())


def size_of(value: Any) -> int:
    """Bytes of DynamoDB's JSON, as AWS counts them."""
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return math.ceil(len(held.lstrip("-").replace(".", "")) / 2) + 1
        case "L":
            return 3 + sum(1 + size_of(part) for part in held)
        case "M":
            return 3 + sum(1 + len(name) + size_of(part) for name, part in held.items())
        case _:
            return 1


def item_size(item: Mapping[str, Any]) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def writes(size: int) -> int:
    return max(1, math.ceil(size / 1024))


def reads(size: int, *, consistent: bool) -> float:
    return max(1, math.ceil(size / 4096)) * (1 if consistent else 0.5)


def write_units(operation: str, arguments: Any, item_of: Callable[[str, Any], Mapping[str, Any]]) -> float:
    match operation:
        case "PutItem":
            return writes(item_size(arguments["Item"]))
        case "UpdateItem":
            return writes(item_size(item_of(arguments["TableName"], arguments["Key"])))
        case "DeleteItem":
            return 1
        case "TransactWriteItems":
            parts = [part for entry in arguments["TransactItems"] for part in entry.values()]
            return 2 * sum(
                writes(item_size(part["Item"] if "Item" in part else item_of(part["TableName"], part["Key"])))
                for part in parts
            )
    return 0


def read_units(operation: str, arguments: Any, answer: Any) -> float:
    match operation:
        case "GetItem":
            consistent = bool(arguments.get("ConsistentRead"))
            return reads(item_size(answer.get("Item", {})), consistent=consistent)
        case "BatchGetItem":
            units = 0.0
            for table, wanted in arguments["RequestItems"].items():
                found = [item_size(item) for item in answer["Responses"].get(table, [])]
                found += [0] * (len(wanted["Keys"]) - len(found))
                units += sum(reads(size, consistent=bool(wanted.get("ConsistentRead"))) for size in found)
            return units
        case "TransactGetItems":
            return 2 * sum(reads(item_size(got.get("Item", {})), consistent=True) for got in answer["Responses"])
        case "Query" | "Scan":
            size = sum(map(item_size, answer["Items"]))
            return reads(size, consistent=bool(arguments.get("ConsistentRead")))
    return 0


def looked_up(operation: str, arguments: Any, here: str) -> dict[str, Any]:
    """What Amazon Location would answer: the restaurant's own door, whatever is asked."""
    is_stored = arguments.get("IntendedUse") == "Storage"
    bucket = "Label" if operation == "Autocomplete" else "Stored" if is_stored else "Core"
    of(here).add(f"Amazon Location, {bucket}", 1)
    address = {"Label": "12 Canary Street, New York, NY 10003", "Country": {"Code2": "US"}, "Street": "Canary Street"}
    address |= {"AddressNumber": "12", "Locality": "New York", "Region": {"Code": "NY"}, "PostalCode": "10003"}
    item = {"PlaceId": "door", "Title": address["Label"], "PlaceType": "PointAddress", "Address": address}
    return {"ResultItems": [{**item, "Position": [*reversed(door)], "MatchScores": {"Overall": 1.0}}]}


@contextmanager
def counted(here: str) -> Iterator[list[float]]:
    """Counts what this process asks, as a process of `here`; yields the milliseconds that a function would wait for it."""
    original, waited = BaseClient._make_api_call, [0.0]  # type: ignore[attr-defined]

    def counting(self: Any, operation: str, arguments: Any) -> Any:
        region, service = self.meta.region_name, self.meta.service_model.service_name
        if service == "geo-places":
            waited[0] += PLACES_MS
            return looked_up(operation, arguments, region)
        answer = original(self, operation, arguments)

        def item_of(table: str, key: Any) -> Mapping[str, Any]:
            got = original(self, "GetItem", {"TableName": table, "Key": key, "ConsistentRead": True})
            return dict(got.get("Item", {}))

        waited[0] += NEAR_MS if region == here else 0  # far regions are asked side by side
        if service == "dynamodb":
            of(region).add("DynamoDB, write request units", write_units(operation, arguments, item_of))
            of(region).add("DynamoDB, read request units", read_units(operation, arguments, answer))
            if region != here:
                waited.append(FAR_MS)
                sent = len(json.dumps(arguments)) / 1e9
                of(here).add("Data transfer, GB to other regions", sent)
        elif service == "sqs":
            of(region).add("SQS, requests", 1)
        return answer

    BaseClient._make_api_call = counting  # type: ignore[attr-defined]
    try:
        yield waited
    finally:
        BaseClient._make_api_call = original  # type: ignore[attr-defined]


def invoked(here: str, work: Callable[[], Any], *, times: float = 1) -> Any:
    """One invocation of a function of a region, `times` times as often as it is done."""
    before = {region: dict(each.units) for region, each in spent.items()}
    began = time.process_time()
    with counted(here) as waited:
        result = work()
    cpu_seconds = time.process_time() - began
    of(here).add("Lambda, requests", 1)
    waits = (waited[0] + max(waited[1:], default=0)) / 1000
    of(here).add("Lambda, GB-seconds", cpu_seconds * VCPU_GB + waits * GB)
    of(here).add("CloudWatch, GB of logs", LINE_BYTES / 1e9)
    for region, each in spent.items():
        for price in each.units:
            was = before.get(region, {}).get(price, 0.0)
            each.units[price] = was + (each.units[price] - was) * times
    return result


def page(ask: Callable[[], Any], *, times: float = 1) -> Any:
    answer = invoked(HOME, ask, times=times)
    assert answer.status_code in (200, 201, 302, 303), (answer.status_code, answer.content[:500])  # noqa: S101
    of(HOME).add("API Gateway, REST calls", times)
    of(HOME).add("Data transfer, GB to the internet", times * len(gzip.compress(answer.content)) / 1e9)
    return answer


def stored(region: str, table: str, key: str = "") -> list[dict[str, Any]]:
    """What a region's table holds, or of it the one with this key."""
    from regions import aws

    items = aws.client("dynamodb", region).scan(TableName=table)["Items"]
    return [item for item in items if not key or item.get("key", {}).get("S") == key]


@contextmanager
def worker_of(region: str) -> Iterator[None]:
    """This process is the worker of a region."""
    from foodforthought import stream_worker
    from regions import topology
    from regions.replicator import Replicator

    before, there = topology.current, topology.seen_from(region)
    topology.current = lambda: there  # type: ignore[assignment]
    stream_worker.replicator = Replicator(topology=there, rules=stream_worker.replicator.rules)
    try:
        yield
    finally:
        topology.current = before


def copied(home: str, table: str, images: list[dict[str, Any]], *, kind: str = "MODIFY", times: float = 1) -> None:
    """The worker of a home is woken with these, and those of its siblings with their copies."""
    from foodforthought import stream_worker
    from regions import lag, topology

    arn = f"arn:aws:dynamodb:{home}:1:table/{table}/stream/1"
    records = [{"eventSourceARN": arn, "eventName": kind, "dynamodb": {"NewImage": image}} for image in images]
    for region in topology.current().members(topology.current().jurisdiction_of(home)):
        if region != home and table != "foodforthought-orders":
            continue
        with worker_of(region):
            stream_worker.reader = lag.Reader()  # a minute has passed since it reported
            event = {"Records": [dict(record, eventSourceARN=arn.replace(home, region)) for record in records]}
            invoked(region, lambda event=event: stream_worker.handler(event, None), times=times)


def _is_open(restaurant: Any) -> bool:
    from catalog import hours
    from core import clock

    return bool(hours.is_open(restaurant.opening_hours, restaurant.place, clock.now()))


def an_order() -> None:
    """From the front page to the door."""
    from catalog import menu_cache, where
    from catalog.models import CatalogRecord, Dish, Restaurant
    from core import geo
    from orders.lifecycle import change
    from orders.models import Order
    from orders.status import Verb
    from tests.factories import kitchen_of
    from tests.pages.conftest import Browser

    records = list(CatalogRecord.scan())
    restaurant = next(r for r in records if isinstance(r, Restaurant) and r.country == "US" and _is_open(r))
    dishes = [r for r in records if isinstance(r, Dish) and r.pk == restaurant.pk][:3]
    browser = Browser()
    cell = geo.cell_at(*restaurant.position)
    door[:] = restaurant.position
    browser.client.cookies[where.COOKIE] = cell
    page(lambda: browser.get("/"))
    typed = {"q": "12 Canary Street, New York"}
    page(lambda: browser.post("/where/suggestions/", typed), times=TYPED * SUGGESTED)
    page(lambda: browser.post("/where/", typed), times=TYPED)
    page(lambda: browser.get(f"/near/{cell}/"), times=2)
    menu_cache.forget()
    page(lambda: browser.get(f"/restaurants/{restaurant.id}/"), times=LOOKS)
    for dish in dishes:
        chosen = {f"group-{g['id']}": f"{g['id']}:{g['choices'][0]['id']}" for g in dish.options if g["min"]}
        page(lambda dish=dish: browser.get(f"/restaurants/{restaurant.id}/dishes/{dish.id}/"))
        page(
            lambda dish=dish, chosen=chosen: browser.post(
                f"/restaurants/{restaurant.id}/dishes/{dish.id}/", {"quantity": 2, **chosen}
            )
        )
    page(lambda: browser.get("/checkout/?kind=delivery"), times=2)
    form = browser.checkout_form()
    location = urlsplit(page(lambda: browser.post("/checkout/", form))["Location"])
    path = f"{location.path}?{location.query}"
    shown = page(lambda: browser.get(path)).content.decode()
    found = re.search(r'id="order-status".*? hx-get="([^"]+)"', shown, re.DOTALL)
    if not found:
        raise SystemExit(f"The order's page has no address to ask: {shown}")
    live = unescape(found[1])
    page(lambda: browser.get(live), times=POLLS)
    order = Order.get(Order.key_of(HOME, path.split("/")[3]), consistent_read=True)
    table = Order.Meta.table_name
    copied(HOME, table, stored(HOME, table, order.key), kind="INSERT")
    for verb in (Verb.ACCEPT, Verb.PREPARE, Verb.FINISH, Verb.DISPATCH, Verb.DELIVER):
        minutes = {"minutes": 30} if verb == Verb.ACCEPT else {}
        invoked(HOME, lambda verb=verb, minutes=minutes: change(order, verb, by=kitchen_of(order), **minutes))
        of(HOME).add("API Gateway, REST calls", 1)
        copied(HOME, table, stored(HOME, table, order.key))
    (image,) = stored(HOME, table, order.key)
    sizes["order, delivered"] = item_size(image)
    (stub,) = stored("eu-west-1", table, order.key)
    sizes["its stub"] = item_size(stub)


def catalogue_sizes() -> None:
    from catalog.models import Card, CatalogRecord, Dish, Restaurant

    by_kind: dict[str, list[int]] = {}
    for record in CatalogRecord.scan():
        if isinstance(record, Card | Dish | Restaurant):
            by_kind.setdefault(type(record).__name__.lower(), []).append(item_size(record.serialize()))
    for kind, found in by_kind.items():
        sizes[f"{kind} (average)"] = sum(found) // len(found)


def a_minute() -> None:
    """What nobody's orders cost: heartbeats, their copies, what is looked at by the clock, and Route 53's questions."""
    from django.test import Client

    from foodforthought import stream_worker
    from regions import health, topology
    from regions.replication import rules

    regions = topology.current().regions
    for region in regions:
        with worker_of(region):
            invoked(region, lambda: stream_worker.beat({}, None))
            invoked(region, lambda: stream_worker.drain({}, None))
    batches = READERS * (1 - (1 - 1 / READERS) ** topology.current().heartbeats)  # so many readers have some of them
    for region in regions:
        for table in rules():
            images = [item for item in stored(region, table) if region_of(item) == region and "heartbeat" in str(item)]
            for image in images[:1]:
                # One batch with its share, done as often as there are batches.
                copied(region, table, [image], times=batches)
                for target in regions:  # the rest of its share: only puts
                    if target != region:
                        of(target).add("DynamoDB, write request units", len(images) - batches)
    health._verdict = None
    asked = CHECKERS * 2
    page(lambda: Client().get("/health/ready", HTTP_HOST="10.0.0.7"), times=asked)


def region_of(item: Mapping[str, Any]) -> str:
    said = item["home"]["S"]
    return HOME if said == "master" else str(said)


def main() -> None:
    os.environ |= {"FFT_CLOCK": NOON, "AWS_REGION": HOME, "DJANGO_SETTINGS_MODULE": "foodforthought.settings"}
    os.environ["FFT_DOMAIN"] = "foodforthought.localhost:8000"
    names = ("us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
    os.environ["FFT_ENDPOINTS"] = json.dumps(dict.fromkeys(names, f"http://127.0.0.1:{PORT + 1 + len(names)}"))
    with tempfile.TemporaryDirectory() as folder:
        from localcloud import aws as embedded
        from localcloud.layout import Layout

        layout = Layout(port=PORT, data=Path(folder))
        child = embedded.start(layout, HOME)
        try:
            embedded.wait_and_deploy(layout, HOME, child)
            run(layout, names)
        finally:
            child.stop(seconds=30)


def run(layout: Any, names: tuple[str, ...]) -> None:
    import logging

    import django

    django.setup()
    logging.disable(logging.WARNING)
    from localcloud import aws as embedded
    from localcloud import sample_data
    from regions import aws, topology
    from regions.topology import HEARTBEATS

    for region in names[1:]:
        for stack, template in embedded.STACKS.items():
            embedded.deploy(
                aws.client("cloudformation", region, read_timeout_seconds=30.0), stack, template.read_text()
            )
    sample_data.load(layout, [HOME], restaurants=20)
    an_order()  # a first time, for what a process does only once: a cold start is not an order's cost
    spent.clear()
    an_order()
    catalogue_sizes()
    report("A million orders, of which each is one with three dishes, in dollars", 1e6, together=True)
    spent.clear()
    deployed = replace(topology.current(), heartbeats=HEARTBEATS)
    topology.current = lambda: deployed  # type: ignore[assignment]
    a_minute()
    spent.clear()
    a_minute()
    report("A region's idle month, in dollars", MINUTES, together=False)


def report(title: str, factor: float, *, together: bool) -> None:
    print(f"\n{title}\n")
    if together:
        total = Spent()
        for each in spent.values():
            for price, units in each.units.items():
                total.add(price, units)
        groups = {"all regions": total.times(factor)}
        print("Bytes:", sizes)
    else:
        groups = {HOME: spent[HOME].times(factor)}
        for price, units in (
            ("CloudWatch, alarms", ALARMS),
            ("Route 53, health check with HTTPS", 1),
            ("Secrets Manager, secrets", 1),
        ):
            groups[HOME].add(price, units)
    for name, group in groups.items():
        print(f"{name}\n| | units | $ |\n| --- | ---: | ---: |")
        print("\n".join(group.table()))


if __name__ == "__main__":
    main()
