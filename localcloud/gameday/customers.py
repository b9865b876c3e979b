"""The customers of a game day, who behave as people do.

An order that gets no answer is sent again with the same token, wherever the router leads; some look at their order at once, some
cancel it.
"""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from catalog.cities import CITIES
from core import clock, ids
from localcloud.gameday.kitchen import Kitchen
from localcloud.gameday.plan import Fate, Planned
from localcloud.layout import Layout
from localcloud.processes import CloudError
from localcloud.router import LOCATION_COOKIE
from regions import topology

TRIES = 12
TRY_AGAIN_SECONDS = 1.0
ANSWER_SECONDS = 15.0
WARM_UP_SECONDS = 60.0
USUAL_SECONDS = 1.0
AT_ONCE = 8  # the threads of a region's web process


@dataclass(frozen=True)
class Asked:
    """One request of a customer: `at` in seconds since the beginning, `answer` a status or what went wrong."""

    at: float
    region: str  # the nearest to the customer, whichever one answered
    answer: str

    @property
    def is_answered(self) -> bool:
        """By the application: neither by the router in its place (502 to 504), nor not at all."""
        return self.answer.isdigit() and int(self.answer) < 500

    @property
    def is_error(self) -> bool:
        return self.answer not in ("200", "201")


@dataclass
class Customer:
    """What came of one order. Times in seconds since the beginning."""

    region: str
    began: float
    ended: float = 0.0
    key: str | None = None  # of the order, once it is acknowledged to the customer
    unseen: str | None = None  # of the order whose acknowledgement was lost on its way
    cancelled: bool = False  # acknowledged, too


@dataclass
class Crowd:
    """All customers, one call of `order` each. `answers_get_lost` says when those who would lose an answer do."""

    layout: Layout
    clock: Callable[[], float]
    kitchens: Mapping[str, Kitchen]
    answers_get_lost: Callable[[], bool]
    asked: list[Asked] = field(default_factory=list)
    menus: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def order(self, planned: Planned, token: str) -> Customer:
        customer = Customer(planned.region, self.clock())
        region = planned.region
        body = request_for(self.menus[region], token)
        placed: dict[str, Any] | None = None
        for _ in range(TRIES):
            answer, document = self._ask("POST", _endpoint(region), region, "/api/v1/orders", body)
            if answer in ("200", "201") and planned.loses_answer and not customer.unseen and self.answers_get_lost():
                customer.unseen = _key(document)
                region = _sibling(region)
            elif answer in ("200", "201"):
                placed, customer.key = document, _key(document)
                break
            else:
                time.sleep(TRY_AGAIN_SECONDS)
        customer.ended = self.clock()
        if placed:
            self._go_on(planned, customer, placed)
        return customer

    def _go_on(self, planned: Planned, customer: Customer, placed: dict[str, Any]) -> None:
        access = placed["access"]
        path = f"/api/v1/orders/{placed['home_region']}/{placed['id']}"
        if planned.looks:
            self._ask("GET", _endpoint(planned.region), planned.region, path, access=access)
        if customer.unseen and customer.unseen != customer.key:
            self._tell(customer.unseen, planned.unseen_fate)
        if planned.fate == Fate.CANCEL:
            host = topology.current().region_host(placed["home_region"])
            answer, _ = self._ask("POST", host, planned.region, f"{path}/cancel", {}, access=access)
            customer.cancelled = answer == "200"
        elif customer.key:
            self._tell(customer.key, planned.fate)

    def _tell(self, key: str, fate: Fate) -> None:
        home, _, order_id = key.partition("#")
        if fate in (Fate.ACCEPT, Fate.REJECT):
            self.kitchens[home].tell(order_id, fate)

    def find_restaurants(self) -> None:
        """Where the customers of each region order; `CloudError` when nothing is open.

        A cloud that has just started compares all its tables first: wait until every region answers as it usually does.
        """
        deadline = time.monotonic() + WARM_UP_SECONDS
        for name in topology.current().regions:
            self.menus[name] = self._open_restaurant(name)
            while self._seconds_to_answer(name) > USUAL_SECONDS and time.monotonic() < deadline:
                pass

    def _seconds_to_answer(self, region: str) -> float:
        """The slowest of some orders at once that are refused in the end: nobody agrees to such a total."""
        host = topology.current().region_host(region)

        def seconds(_: int) -> float:
            began = time.monotonic()
            token = ids.new_token(now_seconds=clock.now_ms() // 1000)
            body = request_for(self.menus[region], token) | {"agreed_total": 1}
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._send("POST", host, region, "/api/v1/orders", body)
            return time.monotonic() - began

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return max(pool.map(seconds, range(AT_ONCE)))

    def _open_restaurant(self, region: str) -> dict[str, Any]:
        topo = topology.current()
        host = topo.region_host(region)
        for city in CITIES:
            if topo.jurisdiction_of_country(city.country) != topo.jurisdiction_of(region):
                continue
            listing = self._read(host, region, f"/api/v1/restaurants?cell={city.cell}&open=true")
            for card in open_longest_first(listing["restaurants"]):
                menu = self._read(host, region, f"/api/v1/restaurants/{card['id']}")
                if dishes_made_always(menu) and menu["offers_pickup"]:
                    return menu
        raise CloudError(f"No restaurant takes orders near any city of {topo.jurisdiction_of(region)} right now.")

    def _read(self, host: str, region: str, path: str) -> dict[str, Any]:
        for _ in range(TRIES):
            status, document = self._send("GET", host, region, path)
            if status == 200:
                return dict(document)
            time.sleep(TRY_AGAIN_SECONDS)
        raise CloudError(f"{region} answers {path} with {status}: {document}")

    def _ask(
        self, method: str, host: str, region: str, path: str, body: Any = None, *, access: str | None = None
    ) -> tuple[str, Any]:
        began = self.clock()
        try:
            status, document = self._send(method, host, region, path, body, access=access)
            answer = str(status)
        except (OSError, http.client.HTTPException) as error:
            answer, document = type(error).__name__, None
        with self._lock:
            self.asked.append(Asked(began, region, answer))
        return answer, document

    def _send(
        self, method: str, host: str, region: str, path: str, body: Any = None, *, access: str | None = None
    ) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.layout.port, timeout=ANSWER_SECONDS)
        headers = {"Host": host, "Content-Type": "application/json", "Cookie": f"{LOCATION_COOKIE}={region}"}
        headers |= {"Authorization": f"Bearer {access}"} if access else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


def open_longest_first(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of the open restaurants of a list: nobody's orders should be refused because it closes meanwhile."""
    return sorted(cards, key=lambda card: card["changes_at"] or "for ever", reverse=True)


def dishes_made_always(menu: dict[str, Any]) -> list[dict[str, Any]]:
    return [dish for dish in menu["dishes"] if not dish["served"]]


def request_for(menu: dict[str, Any], token: str) -> dict[str, Any]:
    """One of the first dish to pick up, with the first choices where some are asked for."""
    dish = dishes_made_always(menu)[0]
    options = [f"{g['id']}:{c['id']}" for g in dish["options"] for c in g["choices"][: g["min"]]]
    return {
        "token": token,
        "restaurant": menu["id"],
        "lines": [{"dish": dish["id"], "quantity": 1, "options": options}],
        "delivery": {"kind": "pickup"},
        "contact": {"name": "Game Day", "phone": "+1 212 555 0100"},
    }


def _endpoint(region: str) -> str:
    """Ordering goes to the jurisdiction's endpoint: any of its regions may take it."""
    return topology.current().jurisdiction_host(topology.current().jurisdiction_of(region))


def _sibling(region: str) -> str:
    members = topology.current().members(topology.current().jurisdiction_of(region))
    return members[(members.index(region) + 1) % len(members)]


def _key(document: dict[str, Any]) -> str:
    return f"{document['home_region']}#{document['id']}"
