"""Old and new code run side by side during a rollout: each reads what the other has written, and neither destroys it.

Orders with words that only a newer release knows are in test_newer_release.py. Here: values of another shape, attributes and
records that this release does not know, and records that hold no more than the first release wrote.
"""

import json
from typing import Any

import pytest
from django.core import signing

from catalog import actions, menu_cache, where
from catalog.models import Availability, Card, CatalogRecord, Dish, Kitchen, Restaurant, kitchen_of
from core.errors import Conflict
from orders import baskets, lifecycle, settling
from orders.errors import BasketUnreadable
from orders.models import Order
from orders.status import Verb
from regions import aws, lag, topology
from regions.models import HomedModel
from regions.replication import copies_of, rule_of
from tests.factories import kitchen_of as kitchen
from tests.factories import make_dish, order_request
from tests.pages.conftest import Browser, text_of

HERE = "us-east-1"
NEAR = "us-east-1.na.foodforthought.localhost:8000"
RECORD = {"home"}
ROW = RECORD | {"pk", "sk", "kind"}
RELEASE_1: dict[type[HomedModel], set[str]] = {
    Restaurant: ROW | {
        "id", "name", "country", "latitude", "longitude", "address", "cuisines", "time_zone", "currency", "tax_ppm",
        "tax_included", "delivers", "offers_pickup", "delivery_fee_minor", "minimum_minor", "radius_m", "preparation_minutes",
        "sections", "source",
    },
    Dish: ROW | {"id", "section", "position", "name", "price_minor", "options", "allergens", "diets"},
    Card: ROW | {
        "restaurant", "name", "cuisines", "country", "time_zone", "currency", "delivery_fee_minor", "minimum_minor",
        "preparation_minutes", "offers_pickup",
    },
    Availability: RECORD | {"key", "restaurant", "sold_out"},
    Order: RECORD | {
        "key", "id", "status", "kind", "restaurant", "restaurant_name", "restaurant_address", "time_zone", "currency",
        "subtotal_minor", "delivery_fee_minor", "tax_minor", "tax_included", "tip_minor", "total_minor", "placed_at",
        "expected_at", "history", "payment", "lines", "contact_name", "contact_phone",
        "access_fingerprint", "content_fingerprint",
    },
}  # fmt: skip
"""What the first release wrote into every record. It does not grow: records without a later attribute are there for years."""

# What no release of today writes: an attribute of another type, another shape inside of one, one more, one less.
OTHER_TYPE: dict[str, Any] = {"M": {"of": {"S": "a newer release"}}}


def table_of(model: type[HomedModel]) -> str:
    return str(model.Meta.table_name)  # type: ignore[attr-defined]


def items(model: type[HomedModel]) -> list[dict[str, Any]]:
    return list(aws.client("dynamodb", HERE).scan(TableName=table_of(model))["Items"])


def write(model: type[HomedModel], *written: dict[str, Any]) -> None:
    for item in written:
        aws.client("dynamodb", HERE).put_item(TableName=table_of(model), Item=item)


def shown_everywhere(browser: Browser, path: str) -> None:
    for address in (
        "/restaurants/lucette/",
        "/restaurants/lucette/dishes/margherita/",
        "/basket/",
        path,
        path.replace("/?", "/receipt/?"),
    ):
        assert browser.get(address).status_code == 200, address
    access = path.partition("access=")[2].partition("&")[0]
    answer = browser.client.get(
        f"/api/v1{path.partition('?')[0].rstrip('/')}", HTTP_HOST=NEAR, headers={"Authorization": f"Bearer {access}"}
    )
    assert answer.status_code == 200
    assert browser.client.get("/api/v1/restaurants/lucette", HTTP_HOST=NEAR).status_code == 200
    (card,) = {item["pk"]["S"] for item in items(CatalogRecord) if item["pk"]["S"].startswith("cell#")} & {
        near(browser)
    }
    page = browser.get(f"/near/{card.removeprefix('cell#')}/")
    assert "Chez Lucette" in text_of(page)


def near(browser: Browser) -> str:
    return f"cell#{browser.client.cookies[where.COOKIE].value}"


@pytest.mark.parametrize("model", RELEASE_1)
def test_what_a_release_adds_may_be_missing(model: type[HomedModel]) -> None:
    """A new attribute is null, or has a `default` (`default_for_new` says nothing of records that are there)."""
    assert set(model.always_there()) == RELEASE_1[model]


def test_what_the_first_release_wrote_is_read_by_this_one(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    actions.set_sold_out("lucette", "marinara", sold_out=True)
    path = browser.order()
    browser.add()
    for model, rows in {Order: [Order], Availability: [Availability], CatalogRecord: [Restaurant, Dish, Card]}.items():
        kinds: dict[str, type[HomedModel]] = {"profile": Restaurant, "item": Dish, "card": Card}
        for item in items(model):
            kind = kinds[item["kind"]["S"]] if "kind" in item and model is CatalogRecord else rows[0]
            kept = RELEASE_1[kind] | {"version"}
            write(model, {name: value for name, value in item.items() if name in kept})
    shown_everywhere(browser, path)
    (order,) = Order.scan()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen(order))
    actions.pause("lucette")
    assert kitchen_of(restaurant).paused
    assert kitchen_of(restaurant).sold_out == {"marinara"}


def test_what_a_later_release_adds_is_read_past_and_kept(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    actions.set_sold_out("lucette", "marinara", sold_out=True)
    path = browser.order()
    browser.add()
    later = {"robot": OTHER_TYPE, "colour": {"S": "green"}}
    for model in (Order, Availability, CatalogRecord):
        write(model, *({**item, **later} for item in items(model)))
    row = {"pk": {"S": "restaurant#lucette"}, "kind": {"S": "robot"}, "home": {"S": "master"}, "version": {"N": "1"}}
    write(CatalogRecord, *({**row, "sk": {"S": key}} for key in ("item#robot#7", "robot#7")))
    menu_cache.forget()
    shown_everywhere(browser, path)
    (order,) = Order.scan()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen(order))
    actions.pause("lucette")
    restaurant.name = "Chez Lucette la deuxième"
    actions.put_restaurant(restaurant)
    for model in (Order, Availability):
        for item in items(model):
            assert later.items() <= item.items()
    changed = [
        item for item in items(CatalogRecord) if item["pk"]["S"].startswith("cell#") or item["sk"]["S"] == "profile"
    ]
    assert {item["name"]["S"] for item in changed} == {restaurant.name}
    for item in changed:
        assert later.items() <= item.items()
    for item in items(Order):
        (copy,) = copies_of(item, rule=rule_of(Order), topology=topology.current(), to=["us-west-2"])
        assert copy.image == item


@pytest.mark.parametrize("history", ["", "not JSON", "7", '"placed"', '{"status": "placed"}', "null", None, OTHER_TYPE])
def test_an_order_whose_history_nobody_here_can_read_is_shown_and_not_changed(
    browser: Browser, restaurant: Restaurant, history: Any
) -> None:
    browser.add()
    path = browser.order()
    (item,) = items(Order)
    written = {**item, "history": history if isinstance(history, dict) else {"S": history}}
    if history is None:
        del written["history"]
    write(Order, written)
    assert browser.get(path).status_code == 200
    assert browser.get(path.replace("/?", "/receipt/?")).status_code == 200
    if history in (None, "null"):
        return  # there is none, and so nothing that could be lost
    (order,) = Order.scan()
    with pytest.raises(Conflict):
        lifecycle.change(order, Verb.ACCEPT, by=kitchen(order))
    assert "Cancel the order" not in text_of(browser.get(path))
    assert items(Order) == [written]


@pytest.mark.parametrize("name", sorted(RELEASE_1[Order] - {"key", "home", "history"}))
def test_an_order_of_which_something_essential_cannot_be_read_is_safe(
    browser: Browser, restaurant: Restaurant, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 and try again, for whoever looks at it and for whoever orders again; never a 500, a second order or a change."""
    body = order_request(restaurant)

    def post() -> Any:
        return browser.client.post("/api/v1/orders", json.dumps(body), content_type="application/json", HTTP_HOST=NEAR)

    placed = post().json()
    (item,) = items(Order)
    written = {**item, name: OTHER_TYPE}
    write(Order, written)
    page = browser.get(f"/orders/{HERE}/{placed['id']}/?access={placed['access']}")
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Your order is safe" in text_of(page)
    assert post().status_code == 503
    waiting: list[Any] = []
    monkeypatch.setattr(settling.backlog, "add", lambda target, entries: waiting.extend(entries))
    twin = {**item, "key": {"S": f"us-west-2#{placed['id']}"}, "home": {"S": "us-west-2"}, "accepted_at": {"N": "1"}}
    write(Order, twin)
    settling.settle_all([placed["id"]])
    assert len(waiting) == 1
    assert written in items(Order)


@pytest.mark.parametrize("name", sorted(RELEASE_1[Restaurant] - ROW))
def test_a_restaurant_of_which_something_cannot_be_read_is_503(
    browser: Browser, restaurant: Restaurant, name: str
) -> None:
    (profile,) = (item for item in items(CatalogRecord) if item["sk"]["S"] == "profile")
    write(CatalogRecord, {**profile, name: OTHER_TYPE})
    menu_cache.forget()
    assert browser.get("/restaurants/lucette/").status_code == 503
    assert browser.client.get("/api/v1/restaurants/lucette", HTTP_HOST=NEAR).status_code == 503


def test_a_dish_that_cannot_be_read_leaves_the_menu_before(browser: Browser, restaurant: Restaurant) -> None:
    actions.put_menu("lucette", sections=restaurant.sections, dishes=[make_dish(), make_dish("calzone")])
    (calzone,) = (item for item in items(CatalogRecord) if item["sk"]["S"].startswith("item#calzone"))
    write(CatalogRecord, {**calzone, "price_minor": OTHER_TYPE})
    menu_cache.forget()
    page = text_of(browser.get("/restaurants/lucette/"))
    assert "Marinara" in page
    assert "Calzone" not in page


@pytest.mark.parametrize(
    "word",
    ["soon", 7, {}, {"value": True}, {"value": True, "changed_at": "noon"}, {"value": {"until": 7}, "changed_at": 7}],
)
def test_a_kitchens_word_that_is_none_says_nothing(restaurant: Restaurant, word: Any) -> None:
    said = {"value": True, "changed_at": 5, "by": "a newer release"}
    record = Availability(paused=word, busy_minutes=word, sold_out={"a": word, "b": said})
    assert Kitchen.of([record]) == Kitchen(sold_out=frozenset("b"))


def test_a_word_that_cannot_be_read_is_not_written_over(tables: None, browser: Browser, restaurant: Restaurant) -> None:
    actions.set_sold_out("lucette", "marinara", sold_out=True)
    (item,) = items(Availability)
    write(Availability, {**item, "sold_out": OTHER_TYPE})
    assert browser.get("/restaurants/lucette/").status_code == 200
    with pytest.raises(Conflict):
        actions.set_sold_out("lucette", "margherita", sold_out=True)
    assert items(Availability)[0]["sold_out"] == OTHER_TYPE
    actions.pause("lucette")
    assert (items(Availability)[0]["sold_out"], kitchen_of(restaurant).paused) == (OTHER_TYPE, True)


BASKET = baskets.Basket.new("lucette").add(
    baskets.Line(baskets.Choice("margherita", 2, ("size:small",)), 1200, "Margherita")
)


def cookie(**changes: Any) -> str:
    written = signing.loads(baskets.dumps(BASKET), salt=baskets._SALT)
    return signing.dumps({**written, **changes}, salt=baskets._SALT, compress=True)


def test_a_basket_of_a_newer_and_of_an_older_release_is_read() -> None:
    line = signing.loads(cookie(), salt=baskets._SALT)["l"][0]
    assert baskets.loads(cookie(v=2, l=[[*line, {"note": "no olives"}]])) == BASKET
    without_names = signing.loads(cookie(), salt=baskets._SALT)
    del without_names["n"]
    read = baskets.loads(signing.dumps(without_names, salt=baskets._SALT))
    assert read
    assert read.lines[0].choice == BASKET.lines[0].choice


@pytest.mark.parametrize("changes", [{"l": [["margherita", 2]]}, {"l": None}, {"n": 7}, {"l": [7]}])
def test_a_basket_of_another_shape_is_said_to_be_unreadable(
    browser: Browser, restaurant: Restaurant, changes: Any
) -> None:
    with pytest.raises(BasketUnreadable):
        baskets.loads(cookie(**changes))
    browser.client.cookies["basket"] = cookie(**changes)
    assert browser.get("/restaurants/lucette/").status_code == 200
    assert browser.get("/basket/").status_code < 500


def test_samples_of_a_newer_release_are_read(tables: None) -> None:
    key = lag._window_key(lag.clock.now_ms())
    text = json.dumps([lag.clock.now_ms(), [["orders", "eu-west-1", 7, "more"]], {"and": "more"}])
    aws.client("dynamodb", HERE).put_item(
        TableName=aws.OPERATIONS, Item={"key": {"S": key}, "samples": {"L": [{"S": text}]}}
    )
    (sample,) = lag.history(HERE)
    assert sample.at_least_ms == {("orders", "eu-west-1"): 7}
