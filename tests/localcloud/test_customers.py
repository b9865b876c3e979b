"""The customers of a game day, before a router that answers by a script: they send again what got no answer, as people do."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from localcloud.gameday import customers
from localcloud.gameday.customers import Crowd
from localcloud.gameday.plan import Fate, Planned
from localcloud.layout import Layout

MENU = {
    "id": "r",
    "dishes": [{"id": "soup", "served": None, "options": [{"id": "size", "min": 1, "choices": [{"id": "l"}]}]}],
}


class Kitchen:
    """Only listens."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def tell(self, order_id: str, verb: str) -> None:
        self.told.append((order_id, verb))


class Script(BaseHTTPRequestHandler):
    """Answers orders by the next status of the script, as a region near the customer's location."""

    statuses: list[int]
    heard: list[tuple[str, str, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        near = self.headers["Cookie"].partition("=")[2]
        self.heard.append((self.path, near, body))
        status = self.statuses.pop(0) if self.statuses else 200
        content = json.dumps({"home_region": near, "id": "1", "access": "a"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def router() -> Iterator[ThreadingHTTPServer]:
    Script.statuses, Script.heard = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Script)
    threading.Thread(target=server.serve_forever).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def crowd(router: ThreadingHTTPServer, monkeypatch: pytest.MonkeyPatch) -> Crowd:
    monkeypatch.setattr(customers, "TRY_AGAIN_SECONDS", 0.0)
    kitchens: Any = {name: Kitchen() for name in ("us-east-1", "us-west-2")}
    crowd = Crowd(Layout(port=router.server_port), time.monotonic, kitchens, lambda: True)
    crowd.menus = {"us-east-1": MENU}
    return crowd


def planned(fate: Fate = Fate.LEFT, *, loses_answer: bool = False) -> Planned:
    return Planned(0, 0.0, "us-east-1", fate, looks=False, loses_answer=loses_answer, unseen_fate=Fate.REJECT)


def test_an_order_without_an_answer_is_sent_again_with_the_same_token(crowd: Crowd) -> None:
    Script.statuses = [504, 503, 201]
    customer = crowd.order(planned(Fate.ACCEPT), "token")
    assert customer.key == "us-east-1#1"
    assert [body["token"] for _, _, body in Script.heard] == ["token"] * 3
    assert Script.heard[0][2]["lines"] == [{"dish": "soup", "quantity": 1, "options": ["size:l"]}]
    assert [(asked.answer, asked.is_answered) for asked in crowd.asked] == [
        ("504", False), ("503", False), ("201", True)
    ]  # fmt: skip
    assert crowd.kitchens["us-east-1"].told == [("1", "accept")]  # type: ignore[attr-defined]


def test_who_loses_an_answer_orders_again_elsewhere_and_both_kitchens_go_on(crowd: Crowd) -> None:
    Script.statuses = [201, 201]
    customer = crowd.order(planned(Fate.ACCEPT, loses_answer=True), "token")
    assert (customer.unseen, customer.key) == ("us-east-1#1", "us-west-2#1")
    assert [near for _, near, _ in Script.heard] == ["us-east-1", "us-west-2"]
    assert crowd.kitchens["us-east-1"].told == [("1", "reject")]  # type: ignore[attr-defined]
    assert crowd.kitchens["us-west-2"].told == [("1", "accept")]  # type: ignore[attr-defined]


def test_a_customer_cancels_and_remembers_whether_it_was_acknowledged(crowd: Crowd) -> None:
    Script.statuses = [201, 200]
    assert crowd.order(planned(Fate.CANCEL), "token").cancelled
    Script.statuses = [201, 409]
    assert not crowd.order(planned(Fate.CANCEL), "token").cancelled
    assert Script.heard[-1][0] == "/api/v1/orders/us-east-1/1/cancel"


def test_who_gets_no_answer_at_all_gives_up_in_the_end(crowd: Crowd) -> None:
    Script.statuses = [503] * customers.TRIES
    assert crowd.order(planned(), "token").key is None
    assert len(crowd.asked) == customers.TRIES


def test_a_day_begins_when_orders_are_answered_as_usual(crowd: Crowd) -> None:
    assert crowd._seconds_to_answer("us-east-1") < customers.USUAL_SECONDS
    assert [body["agreed_total"] for _, _, body in Script.heard] == [1] * customers.AT_ONCE
    assert len({body["token"] for _, _, body in Script.heard}) == customers.AT_ONCE
    assert crowd.asked == [], "it is not counted"
