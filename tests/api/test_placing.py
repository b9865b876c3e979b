"""Orders through the API: placed once, read with their secret, changed at home only."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog import menu_cache
from catalog.models import Availability, CatalogRecord, Restaurant
from core import clock, ids
from orders import lifecycle, settling
from orders.models import Order
from orders.status import Verb
from regions import topology
from tests.api.conftest import Api
from tests.conftest import region
from tests.factories import cell_of, kitchen_of, make_restaurant, make_token, order_request, save_restaurant


def orders_stored() -> list[Order]:
    return list(Order.scan())


def test_an_order_is_placed_with_this_region_as_its_home(api: Api, restaurant: Restaurant) -> None:
    response = api.post("orders", order_request(restaurant, tip=100))
    placed = response.json()
    assert response.status_code == 201
    assert placed["home_region"] == "us-east-1"
    assert placed["home_endpoint"] == topology.current().region_url("us-east-1")
    assert placed["status"] == "placed"
    assert (placed["subtotal"], placed["tax"], placed["total"]) == (1200, 107, 1200 + 290 + 107 + 100)
    assert response["Location"].startswith(topology.current().jurisdiction_url("na"))
    assert response["Served-By"] == "us-east-1"
    read = api.get(f"orders/us-east-1/{placed['id']}", access=placed["access"])
    assert read.json() == {name: value for name, value in placed.items() if name != "access"}
    assert "As-Of" not in read


def test_the_token_and_the_access_secret_are_not_stored(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    access = api.post("orders", body).json()["access"]
    stored = json.dumps(orders_stored()[0].to_simple_dict())
    assert body["token"].partition(".")[2] not in stored
    assert access not in stored


def test_the_same_token_and_content_is_the_same_order(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    first, again = api.post("orders", body), api.post("orders", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(orders_stored()) == 1


def test_a_repetition_is_answered_even_when_the_restaurant_has_closed(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    api.post("orders", body)
    catalog_actions.pause(restaurant.id)
    assert api.post("orders", body).status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"lines": [{"dish": "margherita", "quantity": 2, "options": ["size:small"]}]},
        {"contact": {"name": "Eve", "phone": "+1 212 555 0199"}},
        {"note": "ring twice"},
        {"tip": 1},
    ],
)
def test_the_same_token_with_other_content_is_refused(api: Api, restaurant: Restaurant, other: dict[str, Any]) -> None:
    body = order_request(restaurant)
    api.post("orders", body)
    response = api.post("orders", {**body, **other})
    assert (response.status_code, response.json()["type"]) == (409, "/problems/token-reused")
    assert len(orders_stored()) == 1


def test_a_token_sent_many_times_at_once_makes_one_order(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(lambda _: api.post("orders", body), range(20)))
    assert sorted(r.status_code for r in responses) == [200] * 19 + [201]
    assert len({r.content for r in responses}) == 1
    assert len(orders_stored()) == 1


def test_the_siblings_order_is_found_before_another_is_made(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    placed = api.post("orders", body).json()
    with region("us-west-2"):
        again = api.post("orders", body)
    assert again.status_code == 200
    assert (again.json()["home_region"], again.json()["id"]) == ("us-east-1", placed["id"])


def test_of_twins_the_one_that_goes_on_answers_a_repetition(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant)
    api.post("orders", body)
    (given_up,) = orders_stored()
    with region("us-west-2"):
        values = given_up.attribute_values | {"key": f"us-west-2#{given_up.id}", "home": "us-west-2", "version": None}
        Order(**values).save()
    with region("us-west-2"):
        lifecycle.change(Order.get(f"us-west-2#{given_up.id}"), Verb.ACCEPT, by=kitchen_of(given_up))
    assert settling.settle_twins(given_up.id)
    assert Order.get(given_up.key).status == "duplicate"
    assert Order.get(given_up.key).twin_home == "us-west-2"
    assert settling.settle_twins(given_up.id) is None, "a second time changes nothing"
    assert api.post("orders", body).json()["home_region"] == "us-west-2"


def test_what_was_removed_can_be_placed_again_also_when_the_clock_was_set_back(
    api: Api, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = order_request(restaurant)
    first = api.post("orders", body).json()
    (removed,) = orders_stored()
    removed.bury()
    removed.save()
    earlier_ms = int(removed.version) - 5
    monkeypatch.setattr(clock, "now_ms", lambda: earlier_ms)
    again = api.post("orders", body)
    assert (again.status_code, again.json()["id"]) == (201, first["id"])
    assert int(orders_stored()[0].version) == int(removed.version) + 1


def test_a_restaurant_elsewhere_takes_orders_there(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(country="FR"))
    response = api.post("orders", order_request(restaurant))
    assert response.status_code == 421
    assert response.json()["home_endpoint"] == topology.current().jurisdiction_url("eu")
    assert "Ada" not in response.content.decode()
    assert orders_stored() == []


def test_a_total_that_is_not_todays_is_refused_with_the_new_one(api: Api, restaurant: Restaurant) -> None:
    response = api.post("orders", order_request(restaurant, agreed_total=1))
    assert (response.status_code, response.json()["type"]) == (409, "/problems/quote-changed")
    assert response.json()["total_minor"] == 1597
    assert orders_stored() == []


def test_an_order_opens_with_its_own_secret_only(api: Api, restaurant: Restaurant) -> None:
    mine = api.post("orders", order_request(restaurant)).json()
    yours = api.post("orders", order_request(restaurant)).json()
    for access in (None, "", "x" * 40, yours["access"]):
        response = api.get(f"orders/us-east-1/{mine['id']}", access=access)
        assert response.status_code == 404
        assert "Ada" not in response.content.decode()


def test_a_customer_cancels_while_nobody_has_accepted(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    cancelled = api.post(f"orders/us-east-1/{placed['id']}/cancel", {}, access=placed["access"])
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


def test_whoever_has_cancelled_and_did_not_hear_of_it_is_answered_as_the_first_time(
    api: Api, restaurant: Restaurant
) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    path, body = f"orders/us-east-1/{placed['id']}/cancel", {"reason": "Not hungry any more"}
    first = api.post(path, body, access=placed["access"])
    version = orders_stored()[0].version
    again = api.post(path, body, access=placed["access"])
    assert (again.status_code, again.json()) == (200, first.json())
    assert orders_stored()[0].version == version
    assert again.json()["history"][-1] | {"at": 0} == {
        "status": "cancelled", "at": 0, "by": "customer", "reason": "Not hungry any more",
    }  # fmt: skip
    other = api.post(path, {"reason": "Too late"}, access=placed["access"])
    assert (other.status_code, other.json()["type"]) == (409, "/problems/not-possible-now")


def test_a_cancellation_sent_many_times_at_once_is_one(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    path = f"orders/us-east-1/{placed['id']}/cancel"
    with ThreadPoolExecutor(8) as pool:
        responses = list(pool.map(lambda _: api.post(path, {}, access=placed["access"]), range(8)))
    assert [response.status_code for response in responses] == [200] * 8
    assert [entry["status"] for entry in orders_stored()[0].history] == ["placed", "cancelled"]


@pytest.mark.parametrize(
    "body",
    [
        {"minutes": 20},
        {"reason": "x" * 301},
        {"reason": "\u202ex"},
        {"reason": 1},
        {"by": "kitchen"},
        {"minutes": "2"},
        [],
    ],
)
def test_what_does_not_go_with_a_cancellation_changes_nothing(api: Api, restaurant: Restaurant, body: Any) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    response = api.post(f"orders/us-east-1/{placed['id']}/cancel", body, access=placed["access"])
    assert (response.status_code, response.json()["type"]) == (400, "/problems/invalid")
    assert orders_stored()[0].status == "placed"


def test_an_accepted_order_is_not_cancelled(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    (order,) = orders_stored()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    assert api.post(f"orders/us-east-1/{placed['id']}/cancel", {}, access=placed["access"]).status_code == 409


def test_a_guest_does_not_do_the_kitchens_work(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    response = api.post(f"orders/us-east-1/{placed['id']}/accept", {}, access=placed["access"])
    assert response.status_code == 403


def test_an_order_is_refused_outside_its_home_region(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    path = f"orders/us-east-1/{placed['id']}/cancel"
    before = orders_stored()[0].version
    with region("us-west-2"):
        near = api.post(path, {}, access=placed["access"])
    with region("eu-west-1"):
        far = api.post(path, {}, access=placed["access"])
    assert (near.status_code, near.json()["home_region"]) == (421, "us-east-1")
    assert near.json()["home_endpoint"] == topology.current().region_url("us-east-1")
    assert (far.status_code, far.json()["home_endpoint"]) == (421, topology.current().jurisdiction_url("na"))
    assert orders_stored()[0].version == before


def test_what_the_pages_and_the_api_ask_the_store(api: Api, restaurant: Restaurant, calls: list[str]) -> None:
    cell = cell_of(restaurant)
    menu_cache.forget()
    near = counted(calls, lambda: api.get("restaurants", cell=cell))
    cold = counted(calls, lambda: api.get(f"restaurants/{restaurant.id}"))
    warm = counted(calls, lambda: api.get(f"restaurants/{restaurant.id}"))
    menu_cache.forget()
    placing = counted(calls, lambda: api.post("orders", order_request(restaurant)))
    placed = api.post("orders", order_request(restaurant)).json()
    reading = counted(calls, lambda: api.get(f"orders/us-east-1/{placed['id']}", access=placed["access"]))
    assert near == ["Query", "BatchGetItem"]
    assert cold == ["Query", "BatchGetItem"]
    assert warm == ["BatchGetItem"]
    assert placing == ["UpdateItem", "Query", "TransactGetItems", "Geocode", "PutItem"]
    assert reading == ["GetItem"]


def counted(calls: list[str], ask: Any) -> list[str]:
    calls.clear()
    response = ask()
    assert response.status_code in (200, 201), response.content
    return list(calls)


def test_availability_is_said_in_any_region_and_a_catalogue_change_waits_for_the_master(
    restaurant: Restaurant, api: Api
) -> None:
    from core.errors import WrongRegion

    with region("us-west-2"):
        catalog_actions.set_sold_out(restaurant.id, "margherita", sold_out=True)
        with pytest.raises(WrongRegion, match="has to wait"):
            catalog_actions.put_restaurant(make_restaurant(name="New Name"))
    assert [record.home for record in Availability.scan()] == ["us-west-2"]
    response = api.post("orders", order_request(restaurant))
    assert (response.status_code, response.json()["type"]) == (422, "/problems/sold-out")


def test_a_removed_restaurant_is_gone(restaurant: Restaurant, api: Api) -> None:
    row = CatalogRecord.get(restaurant.pk, "profile")
    row.bury()
    row.save()
    menu_cache.forget()
    assert api.get(f"restaurants/{restaurant.id}").status_code == 404


@pytest.mark.parametrize(
    ("age_seconds", "kind", "title"),
    [
        (ids.TOKEN_MAX_AGE_SECONDS + 60, "stale-token", "too old"),
        (-ids.TOKEN_MAX_SKEW_SECONDS - 60, "token-from-the-future", "from the future"),
    ],
)
def test_a_token_that_is_out_of_time_is_refused(
    api: Api, restaurant: Restaurant, age_seconds: int, kind: str, title: str
) -> None:
    response = api.post("orders", order_request(restaurant, token=make_token(age_seconds=age_seconds)))
    assert (response.status_code, response.json()["type"]) == (422, f"/problems/{kind}")
    assert title in response.json()["title"]
    assert orders_stored() == []


def test_a_token_that_has_grown_old_still_leads_to_its_order(
    api: Api, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer was lost, and the customer tries again when the token's time is just over."""
    body = order_request(restaurant)
    placed = api.post("orders", body).json()
    now_ms = clock.now_ms() + (ids.TOKEN_MAX_AGE_SECONDS + 60) * 1000
    monkeypatch.setattr(clock, "now_ms", lambda: now_ms)
    again = api.post("orders", body)
    assert (again.status_code, again.json()["id"]) == (200, placed["id"])
    other = api.post("orders", {**body, "note": "no onions"})
    assert (other.status_code, other.json()["type"]) == (409, "/problems/token-reused")
    assert len(orders_stored()) == 1
