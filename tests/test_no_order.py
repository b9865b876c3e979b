"""Whatever is in the table of orders and no order, and whatever cannot be an order's id, is not found: on every address."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from catalog.models import Restaurant
from core import ids
from orders import reading
from orders.models import Order
from regions import aws, heartbeat, topology
from tests.factories import make_token, order_request, save_restaurant

HERE, SIBLING, ABROAD = "us-east-1", "us-west-2", "eu-west-1"
ULID = "01JDF3QK8Z7Y6X5W4V3T2S1R0P"
IDS = (
    "heartbeat", "HEARTBEAT", "placed", "placed#2026-11-28T15", "us-east-1#" + ULID, "x", "01J", ULID[:-1], ULID + "0",
    ULID.lower(), "8" + ULID[1:], ULID[:-1] + "U", ULID[:-1] + "é", ULID + "\n", "٠" * 26, " ", "%00", "\x00", "..", "A" * 2_100,
    "'; --", "{{ 7|add:7 }}",
)  # fmt: skip


def routes(patterns: list[Any] | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address of an order: `/orders/{home}/{id}/cancel/`."""
    both = [*get_resolver().url_patterns, *get_resolver("foodforthought.api_urls").url_patterns]
    for pattern in both if patterns is None else patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and "order_id>" in route:
            for name, place in (
                ("home_region", "{home}"),
                ("home", "{home}"),
                ("order_id", "{id}"),
                ("verb", "cancel"),
            ):
                for converter in ("str", "order_id"):
                    route = route.replace(f"<{converter}:{name}>", place)
            yield route


ROUTES = sorted(set(routes()))


def test_all_addresses_are_walked() -> None:
    assert len(ROUTES) == 6
    assert all("{home}" in route and "{id}" in route and "<" not in route for route in ROUTES)


def ask(route: str, home: str, order_id: str, access: str = "x") -> list[Any]:
    """Looked at and posted to; what the method does not fit is left out."""
    path = route.format(home=home, id=quote(order_id, safe=""))
    client = Client(headers={"Authorization": f"Bearer {access}"}, raise_request_exception=False)
    host = topology.current().jurisdiction_host(topology.current().jurisdiction)
    is_api = path.startswith("/api/")
    sent = (
        {"data": "{}", "content_type": "application/json"} if is_api else {"data": {"access": access, "replace": "yes"}}
    )
    answers = [client.get(f"{path}?access={access}", HTTP_HOST=host), client.post(path, HTTP_HOST=host, **sent)]
    return [answer for answer in answers if answer.status_code != 405]


@pytest.fixture
def restaurant(tables: None) -> Restaurant:
    return save_restaurant()


@pytest.mark.parametrize("home", [HERE, SIBLING, ABROAD])
@pytest.mark.parametrize("route", ROUTES)
def test_what_cannot_be_an_orders_id_is_not_even_looked_up(
    restaurant: Restaurant, calls: list[str], route: str, home: str
) -> None:
    heartbeat.beat()
    for order_id in IDS:
        calls.clear()
        answers = ask(route, home, order_id)
        # The count of writes of one address is made before anything is known of them.
        assert [call for call in calls if call != "UpdateItem"] == [], order_id
        assert [answer.status_code for answer in answers] == [404] * len(answers), (order_id, answers)
    assert answers


@pytest.mark.parametrize("route", ROUTES)
def test_an_order_that_was_removed_is_not_found(restaurant: Restaurant, route: str) -> None:
    token = make_token()
    client = Client()
    placed = client.post(
        "/api/v1/orders",
        json.dumps(order_request(restaurant, token=token)),
        content_type="application/json",
        HTTP_HOST=topology.current().signpost_host,
    ).json()
    order = Order.get(Order.key_of(HERE, placed["id"]))
    order.bury()
    order.save()
    answers = ask(route, HERE, placed["id"], ids.access_secret_from(token))
    assert answers
    assert {answer.status_code for answer in answers} == {404}


@pytest.mark.parametrize("route", ROUTES)
def test_a_copy_of_a_removed_order_is_not_found(
    restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    """The home does not answer, and the copy here is a tombstone."""
    key = Order.key_of(SIBLING, ULID)
    item = {"key": {"S": key}, "home": {"S": SIBLING}, "version": {"N": "5"}, "deleted_at": {"N": "5"}}
    aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=item)
    monkeypatch.setattr(reading, "_at_home", lambda home, order_id: None)
    for answer in ask(route, SIBLING, ULID):
        assert answer.status_code in (404, 421, 503), answer
        assert "Ada" not in answer.content.decode()


def test_an_order_is_found(restaurant: Restaurant) -> None:
    """Else these tests would prove nothing."""
    token = make_token()
    body = order_request(restaurant, token=token)
    Client().post(
        "/api/v1/orders", json.dumps(body), content_type="application/json", HTTP_HOST=topology.current().signpost_host
    )
    found = {
        route: [
            answer.status_code for answer in ask(route, HERE, ids.order_id_from(token), ids.access_secret_from(token))
        ]
        for route in ROUTES
    }
    assert all(status in (200, 302) for statuses in found.values() for status in statuses), found
