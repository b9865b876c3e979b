"""A game day: customers order in all regions while one of them is lost and comes back; what they saw, and what is left.

Customers behave as people do: an order that gets no answer is sent again, with the same token, wherever the router leads.
"""

import http.client
import json
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from core import clock, ids
from localcloud import audit
from localcloud.layout import Layout
from localcloud.processes import CloudError, send
from regions import topology

TRIES = 12
TRY_AGAIN_SECONDS = 1.0
WATCH_EVERY = 10  # orders whose copies are timed
WATCH_SECONDS = 0.02
CONVERGENCE_SECONDS = 120
SETTLE_SECONDS = 8  # until router and workers know that a region is away


@dataclass
class Customer:
    """What came of one order. Times in seconds of the monotonic clock."""

    region: str
    token: str
    began: float
    ended: float = 0.0
    key: str | None = None
    errors: Counter[str] = field(default_factory=Counter)


@dataclass
class Result:
    customers: list[Customer]
    seconds: float
    lag_ms: list[float]
    lost: list[str]
    doubled: list[str]
    differences: list[str]
    convergence_seconds: float | None

    @property
    def acknowledged(self) -> list[Customer]:
        return [customer for customer in self.customers if customer.key]


class GameDay:
    """One run against the running cloud.

    `stopped` is the region that is frozen, for the second third of the orders, or with `throughout` from before the first to
    after the last. Lag is timed between regions that run: before the fault, or, with `throughout`, beside it.
    """

    def __init__(
        self,
        layout: Layout,
        state: dict[str, Any],
        *,
        orders: int,
        customers: int,
        seed: int,
        stopped: str | None,
        throughout: bool,
    ):
        self.layout = layout
        self.pids = state["regions"]
        self.orders = orders
        self.at_once = customers
        self.random = random.Random(seed)
        self.stopped = stopped
        self.throughout = throughout
        self.lag_ms: list[float] = []
        self.healthy = threading.Event()
        self.healthy.set()
        self._done = 0
        self._lock = threading.Lock()

    def run(self) -> Result:
        menus = {name: self._open_restaurant(name) for name in topology.current().regions}
        if self.throughout:
            self._signal(signal.SIGSTOP)
            time.sleep(SETTLE_SECONDS)
        began = time.monotonic()
        try:
            with ThreadPoolExecutor(self.at_once) as pool:
                regions = [self.random.choice(list(menus)) for _ in range(self.orders)]
                customers = list(
                    pool.map(lambda entry: self._order(entry[0], entry[1], menus[entry[1]]), enumerate(regions))
                )
        finally:
            self._signal(signal.SIGCONT)
        seconds = time.monotonic() - began
        convergence = self._converge()
        stored = audit.orders_at_home(self.layout)
        lost = [customer.key for customer in customers if customer.key and customer.key not in stored]
        return Result(
            customers,
            seconds,
            sorted(self.lag_ms),
            lost,
            audit.doubled(stored),
            audit.differences(self.layout),
            convergence,
        )

    def _order(self, number: int, region: str, menu: dict[str, Any]) -> Customer:
        token = ids.new_token(now_seconds=clock.now_ms() // 1000)
        customer = Customer(region, token, time.monotonic())
        body = request_for(menu, token)
        host = topology.current().jurisdiction_host(topology.current().jurisdiction_of(region))
        for _ in range(TRIES):
            status, document = self._post(host, region, body)
            if status in (200, 201):
                customer.key = f"{document['home_region']}#{document['id']}"
                break
            customer.errors[str(status)] += 1
            time.sleep(TRY_AGAIN_SECONDS)
        customer.ended = time.monotonic()
        self._step()
        if customer.key and number % WATCH_EVERY == 0 and self.healthy.is_set():
            self._watch(customer.key)
        return customer

    def _step(self) -> None:
        """The fault comes after a third of the orders and ends after two thirds."""
        with self._lock:
            self._done += 1
            if self.stopped and not self.throughout and self._done == self.orders // 3:
                self.healthy.clear()
                self._signal(signal.SIGSTOP)
            if self.stopped and not self.throughout and self._done == 2 * self.orders // 3:
                self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.stopped:
            for pid in self.pids[self.stopped].values():
                send(pid, number)

    def _watch(self, key: str) -> None:
        """How long until the order's copy is in every other region, in milliseconds each; only while all is well."""
        acknowledged = time.monotonic()
        away = {self.stopped} if self.throughout else set()
        missing = set(topology.seen_from(key.partition("#")[0]).others()) - away
        while missing and self.healthy.is_set():
            for name in sorted(missing):
                if audit.has_order(self.layout, name, key):
                    missing.discard(name)
                    self.lag_ms.append((time.monotonic() - acknowledged) * 1000)
            time.sleep(WATCH_SECONDS)

    def _converge(self) -> float | None:
        """Seconds until every region holds what the homes say; None when that takes too long."""
        began = time.monotonic()
        while audit.differences(self.layout):
            if time.monotonic() - began > CONVERGENCE_SECONDS:
                return None
            time.sleep(0.5)
        return time.monotonic() - began

    def _open_restaurant(self, region: str) -> dict[str, Any]:
        """A restaurant that takes orders now, of the jurisdiction, with its menu."""
        from catalog.cities import CITIES

        topo = topology.current()
        for city in CITIES:
            if topo.jurisdiction_of_country(city.country) != topo.jurisdiction_of(region):
                continue
            listing = self._get(region, f"/api/v1/restaurants?cell={city.cell}&open=true")
            for card in listing["restaurants"]:
                menu: dict[str, Any] = self._get(region, f"/api/v1/restaurants/{card['id']}")
                if menu["dishes"] and menu["offers_pickup"]:
                    return menu
        raise CloudError(f"No restaurant takes orders near any city of {topo.jurisdiction_of(region)} right now.")

    def _get(self, region: str, path: str) -> Any:
        return self._ask("GET", topology.current().region_host(region), region, path)[1]

    def _post(self, host: str, region: str, body: dict[str, Any]) -> tuple[int | str, Any]:
        try:
            return self._ask("POST", host, region, "/api/v1/orders", body)
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__, None

    def _ask(self, method: str, host: str, region: str, path: str, body: Any = None) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.layout.port, timeout=15)
        headers = {"Host": host, "Content-Type": "application/json", "Cookie": f"laptop_location={region}"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def request_for(menu: dict[str, Any], token: str) -> dict[str, Any]:
    """One of the first dish to pick up, with the first choices where some are asked for."""
    dish = menu["dishes"][0]
    options = [f"{g['id']}:{c['id']}" for g in dish["options"] for c in g["choices"][: g["min"]]]
    return {
        "token": token,
        "restaurant": menu["id"],
        "lines": [{"dish": dish["id"], "quantity": 1, "options": options}],
        "delivery": {"kind": "pickup"},
        "contact": {"name": "Game Day", "phone": "+1 212 555 0100"},
    }
