"""What concurrent clients see of an order: at home one truth in one order, elsewhere never something older than before."""

import json
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from localcloud.layout import ROOT
from orders.status import Status
from tests.cloud import Cloud
from tests.e2e.store import LIMIT_SECONDS, eventually, eventually_equal, items
from tests.e2e.test_orders import ORDERS as TABLE
from tests.e2e.test_orders import open_restaurant, request_for
from tests.histories import Operation, Seen, linearizable, monotonic, one_truth

pytestmark = pytest.mark.cloud

HOME, SIBLING = "us-east-1", "us-west-2"
ORDERS = int(os.environ.get("FFT_HISTORY_ORDERS") or 10)
COPIES = 2 * ORDERS  # so many are shown before the home is back
SPARED = 2 * ORDERS  # so many answers are “304”

AFTER = {"accept": Status.ACCEPTED, "prepare": Status.PREPARING, "finish": Status.READY, "hand-over": Status.COLLECTED}


@dataclass
class Watched:
    """One order and what was seen of it: at home, and by each session elsewhere."""

    id: str
    access: str
    at_home: list[Operation] = field(default_factory=list)
    versions: list[Seen] = field(default_factory=list)
    sessions: dict[str, list[Seen]] = field(default_factory=dict)
    unchanged: int = 0  # answers “304”
    as_of: int = 0  # answers from the copy

    @property
    def path(self) -> str:
        return f"/api/v1/orders/{HOME}/{self.id}"

    @property
    def changes(self) -> int:
        """How often it was changed, as clients were told."""
        return sum(operation.is_write and not operation.is_open for operation in self.at_home)


class Clients:
    def __init__(self, cloud: Cloud, orders: list[Watched]) -> None:
        self.cloud = cloud
        self.orders = orders
        self.ended = threading.Event()
        self.random = random.Random(4)

    def run(self) -> None:
        """The home is frozen while the kitchens work, and thawed when enough has been seen elsewhere."""
        with ThreadPoolExecutor(10) as pool:
            try:
                readers = [pool.submit(self.look_at_home) for _ in range(3)]
                readers += [pool.submit(self.look_elsewhere, f"session {n}") for n in range(3)]
                readers += [pool.submit(self.look_once)]
                writers = [pool.submit(self.cook, n, 2) for n in range(2)] + [pool.submit(self.cancel)]
                eventually(lambda: sum(order.changes for order in self.orders) >= ORDERS, "orders are changed")
                self.cloud.stop(HOME)
                eventually(lambda: sum(order.as_of for order in self.orders) >= COPIES, "copies are shown")
                self.cloud.start(HOME)
                eventually(lambda: all(writer.done() for writer in writers), "all is cooked")
                eventually(lambda: sum(order.unchanged for order in self.orders) >= SPARED, "answers are spared")
                looks = {order.id: len(order.at_home) for order in self.orders}
                eventually(lambda: all(len(x.at_home) > looks[x.id] for x in self.orders), "the end is seen at home")
            finally:
                self.ended.set()
            for client in readers + writers:
                client.result()

    def look_at_home(self) -> None:
        for order in self._turns(0.05):
            began = time.monotonic()
            answer = self._get(HOME, order)
            if answer and answer.status == 200:
                order.at_home.append(Operation(began, time.monotonic(), answer.seen.status))
                order.versions.append(answer.seen)

    def look_elsewhere(self, session: str) -> None:
        """By turns at the sibling's own endpoint and at the jurisdiction's, with what was seen so far."""
        tags: dict[str, str] = {}
        for number, order in enumerate(self._turns(0.05)):
            answer = self._get([SIBLING, "na"][number % 2], order, tags.get(order.id))
            if answer is None:
                continue
            seen = order.sessions.setdefault(session, [])
            if answer.status == 304:
                order.unchanged += 1
                assert seen, "304 to somebody who has seen nothing"
            elif answer.status == 200:
                tags[order.id] = answer.tag
                seen.append(answer.seen)

    def look_once(self) -> None:
        """Always somebody else, who has seen nothing yet."""
        for order in self._turns(0.05):
            answer = self._get(SIBLING, order)
            if answer and answer.status == 200:
                order.as_of += answer.as_of is not None
                order.versions.append(answer.seen)

    def cook(self, first: int, step: int) -> None:
        """One kitchen of two that share the orders; whoever is later is refused."""
        with kitchen(self.cloud) as ask:
            for verb, status in AFTER.items():
                for order in self.orders[first::step] + self.orders[(first + 1) % step :: step][:2]:
                    began = time.monotonic()
                    answer = ask(order.id, verb)
                    if answer == "done":
                        order.at_home.append(Operation(began, time.monotonic(), status, is_write=True))
                    elif answer not in ("refused", "Conflict"):
                        order.at_home.append(Operation(began, math.inf, status, is_write=True))
                    self.ended.wait(0.2)  # the others come between

    def cancel(self) -> None:
        for order in self.orders[::2]:
            began = time.monotonic()
            try:
                response, _ = self.cloud.request("POST", HOME, f"{order.path}/cancel", {}, access=order.access)
                ended = time.monotonic() if response.status == 200 else math.inf
                if response.status in (403, 404, 409, 421):
                    continue  # refused
            except OSError:
                ended = math.inf
            order.at_home.append(Operation(began, ended, Status.CANCELLED, is_write=True))
            self.ended.wait(0.2)

    def _turns(self, seconds: float) -> Iterator[Watched]:
        while not self.ended.wait(seconds):
            yield self.random.choice(self.orders)

    def _get(self, host: str, order: Watched, tag: str | None = None) -> "Answer | None":
        try:
            response, content = self.cloud.request("GET", host, order.path, access=order.access, known=tag)
        except OSError:
            return None  # frozen
        status = json.loads(content)["status"] if response.status == 200 else None
        return Answer(response.status, response.headers.get("ETag", ""), response.headers.get("As-Of"), status)


@dataclass(frozen=True)
class Answer:
    status: int
    tag: str
    as_of: str | None
    order_status: str | None

    @property
    def seen(self) -> Seen:
        return Seen(int(self.tag.removeprefix("W/").strip('"')), Status(str(self.order_status)))


@contextmanager
def kitchen(cloud: Cloud) -> Iterator[Any]:
    """A process in the home region that moves orders on; asks once, and tells what came of it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "localcloud.gameday.kitchen"],
        cwd=ROOT, env=cloud.layout.environment(HOME), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip

    def ask(order_id: str, verb: str) -> str:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"{order_id} {verb}\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    try:
        yield ask
    finally:
        process.communicate(timeout=LIMIT_SECONDS)


def test_reads_at_home_are_linearizable_and_reads_elsewhere_monotonic(cloud: Cloud) -> None:
    menu = open_restaurant(cloud, "na", 40.73, -73.99)
    placed = [cloud.post(HOME, "/api/v1/orders", request_for(menu))[1] for _ in range(ORDERS)]
    orders = [Watched(document["id"], document["access"]) for document in placed]
    Clients(cloud, orders).run()
    for order in orders:
        assert linearizable(order.at_home), order
        looks = [look for session in order.sessions.values() for look in session]
        assert all(monotonic(session) for session in order.sessions.values()), order.sessions
        assert one_truth(order.versions + looks), order
    eventually_equal(cloud)
    # Stubs from abroad have no history.
    final = {
        item["id"]["S"]: json.loads(item["history"]["S"]) for item in items(cloud, HOME, TABLE) if "history" in item
    }
    for order in orders:
        reached = {entry["status"] for entry in final[order.id]}
        assert {x.status for x in order.at_home if x.is_write and not x.is_open} <= reached, (
            "an acknowledged write is lost"
        )
