"""The page of an order whose history somebody has damaged by hand, and of one whose twin goes on."""

import json
from typing import Any

import pytest

from catalog.models import Restaurant
from orders.models import Order
from regions import aws
from tests.api.conftest import Api
from tests.pages.conftest import Browser, text_of

HERE = "us-east-1"
PLACED = {"status": "placed", "at": 1}


def image() -> dict[str, Any]:
    (item,) = aws.client("dynamodb", HERE).scan(TableName=Order.Meta.table_name)["Items"]
    return item


def put(*changes: dict[str, Any]) -> None:
    item: dict[str, Any] = image()
    for change in changes:
        aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=item | change)


@pytest.mark.parametrize(
    "entry",
    ["accepted", None, 7, [], {"status": "accepted"}, {"status": 7, "at": 2}, {"status": "accepted", "at": "noon"},
     {"status": "accepted", "at": 2, "by": "me"}, {"status": "accepted", "at": None}],
)  # fmt: skip
@pytest.mark.parametrize("is_last", [True, False])
def test_a_damaged_entry_is_left_out_and_the_order_not_changed(
    browser: Browser, restaurant: Restaurant, entry: Any, is_last: bool
) -> None:
    browser.add()
    path = browser.order()
    put({"history": {"S": json.dumps([PLACED, entry] if is_last else [entry, PLACED])}})
    page = browser.get(path)
    assert page.status_code == 200
    assert "Cancel the order" not in text_of(page)
    access = path.partition("access=")[2].partition("&")[0]
    number = image()["id"]["S"]
    answer = Api().get(f"orders/{HERE}/{number}", access=access, host=f"{HERE}.na.foodforthought.localhost:8000")
    assert (answer.status_code, [each["status"] for each in answer.json()["history"]]) == (200, ["placed"])
    assert browser.get(path.replace("/?", "/receipt/?")).status_code == 200
    refused = browser.post(
        path.partition("?")[0] + "cancel/", {"access": access}, host=f"{HERE}.na.foodforthought.localhost:8000"
    )
    assert refused.status_code in (302, 409)
    assert image()["status"]["S"] == "placed"


@pytest.mark.parametrize(
    ("twin_status", "is_linked"),
    [
        ("preparing", True),
        ("accepted", True),
        ("delivered", True),
        ("rejected", False),
        ("cancelled", False),
        ("duplicate", False),
    ],
)
def test_a_rejected_order_leads_to_the_twin_that_goes_on(
    browser: Browser, restaurant: Restaurant, twin_status: str, is_linked: bool
) -> None:
    browser.add()
    path = browser.order()
    number = image()["id"]["S"]
    twin = {"key": {"S": f"us-west-2#{number}"}, "home": {"S": "us-west-2"}, "status": {"S": twin_status}}
    item = image()
    for change in ({"status": {"S": "rejected"}}, twin):
        aws.client("dynamodb", HERE).put_item(TableName=Order.Meta.table_name, Item=item | change)
    page = browser.get(path)
    assert (f"/orders/us-west-2/{number}/" in page.content.decode()) is is_linked
    assert ("Go to the order that stands" in text_of(page)) is is_linked
    assert ("There is nothing to pay." in text_of(page)) is not is_linked
    assert ("the other one stands" in text_of(page)) is is_linked


def test_a_rejected_order_without_a_twin_says_what_it_said(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    path = browser.order()
    put({"status": {"S": "rejected"}})
    page = text_of(browser.get(path))
    assert "The restaurant could not take this order. There is nothing to pay." in page
    assert "Go to the order that stands" not in page
