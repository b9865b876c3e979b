"""Writes by API are counted across processes, without knowing whose they are; when nobody counts, ordering goes on."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from pynamodb.exceptions import UpdateError

from catalog.models import Restaurant
from core import clock
from orders.models import Order
from regions import limits, request_counts
from tests.api.conftest import Api
from tests.factories import order_request

ADA, EVE = "203.0.113.7", "203.0.113.8"


class Clock:
    """What time it is; a window begins at its start."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000

    def now_ms(self) -> int:
        return self.seconds * 1000


@pytest.fixture(autouse=True)
def time(tables: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    settings.API_WRITES_PER_MINUTE = 3
    time = Clock()
    monkeypatch.setattr(clock, "now_ms", time.now_ms)
    limits._over.clear()
    yield time
    limits._over.clear()


def post(api: Api, restaurant: Restaurant, address: str = ADA, path: str = "orders") -> Any:
    return api.client.post(
        f"/api/v1/{path}", json.dumps(order_request(restaurant)), content_type="application/json",
        HTTP_HOST="foodforthought.localhost:8000", HTTP_X_FORWARDED_FOR=address,
    )  # fmt: skip


def test_the_limit_is_one_addresses_own_and_ends_with_the_minute(api: Api, restaurant: Restaurant, time: Clock) -> None:
    assert [post(api, restaurant).status_code for _ in range(3)] == [201] * 3
    time.seconds += 20
    refused = post(api, restaurant)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    assert refused["Retry-After"] == "40"
    problem = refused.json()
    assert problem["type"] == "/problems/too-many-requests"
    assert (problem["limit"], problem["window_seconds"], problem["retry_after_seconds"]) == (3, 60, 40)
    assert "3 requests" in problem["detail"]
    assert len(list(Order.scan())) == 3
    assert post(api, restaurant, EVE).status_code == 201
    time.seconds += 40
    assert post(api, restaurant).status_code == 201


def test_every_process_counts_in_the_same_place(api: Api, restaurant: Restaurant) -> None:
    for _ in range(4):
        post(api, restaurant)
    limits._over.clear()  # as a process that has not seen this address yet
    assert post(api, restaurant).status_code == 429


def test_who_is_over_the_limit_costs_nothing_more(api: Api, restaurant: Restaurant, calls: list[str]) -> None:
    for _ in range(4):
        post(api, restaurant)
    calls.clear()
    assert post(api, restaurant).status_code == 429
    assert calls == []


def test_only_what_the_edge_saw_counts_not_what_a_client_claims(api: Api, restaurant: Restaurant) -> None:
    answers = [post(api, restaurant, f"10.0.0.{n}, {ADA}").status_code for n in range(4)]
    assert answers == [201, 201, 201, 429]


def test_no_address_is_stored_and_the_hash_changes_with_the_window(
    api: Api, restaurant: Restaurant, time: Clock, settings: Any
) -> None:
    post(api, restaurant)
    time.seconds += 60
    post(api, restaurant)
    settings.SECRET_KEY = "another"
    post(api, restaurant)
    stored = list(request_counts.RequestCount.scan())
    assert [int(item.times) for item in stored] == [1, 1, 1]
    text = json.dumps([item.to_simple_dict() for item in stored])
    assert ADA not in text
    assert all(item.key.startswith("requests#us-east-1#") and item.expires_at for item in stored)


def test_reading_and_what_is_malformed(api: Api, restaurant: Restaurant) -> None:
    for _ in range(5):
        assert api.get("restaurants/lucette").status_code == 200
    assert list(request_counts.RequestCount.scan()) == []
    answers = [api.post("orders", "{").status_code for _ in range(4)]
    assert answers == [400, 400, 400, 429], "what is refused counts too"


@pytest.mark.parametrize("failure", [UpdateError("down"), ConnectTimeoutError(endpoint_url="x")])
def test_ordering_goes_on_when_nobody_counts(
    api: Api,
    restaurant: Restaurant,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
) -> None:
    asked: list[int] = []

    def fail(*_: Any, **__: Any) -> None:
        asked.append(1)
        raise failure

    monkeypatch.setattr(request_counts.RequestCount, "update", fail)
    assert [post(api, restaurant).status_code for _ in range(5)] == [201] * 5
    assert len(asked) == 1, "the breaker leaves the table alone for a while"
    assert [record.message for record in caplog.records].count("request not counted") == 1
    assert ADA not in caplog.text


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (ADA, ADA),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("x" * 500, "x" * 100),
        ("", ""),
    ],
)
def test_who_is_counted_together(address: str, network: str) -> None:
    assert limits.network_of(address) == network
