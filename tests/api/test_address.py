"""Where a delivery by API goes: the address is looked for, its position checked, and what is not found has to be confirmed."""

from typing import Any

import pytest

from catalog.models import Restaurant
from core import geo
from orders.models import Order
from places import finding
from places.addresses import Address
from places.finding import Place, Precision
from regions import aws, topology
from regions.replication import copies_of, rule_of
from tests.api.conftest import Api
from tests.factories import ADDRESSES, NEW_YORK, make_restaurant, order_request, save_restaurant

KNOWN = ADDRESSES["US"]
CHICAGO = {"street": "12 Canary Avenue", "postcode": "60601", "city": "Chicago", "region": "IL"}
RIVOLI = {"street": "1 Rue de Rivoli", "city": "Paris", "postcode": "75001"}
NO_NUMBER = {**KNOWN, "street": "9999 Canary Street"}
HERE = dict(zip(("latitude", "longitude"), NEW_YORK, strict=True))
FAR = {"latitude": 40.9, "longitude": -73.9}


def delivery(address: dict[str, str], position: dict[str, float] | None = None) -> dict[str, Any]:
    return {"kind": "delivery", "address": address} | ({"position": position} if position else {})


def refused(response: Any, kind: str) -> dict[str, Any]:
    assert (response.status_code, response.json()["type"]) == (422, f"/problems/{kind}"), response.content
    assert list(Order.scan()) == []
    return dict(response.json())


@pytest.fixture
def no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider knows the street, and no such number."""
    street = Address("US", "Canary Street", "", "10003", "New York", "NY")
    monkeypatch.setattr(finding, "locate", lambda *_, **__: [Place(street.label, street, NEW_YORK, Precision.STREET)])


def test_an_address_that_is_found_is_verified(api: Api, restaurant: Restaurant) -> None:
    assert api.post("orders", order_request(restaurant)).status_code == 201
    (order,) = Order.scan()
    assert order.address == "12 Canary Street\nFlat 3\nNew York, NY 10003"
    assert order.destination
    assert order.destination.is_verified
    assert geo.distance_km(order.destination.position, NEW_YORK) < 0.5
    assert order.cell == geo.cell_at(*order.destination.position)


def test_what_the_provider_found_counts_more_than_what_was_confirmed(api: Api, restaurant: Restaurant) -> None:
    assert api.post("orders", order_request(restaurant, delivery=delivery(KNOWN, FAR))).status_code == 201
    (order,) = Order.scan()
    assert order.destination
    assert order.destination.is_verified
    assert geo.distance_km(order.destination.position, NEW_YORK) < 0.5


def test_an_address_in_another_city_is_refused_with_the_distance(api: Api, restaurant: Restaurant) -> None:
    for position in (None, HERE):
        problem = refused(
            api.post("orders", order_request(restaurant, delivery=delivery(CHICAGO, position))), "outside-delivery-area"
        )
        assert 1100 < problem["distance_km"] < 1200
        assert problem["radius_km"] == 3.0
        assert problem["restaurants"].endswith(f"/api/v1/restaurants?cell={problem['cell']}")
        assert "3.0\N{NO-BREAK SPACE}km" in problem["detail"]


def test_an_address_in_another_country_is_not_found(api: Api, restaurant: Restaurant) -> None:
    """“75001” is a ZIP code, too."""
    refused(api.post("orders", order_request(restaurant, delivery=delivery(RIVOLI))), "address-not-found")
    european = {**RIVOLI, "postcode": "F-75001"}
    assert api.post("orders", order_request(restaurant, delivery=delivery(european))).status_code == 400


def test_a_number_that_nobody_knows_is_ordered_to_once_its_owner_says_where_it_is(
    api: Api, restaurant: Restaurant, no_number: None
) -> None:
    body = order_request(restaurant, delivery=delivery(NO_NUMBER))
    problem = refused(api.post("orders", body), "address-not-found")
    candidate = problem["candidates"][0]
    assert "Canary Street" in candidate["label"]
    assert candidate["address"]["city"] == "New York"
    position = {name: candidate[name] for name in ("latitude", "longitude")}
    assert api.post("orders", {**body, "delivery": delivery(NO_NUMBER, position)}).status_code == 201
    (order,) = Order.scan()
    assert order.position == {**position, "is_verified": False}
    assert order.address == "9999 Canary Street\nFlat 3\nNew York, NY 10003"


def test_a_position_that_is_confirmed_far_away_is_refused(api: Api, restaurant: Restaurant, no_number: None) -> None:
    refused(api.post("orders", order_request(restaurant, delivery=delivery(NO_NUMBER, FAR))), "outside-delivery-area")


def test_while_the_provider_is_away_a_confirmed_position_is_enough(
    api: Api, restaurant: Restaurant, places_away: Any
) -> None:
    refused(api.post("orders", order_request(restaurant)), "address-not-checked")
    assert api.post("orders", order_request(restaurant, delivery=delivery(KNOWN, HERE))).status_code == 201
    (order,) = Order.scan()
    assert order.position == {**HERE, "is_verified": False}


def test_an_address_is_asked_of_this_region_in_a_body_and_stays_in_the_jurisdiction(
    api: Api, restaurant: Restaurant, places: Any
) -> None:
    api.post("orders", order_request(restaurant))
    ((region, operation, asked),) = places.asked
    assert (region, operation) == ("us-east-1", "Geocode")
    assert asked["QueryText"] == "12 Canary Street, New York, NY 10003", "nobody needs the flat to find the house"
    assert asked["Filter"] == {"IncludeCountries": ["US"]}
    (item,) = aws.client("dynamodb", "us-east-1").scan(TableName=Order.Meta.table_name)["Items"]
    near, abroad = copies_of(item, rule=rule_of(Order), topology=topology.current(), to=["us-west-2", "eu-west-1"])
    assert "12 Canary Street" in str(near.image)
    assert "Canary" not in str(abroad.image)
    assert not {"address", "cell", "position", "note"} & abroad.image.keys()


def test_a_retry_asks_nobody_where_the_address_is(
    api: Api, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = order_request(restaurant)
    placed = api.post("orders", body).json()

    def locate(*_: Any, **__: Any) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(finding, "locate", locate)
    again = api.post("orders", body)
    assert (again.status_code, again.json()["id"]) == (200, placed["id"])
    for other in (
        delivery({**KNOWN, "unit": "Flat 4"}),
        delivery(KNOWN, HERE),
        delivery({**KNOWN, "street": "13 Canary Street"}),
    ):
        assert api.post("orders", {**body, "delivery": other}).json()["type"] == "/problems/token-reused"


def test_a_post_office_box_is_no_place_for_a_courier(api: Api, restaurant: Restaurant) -> None:
    response = api.post(
        "orders", order_request(restaurant, delivery=delivery({**KNOWN, "street": "P.O. Box 12"}, HERE))
    )
    assert response.status_code == 400
    assert "P.O. box" in response.json()["errors"]["delivery"]["address"]["street"][0]


def test_a_postcode_is_taken_as_people_type_it_and_kept_as_they_write_it(
    api: Api, restaurant: Restaurant, places_away: Any
) -> None:
    typed = {**KNOWN, "postcode": " 10003 ", "region": "new york"}
    assert api.post("orders", order_request(restaurant, delivery=delivery(typed, HERE))).status_code == 201
    assert next(iter(Order.scan())).address.endswith("New York, NY 10003")


def test_what_else_is_wrong_is_said_too_and_a_pick_up_asks_for_no_address(
    api: Api, tables: None, calls: list[str], no_number: None
) -> None:
    restaurant = save_restaurant(make_restaurant(minimum_minor=5000))
    problem = refused(api.post("orders", order_request(restaurant, delivery=delivery(NO_NUMBER))), "address-not-found")
    assert len(problem["also"]) == 1
    calls.clear()
    assert api.post("orders", order_request(restaurant, delivery={"kind": "pickup"})).status_code == 201
    assert calls == ["UpdateItem", "TransactGetItems", "PutItem"]
    (order,) = Order.scan()
    assert (order.address, order.cell, order.position) == (None, None, None)
