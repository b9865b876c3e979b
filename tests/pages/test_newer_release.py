"""Orders that a newer release has worked on: this one shows them, copies them as they are, and does not change them."""

import json
from typing import Any

import pytest

from catalog.models import Restaurant
from core.errors import Refused
from orders import lifecycle, settling
from orders.models import Order
from orders.status import Verb
from regions import aws, topology
from regions.replication import copies_of, rule_of
from tests.factories import guest_of, kitchen_of
from tests.pages.conftest import Browser, text_of

HERE = "us-east-1"
NEWER: dict[str, dict[str, Any]] = {
    "a status": {"status": "at_the_locker"},
    "a status that is in the history too": {
        "status": "at_the_locker",
        "history": [{"status": "placed", "at": 1}, {"status": "at_the_locker", "at": 2}],
    },
    "a kind": {"kind": "locker"},
    "a status and a kind": {"status": "at_the_locker", "kind": "locker"},
    "a kind of an order that has ended": {"status": "rejected", "kind": "locker"},
    "a payment": {"payment": "card"},
    "a payment of an order that has ended": {"status": "delivered", "payment": "card"},
    "a step before": {"history": [{"status": "awaiting_payment", "at": 1}, {"status": "placed", "at": 2}]},
    "a role": {"history": [{"status": "placed", "at": 1, "by": {"role": "robot"}}]},
    "a way of saying who": {"history": [{"status": "placed", "at": 1, "by": {"device": "7"}}]},
    "an entry that is no status": {"history": [{"status": "placed", "at": 1}, {"event": "called", "at": 2}]},
}
ENUMERATED = {"status", "kind", "payment", "history"}


def image() -> dict[str, Any]:
    (item,) = aws.client("dynamodb", HERE).scan(TableName=Order.Meta.table_name)["Items"]
    return item


def stored() -> Order:
    (order,) = Order.scan()
    return order


@pytest.fixture(params=NEWER)
def newer(request: pytest.FixtureRequest) -> dict[str, Any]:
    return NEWER[request.param]


@pytest.fixture
def path(browser: Browser, restaurant: Restaurant, newer: dict[str, Any]) -> str:
    """The page of an order that a newer release has written."""
    browser.add()
    path = browser.order()
    written = {name: {"S": value if isinstance(value, str) else json.dumps(value)} for name, value in newer.items()}
    aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=image() | written)
    return path


def access_of(path: str) -> str:
    return path.partition("access=")[2].partition("&")[0]


def test_every_attribute_with_a_list_of_words_is_tried() -> None:
    assert {name for values in NEWER.values() for name in values} == ENUMERATED


def test_a_duplicate_is_shown_whose_twin_is_in_a_region_that_this_release_does_not_know(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    path = browser.order()
    written = {"status": {"S": "duplicate"}, "twin_home": {"S": "ca-central-1"}}
    aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=image() | written)
    page = browser.get(path)
    assert page.status_code == 200
    assert "twice during an outage" in text_of(page)


def test_it_is_shown(browser: Browser, path: str, newer: dict[str, Any]) -> None:
    for address in (path, path.replace("/?", "/receipt/?")):
        page = browser.get(address)
        assert page.status_code == 200
        assert "Chez Lucette" in text_of(page)
        assert "Margherita" in text_of(page)
        if "status" in newer:
            assert newer["status"].replace("_", " ") in text_of(page).lower()
    live = browser.get(path, **{"HX-Request": "true"})
    assert live.status_code in (200, 286)
    assert "Cancel the order" not in text_of(live)
    if newer.get("status") == "at_the_locker":
        assert live.status_code == 200, "it may go on, so the page keeps asking"
        assert "call the restaurant" in text_of(live)
    if newer.get("payment") == "card":
        assert "at the door" not in text_of(browser.get(path))


def test_the_api_shows_it(browser: Browser, path: str, newer: dict[str, Any]) -> None:
    response = browser.client.get(
        f"/api/v1{path.partition('?')[0].rstrip('/')}",
        HTTP_HOST=topology.current().signpost_host,
        headers={"Authorization": f"Bearer {access_of(path)}"},
    )
    assert response.status_code == 200
    for name in ("status", "kind"):
        assert response.json()[name] == newer.get(name, response.json()[name])


def test_it_is_not_changed(browser: Browser, path: str) -> None:
    before = image()
    access = access_of(path)
    address = path.partition("?")[0]
    refused = browser.client.post(
        f"/api/v1{address}cancel",
        "{}",
        content_type="application/json",
        HTTP_HOST=topology.current().signpost_host,
        headers={"Authorization": f"Bearer {access}"},
    )
    assert refused.status_code == 409
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert browser.post(f"{address}cancel/", {"access": access}).status_code == 302
    order = stored()
    for verb in Verb:
        for actor in (kitchen_of(order), guest_of(order)):
            with pytest.raises(Refused):
                lifecycle.change(order, verb, by=actor)
    assert image() == before


def test_an_attribute_that_nobody_here_knows_stays_when_others_change(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.order()
    aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=image() | {"robot": {"S": "7"}})
    order = stored()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    assert (image()["robot"], image()["status"]) == ({"S": "7"}, {"S": "accepted"})


def test_it_is_copied_as_it_is(path: str) -> None:
    (copy,) = copies_of(image(), rule=rule_of(Order), topology=topology.current(), to=["us-west-2"])
    assert copy.image == image()


@pytest.mark.parametrize("is_own", [True, False])
def test_it_settles_no_twins(path: str, monkeypatch: pytest.MonkeyPatch, is_own: bool) -> None:
    """It waits in the backlog for the release that knows what to do."""
    item = image()
    known = item | {
        "status": {"S": "placed"}, "kind": {"S": "delivery"}, "payment": {"S": "on_receipt"},
        "history": {"S": '[{"status": "placed", "at": 1}]'},
    }  # fmt: skip
    earlier = {"placed_at": {"N": "1"}, "accepted_at": {"N": "2"}}
    of_twin = {"key": {"S": f"us-west-2#{stored().id}"}, "home": {"S": "us-west-2"}}
    own, twin = (item, known) if is_own else (known, item)
    for written in (own, twin | of_twin | earlier):
        aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=written)
    waiting: list[Any] = []
    monkeypatch.setattr(settling.backlog, "add", lambda target, entries: waiting.extend(entries))
    settling.settle_all([item["id"]["S"]])
    has_ended = is_own and item["status"]["S"] in ("rejected", "delivered")
    assert len(waiting) == (0 if has_ended else 1)
    key = {"key": {"S": f"{HERE}#{item['id']['S']}"}}
    assert aws.client("dynamodb", HERE).get_item(TableName=Order.Meta.table_name, Key=key)["Item"] == own
