"""What a meal time does to a deployed stage: customers at an average rate, then fifty times as many from one second to the next.

`python -m benchmarks.peak http://127.0.0.1:PORT --host us-east-1.na.foodforthought.example --cell …`: customers arrive by the
clock, whether or not those before them have been answered. Each looks at the list and at a menu; every fifth orders by API,
and sends an order that is not answered, or told to wait, again with the same token. It prints what was answered and how fast,
then asks for every order that was acknowledged; it ends with an error when one is missing, was made twice, or when a refusal
did not say when to try again.
"""

import argparse
import asyncio
import itertools
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

AVERAGE_PER_SECOND = 0.4
TIMES = 50
AVERAGE_SECONDS, PEAK_SECONDS = 20.0, 60.0
ORDERS_EVERY = 5
TRIES = 8
ANSWER_SECONDS = 31.0  # API Gateway gives up after 29
WAIT_SECONDS = 5.0  # where an answer does not say how long
BUSY = (429, 503)


@dataclass
class Phase:
    """What customers who arrived in it were answered. Milliseconds of what was served, by kind of request."""

    name: str
    customers: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    served_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Stage:
    """The stage under load, and every order that it acknowledged."""

    session: ClientSession
    url: str
    host: str
    addresses: Iterator[IPv4Address] = field(
        default_factory=IPv4Network("198.18.0.0/15").hosts
    )  # those of benchmarks (RFC 2544)
    orders: list[dict[str, Any]] = field(default_factory=list)  # as answered
    given_up: int = 0
    refused_before: int = (
        0  # by API Gateway, because no function was free; what it says then is in infrastructure/edge.yaml
    )
    silent_refusals: int = 0  # by the application, without Retry-After

    async def ask(
        self, phase: Phase, kind: str, path: str, body: Any = None, *, address: str = "198.18.0.0"
    ) -> tuple[int, Any, float]:
        """Status, document or text, and the seconds to wait before asking again; status 0 when there was no answer."""
        began = time.perf_counter()
        method = "GET" if body is None else "POST"
        headers = {"Host": self.host, "X-Forwarded-Proto": "https", "X-Forwarded-For": address}
        try:
            async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
                content = await (answer.json() if answer.content_type.endswith("json") else answer.text())
                retry_after, region = answer.headers.get("Retry-After"), answer.headers.get("Served-By")
        except (ClientError, TimeoutError) as error:
            phase.answers[f"{kind} {type(error).__name__}"] += 1
            return 0, None, WAIT_SECONDS
        phase.answers[f"{kind} {answer.status}"] += 1
        if answer.status < 400:
            phase.served_ms[kind].append((time.perf_counter() - began) * 1000)
        elif answer.status >= 429:
            self.refused_before += region is None
            self.silent_refusals += region is not None and retry_after is None
        return answer.status, content, float(retry_after or WAIT_SECONDS)

    async def customer(self, phase: Phase, cell: str, menu: dict[str, Any], *, orders: bool) -> None:
        from core import clock, ids
        from localcloud.gameday.customers import request_for

        address = str(next(self.addresses))
        await self.ask(phase, "list", f"/near/{cell}/", address=address)
        await self.ask(phase, "menu", f"/restaurants/{menu['id']}/", address=address)
        if not orders:
            return
        body = request_for(menu, ids.new_token(now_seconds=clock.now_ms() // 1000))
        for _ in range(TRIES):
            status, document, wait_seconds = await self.ask(phase, "order", "/api/v1/orders", body, address=address)
            if status in (200, 201):
                self.orders.append(document)
                return
            if status not in (0, 502, 504, *BUSY):
                sys.exit(f"An order was refused with {status}: {document}")
            await asyncio.sleep(wait_seconds)
        self.given_up += 1


async def arrive(
    stage: Stage, phase: Phase, cell: str, menu: dict[str, Any], *, per_second: float, seconds: float
) -> None:
    """Customers at this rate, for so long; returns when the last of them has gone."""
    began, customers = time.perf_counter(), []
    for number in itertools.count():
        due = number / per_second
        if due >= seconds:
            break
        await asyncio.sleep(max(0.0, due - (time.perf_counter() - began)))
        customers.append(asyncio.create_task(stage.customer(phase, cell, menu, orders=number % ORDERS_EVERY == 0)))
    phase.customers = len(customers)
    await asyncio.gather(*customers)


async def open_restaurant(stage: Stage, phase: Phase, cell: str) -> dict[str, Any]:
    _, listing, _ = await stage.ask(phase, "list", f"/api/v1/restaurants?cell={cell}&open=true")
    for card in listing["restaurants"]:
        _, menu, _ = await stage.ask(phase, "menu", f"/api/v1/restaurants/{card['id']}")
        if menu["offers_pickup"]:
            return dict(menu)
    sys.exit(f"No restaurant near {cell} takes orders now.")


async def missing(stage: Stage, phase: Phase) -> list[str]:
    """Of the acknowledged orders, the ids of those that cannot be read, one after the other."""
    lost = []
    for order in stage.orders:
        headers = {"Host": stage.host, "Authorization": f"Bearer {order['access']}", "X-Forwarded-Proto": "https"}
        path = f"/api/v1/orders/{order['home_region']}/{order['id']}"
        async with stage.session.get(stage.url + path, headers=headers) as answer:
            if answer.status != 200 or (await answer.json())["id"] != order["id"]:
                lost.append(order["id"])
    return lost


def tell(phase: Phase) -> None:
    print(f"{phase.name}: {phase.customers} customers")
    for kind, spans in sorted(phase.served_ms.items()):
        *_, p95 = statistics.quantiles(spans, n=20) if len(spans) > 1 else spans
        print(f"  {kind}: {len(spans)} served, median {statistics.median(spans):.0f} ms, 95 % within {p95:.0f} ms")
    print("  " + ", ".join(f"{answer}: {count}" for answer, count in sorted(phase.answers.items())))


async def run(options: argparse.Namespace) -> int:
    connector = TCPConnector(limit=0)
    timeout = ClientTimeout(total=ANSWER_SECONDS)
    async with ClientSession(connector=connector, timeout=timeout, cookie_jar=DummyCookieJar()) as session:
        stage = Stage(session, options.url.rstrip("/"), options.host)
        before, after = Phase("before"), Phase("after")
        menu = await open_restaurant(stage, before, options.cell)
        average, peak = Phase("average"), Phase(f"{TIMES} times the average")
        await arrive(stage, average, options.cell, menu, per_second=options.average, seconds=options.average_seconds)
        await arrive(stage, peak, options.cell, menu, per_second=options.average * TIMES, seconds=options.peak_seconds)
        for phase in (average, peak):
            tell(phase)
        lost = await missing(stage, after)
        doubled = len(stage.orders) - len({order["id"] for order in stage.orders})
        print(
            f"orders: {len(stage.orders)} acknowledged, {len(lost)} lost, {doubled} twice, "
            f"{stage.given_up} given up after {TRIES} tries; {stage.refused_before} requests refused before the application, "
            f"{stage.silent_refusals} by it without Retry-After"
        )
        return 1 if lost or doubled or stage.silent_refusals else 0


def main() -> None:
    import django

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", help="of the API's endpoint, on this machine")
    parser.add_argument("--host", required=True, help="the region's endpoint, for the Host header")
    parser.add_argument(
        "--cell", required=True, help="where the customers are: an H3 cell, as in the address of a list"
    )
    parser.add_argument("--average", type=float, default=AVERAGE_PER_SECOND, help="customers a second")
    parser.add_argument("--average-seconds", type=float, default=AVERAGE_SECONDS)
    parser.add_argument("--peak-seconds", type=float, default=PEAK_SECONDS)
    options = parser.parse_args()
    if urlsplit(options.url).hostname not in ("127.0.0.1", "localhost"):
        parser.error("only a stage on this machine is put under load: 127.0.0.1")
    django.setup()
    sys.exit(asyncio.run(run(options)))


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
    main()
