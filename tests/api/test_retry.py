"""A checkout that is sent again, after it has become two orders or across a release."""

import hashlib
import itertools
import json
from dataclasses import make_dataclass
from typing import Any

import pytest

from catalog.models import Restaurant
from orders import placing
from orders.api import serializers
from orders.models import Order
from regions import aws
from tests.api.conftest import Api
from tests.conftest import region
from tests.factories import order_request

EAST, WEST = "us-east-1", "us-west-2"
BEST_FIRST = ("delivered", "accepted", "rejected", "duplicate")
PAIRS = [
    *itertools.combinations(BEST_FIRST, 2),
    ("collected", "placed"),
    ("placed", "cancelled"),
    ("on_the_way", "duplicate"),
    ("cancelled", "duplicate"),
    ("of a newer release", "rejected"),
]


def twins(body: dict[str, Any], api: Api, *, east: str, west: str) -> None:
    """What one checkout has become in two homes."""
    placed = api.post("orders", body).json()
    order = Order.get(Order.key_of(EAST, placed["id"]))
    values = order.attribute_values | {"key": Order.key_of(WEST, placed["id"]), "home": WEST, "version": None}
    order.update([Order.status.set(east)])
    with region(WEST):
        Order(**values | {"status": west}).save()


@pytest.mark.parametrize(("better", "worse"), PAIRS)
@pytest.mark.parametrize("home", [EAST, WEST])
@pytest.mark.parametrize("in_order", [True, False])
def test_of_twins_a_retry_is_told_of_the_one_that_goes_on(
    api: Api,
    restaurant: Restaurant,
    monkeypatch: pytest.MonkeyPatch,
    better: str,
    worse: str,
    home: str,
    in_order: bool,
) -> None:
    body = order_request(restaurant)
    twins(body, api, east=better if home == EAST else worse, west=better if home == WEST else worse)
    again = api.post("orders", body)
    assert (again.status_code, again.json()["home_region"], again.json()["status"]) == (200, home, better)
    # The store answers a BatchGet in whatever order it likes.
    batch_get = Order.batch_get
    monkeypatch.setattr(
        Order,
        "batch_get",
        lambda keys, **details: sorted(batch_get(keys, **details), key=lambda order: order.home, reverse=not in_order),
    )
    found = placing.find_placed(body["token"], "na")
    assert found
    assert (found.home, found.status) == (home, better)


def test_of_two_that_go_on_the_one_is_told_that_will_be_left(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    twins(body, api, east="placed", west="accepted")
    with region(WEST):
        (west,) = (order for order in Order.scan() if order.home == WEST)
        west.update([Order.accepted_at.set(int(west.placed_at) + 60_000)])
    assert api.post("orders", body).json()["home_region"] == WEST


def test_a_new_field_that_nobody_has_filled_changes_no_fingerprint(
    api: Api, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try met this release, the retry meets the next one, in which a contact has one field more."""
    body = order_request(restaurant)
    api.post("orders", body)
    later = make_dataclass("Later", [("doorbell", "str | None", None)], bases=(serializers.Contact,), frozen=True)
    monkeypatch.setattr(serializers, "Contact", later)
    assert api.post("orders", body).status_code == 200
    assert api.post("orders", {**body, "note": "ring"}).status_code == 409


def test_what_an_earlier_release_has_placed_is_found_by_a_retry(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant, note="ring twice", tip=100, delivery={"kind": "pickup"})
    api.post("orders", body)
    contact = {"name": "Ada Canary", "phone": "+1 212 555 0123", "address": None, "note": "ring twice"}
    then = [restaurant.id, "pickup", None, 100, [["margherita", ["size:small"], 1]], contact]
    fingerprint = hashlib.sha256((body["token"] + json.dumps(then, sort_keys=True)).encode()).hexdigest()
    (order,) = Order.scan()
    assert order.content_fingerprint != fingerprint
    aws.client("dynamodb", EAST).update_item(
        TableName=Order.Meta.table_name,
        Key={"key": {"S": order.key}},
        UpdateExpression="SET content_fingerprint = :then",
        ExpressionAttributeValues={":then": {"S": fingerprint}},
    )
    assert api.post("orders", body).status_code == 200
    assert api.post("orders", {**body, "note": "ring once"}).status_code == 409
