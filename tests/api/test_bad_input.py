"""Bad input gets a clear problem answer, and nothing is written."""

from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog.models import Restaurant
from core import geo
from orders.models import Order
from regions import topology
from tests.api.conftest import Api
from tests.factories import ADDRESSES, NEW_YORK, PARIS, make_dish, make_restaurant, order_request, save_restaurant

LINE = {"dish": "margherita", "quantity": 1, "options": ["size:small"]}
NO_ORDER = "01JDF3QK8Z7Y6X5W4V3T2S1R0P"
PICKUP = {"kind": "pickup"}
NEAR = ADDRESSES["US"]
CHICAGO = {"street": "12 Canary Avenue", "postcode": "60601", "city": "Chicago", "region": "IL"}
UNKNOWN = {**NEAR, "street": "12 Nowhere Road"}
POLE = {"latitude": 90, "longitude": 0.0}


def assert_refused(response: Any, status: int, kind: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"/problems/{kind}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert list(Order.scan()) == []
    return problem


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"lines": [{**LINE, "quantity": 0}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": -1}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": 10**9}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": 1.5}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": "2"}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": True}]}, 400, "invalid"),
        ({"lines": []}, 400, "invalid"),
        ({"lines": [LINE] * 41}, 400, "invalid"),
        ({"lines": [{**LINE, "price": 1}]}, 400, "invalid"),
        ({"lines": [{**LINE, "quantity": 50}] * 40}, 422, "quantity-out-of-range"),
        (
            {"lines": [{**LINE, "quantity": 25}, {**LINE, "quantity": 26, "options": ["size:large"]}]},
            422,
            "quantity-out-of-range",
        ),
        ({"total": 1}, 400, "invalid"),
        ({"lines": [{**LINE, "options": ["size:small", "spice:hot"]}]}, 422, "wrong-options"),
        ({"lines": [{**LINE, "options": []}]}, 422, "wrong-options"),
        ({"lines": [{"dish": "caviar", "quantity": 1}]}, 422, "unknown-dish"),
        ({"restaurant": "nobody"}, 404, "not-found"),
        ({"token": "guess"}, 400, "malformed-token"),
        ({"token": "0." + "a" * 32}, 422, "stale-token"),
        ({"token": "999999999999." + "a" * 32}, 422, "token-from-the-future"),
        ({"tip": -1}, 400, "invalid"),
        ({"tip": 5000}, 422, "tip-out-of-range"),
        ({"delivery": {"kind": "drone"}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery"}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": "12 Canary Street"}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "cell": geo.cell_at(*NEW_YORK)}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": {**NEAR, "street": ""}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": {**NEAR, "street": "\u3164"}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": {**NEAR, "street": "x" * 101}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": {**NEAR, "postcode": "SW1A 1AA"}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": {**NEAR, "country": "US"}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "position": [40.7, -74]}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "position": {"latitude": 40.7}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "position": POLE | {"latitude": 91}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "position": POLE | {"latitude": "9"}}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": NEAR, "position": POLE | {"latitude": True}}}, 400, "invalid"),
        ({"delivery": {"kind": "pickup", "address": NEAR}}, 400, "invalid"),
        ({"delivery": {"kind": "pickup", "position": POLE}}, 400, "invalid"),
        ({"delivery": {"kind": "delivery", "address": CHICAGO}}, 422, "outside-delivery-area"),
        ({"delivery": {"kind": "delivery", "address": UNKNOWN}}, 422, "address-not-found"),
        ({"delivery": {"kind": "delivery", "address": UNKNOWN, "position": POLE}}, 422, "outside-delivery-area"),
        ({"contact": {"name": "", "phone": "+1 212 555 0100"}}, 400, "invalid"),
        ({"contact": {"name": "Ada", "phone": "<script>"}}, 400, "invalid"),
        ({"contact": {"name": "A\x00da", "phone": "+1 212 555 0100"}}, 400, "invalid"),
        ({"contact": {"name": "x" * 101, "phone": "+1 212 555 0100"}}, 400, "invalid"),
        ({"note": "x" * 301}, 400, "invalid"),
        ({"contact": None}, 400, "invalid"),
        ({"lines": {"dish": "margherita"}}, 400, "invalid"),
    ],
)
def test_an_order_that_is_not_right(
    api: Api, restaurant: Restaurant, change: dict[str, Any], status: int, kind: str
) -> None:
    assert_refused(api.post("orders", order_request(restaurant, **change)), status, kind)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", '"text"', '{"token": ', "[" * 5_000 + "]" * 5_000])
def test_malformed_json(api: Api, restaurant: Restaurant, body: str) -> None:
    response = api.post("orders", body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(Order.scan()) == []


@pytest.mark.parametrize(
    ("method", "content_type", "status", "kind", "named"),
    [
        ("PATCH", "application/json", 405, "method-not-allowed", "PATCH"),
        ("POST", "text/plain", 415, "unsupported-media-type", "text/plain"),
    ],
)
def test_a_title_is_a_sentence_and_the_detail_names_what_was_sent(
    api: Api, restaurant: Restaurant, method: str, content_type: str, status: int, kind: str, named: str
) -> None:
    host = topology.current().signpost_host
    response = api.client.generic(method, "/api/v1/orders", b"{}", content_type=content_type, HTTP_HOST=host)
    problem = assert_refused(response, status, kind)
    assert not set("{}") & set(problem["title"])
    assert named in problem["detail"]


def test_a_body_over_the_limit_is_not_read(api: Api, restaurant: Restaurant) -> None:
    problem = assert_refused(api.post("orders", order_request(restaurant, note="x" * 70_000)), 413, "too-large")
    assert "64 KB" in problem["detail"]


def test_a_closed_restaurant(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(opening_hours="2099 Mo-Su 10:00-12:00"))
    assert_refused(api.post("orders", order_request(restaurant)), 422, "restaurant-closed")


def test_a_restaurant_whose_hours_nobody_knows_takes_no_orders(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(opening_hours=None, opening_hours_text="whenever"))
    assert_refused(api.post("orders", order_request(restaurant)), 422, "restaurant-closed")


def test_a_paused_kitchen_and_a_sold_out_dish_are_both_said(api: Api, restaurant: Restaurant) -> None:
    catalog_actions.pause(restaurant.id)
    catalog_actions.set_sold_out(restaurant.id, "margherita", sold_out=True)
    problem = assert_refused(api.post("orders", order_request(restaurant)), 422, "sold-out")
    assert problem["also"][0]["title"] == "The restaurant is not taking orders right now"
    catalog_actions.resume(restaurant.id)
    catalog_actions.set_sold_out(restaurant.id, "margherita", sold_out=False)
    assert api.post("orders", order_request(restaurant)).status_code == 201


def test_a_dish_that_the_menu_itself_has_as_sold_out(api: Api, tables: None) -> None:
    about = {"id": "pizza", "name": "Pizza", "description": "With gluten."}
    restaurant = save_restaurant(make_restaurant(sections=[about]), [make_dish(sold_out=True)])
    shown = api.get(f"restaurants/{restaurant.id}").json()
    assert (shown["sections"], shown["dishes"][0]["sold_out"]) == ([about], True)
    assert_refused(api.post("orders", order_request(restaurant)), 422, "sold-out")


def test_a_delivery_below_the_minimum(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(minimum_minor=5000))
    problem = assert_refused(api.post("orders", order_request(restaurant)), 422, "below-minimum")
    assert problem["missing_minor"] == 3800
    assert api.post("orders", order_request(restaurant, delivery=PICKUP)).status_code == 201


def test_what_is_not_offered(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(offers_pickup=False))
    assert_refused(api.post("orders", order_request(restaurant, delivery=PICKUP)), 422, "not-offered")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"cell": "nowhere"},
        {"cell": "8" * 15},
        {"cell": geo.cell_at(*PARIS), "lat": 1, "lng": 1},
        {"lat": 48.8},
        {"lat": 91, "lng": 0},
        {"lat": "nan", "lng": 0},
        {"cell": geo.cell_at(*PARIS), "cursor": "guess"},
        {"cell": geo.cell_at(*PARIS), "cursor": "~99999"},
        {"cell": geo.cell_at(*PARIS), "q": "x" * 101},
    ],
)
def test_a_place_that_is_none(api: Api, tables: None, query: dict[str, Any]) -> None:
    response = api.get("restaurants", **query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path",
    [
        "restaurants/nobody",
        f"orders/us-east-1/{NO_ORDER}",
        f"orders/mars-1/{NO_ORDER}",
        "nothing",
        "orders/x",
    ],
)
def test_unknown_addresses(api: Api, tables: None, path: str) -> None:
    response = api.get(path)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_a_wrong_method_and_a_wrong_media_type(api: Api, tables: None) -> None:
    assert api.get("orders").status_code == 405
    response = api.client.post("/api/v1/orders", "a=1", content_type="text/csv", HTTP_HOST=_host())
    assert response.status_code == 415


def test_a_host_that_is_not_ours_is_led_to_an_endpoint(api: Api, tables: None) -> None:
    response = api.get("restaurants", host="127.0.0.1:8000", cell="x")
    assert (response.status_code, response["Location"]) == (
        302,
        "http://us-east-1.na.foodforthought.localhost:8000/api/v1/restaurants?cell=x",
    )
    assert api.get("restaurants", host="eu.foodforthought.localhost:8000").status_code == 421


def test_a_host_is_the_same_with_the_port_that_its_scheme_has_anyway(
    api: Api, tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed = topology.load({"AWS_REGION": "us-east-1"})
    monkeypatch.setattr(topology, "current", lambda: deployed)
    site = deployed.jurisdiction_host("na")
    for host in (deployed.signpost_host, deployed.region_host("us-east-1"), site.upper()):
        assert api.get("restaurants/nobody", host=f"{host}:443").status_code == 404
        assert api.get("restaurants/nobody", host=f"{host}:80").status_code == 302


def test_the_prefix_of_api_gateways_own_address_is_left_behind(api: Api, tables: None) -> None:
    own = {"SCRIPT_NAME": "/us_east_1", "HTTP_HOST": "abc.execute-api.us-east-1.amazonaws.com"}
    led = api.client.get("/near/x/?a=b", **own)
    assert led["Location"] == "http://us-east-1.na.foodforthought.localhost:8000/near/x/?a=b"
    refused = api.client.post("/api/v1/orders", **own)
    assert (refused.status_code, refused["Content-Type"]) == (421, "application/problem+json")


@pytest.mark.parametrize("length", ["abc", "-1", "1e3", "²", "9" * 5000, "0x10", " "])
def test_a_length_that_is_none(api: Api, tables: None, length: str) -> None:
    refused = api.client.post("/api/v1/orders", HTTP_HOST=_host(), CONTENT_LENGTH=length)
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert api.client.get("/api/v1/restaurants/x", HTTP_HOST=_host(), CONTENT_LENGTH=length).status_code == 400


def _host() -> str:
    return "foodforthought.localhost:8000"
