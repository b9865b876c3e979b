"""ETags: who has it already is told so, and never sees an order go back."""

from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog.models import Restaurant
from orders import lifecycle
from orders.models import Order
from orders.reading import Sight
from orders.status import Verb
from tests.api.conftest import Api
from tests.api.test_placing import counted
from tests.factories import cell_of, kitchen_of, order_request


def ask(api: Api, path: str, etag: str | None = None, access: str | None = None, **query: Any) -> Any:
    headers = {"If-None-Match": etag} if etag else {}
    headers |= {"Authorization": f"Bearer {access}"} if access else {}
    return api.client.get(f"/api/v1/{path}", query, headers=headers, HTTP_HOST="foodforthought.localhost:8000")


def listing_of(restaurant: Restaurant) -> dict[str, str]:
    return {"cell": cell_of(restaurant)}


@pytest.mark.parametrize("path", ["restaurants", "restaurants/lucette"])
def test_a_list_and_a_restaurant_are_304_until_something_changes(api: Api, restaurant: Restaurant, path: str) -> None:
    query = listing_of(restaurant) if path == "restaurants" else {}
    first = ask(api, path, **query)
    assert first["ETag"].startswith('W/"')
    assert first["Cache-Control"] == "public, max-age=5"
    same = ask(api, path, first["ETag"], **query)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    assert same["Cache-Control"] == first["Cache-Control"]
    assert ask(api, path, '"another"', **query).status_code == 200
    catalog_actions.pause(restaurant.id)
    changed = ask(api, path, first["ETag"], **query)
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_an_answer_that_is_not_right_has_no_etag(api: Api, restaurant: Restaurant) -> None:
    for path in ("restaurants", "restaurants/nobody", "orders/us-east-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P"):
        response = ask(api, path, "*")
        assert response.status_code in (400, 404)
        assert "ETag" not in response


def test_an_order_is_304_until_its_version_rises(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant))
    assert placed["Cache-Control"] == "no-store", "it holds the secret"
    path, access = f"orders/us-east-1/{placed.json()['id']}", placed.json()["access"]
    first = ask(api, path, access=access)
    assert first["ETag"] == f'W/"{int(Order.get(Order.key_of("us-east-1", placed.json()["id"])).version)}"'
    assert first["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first["Vary"]
    same = ask(api, path, first["ETag"], access)
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", first["ETag"])
    (order,) = Order.scan()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    changed = ask(api, path, first["ETag"], access)
    assert (changed.status_code, changed.json()["status"]) == (200, "accepted")
    assert changed["ETag"] != first["ETag"]


def test_whoever_has_seen_a_newer_version_is_not_shown_an_older_one(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    path, access = f"orders/us-east-1/{placed['id']}", placed["access"]
    version = int(Order.get(Order.key_of("us-east-1", placed["id"])).version)
    for tags in (f'W/"{version + 5}"', f'"{version + 5}"', f'"x", W/"{version - 1}", W/"{version + 5}"'):
        seen = ask(api, path, tags, access)
        assert (seen.status_code, seen["ETag"]) == (304, f'W/"{version + 5}"'), tags
    assert ask(api, path, f'W/"{version - 1}"', access).status_code == 200


def test_a_304_says_too_how_old_the_copy_is(api: Api, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    order = Order.get(Order.key_of("us-east-1", placed["id"]))
    monkeypatch.setattr("orders.api.views.see", lambda *_, **__: Sight(order, as_of_ms=1_700_000_000_000))
    seen = ask(api, f"orders/us-east-1/{placed['id']}", f'W/"{int(order.version) + 1}"', placed["access"])
    assert (seen.status_code, seen["As-Of"]) == (304, "2023-11-14T22:13:20.000+00:00")


@pytest.mark.parametrize("tags", ['"²"', '"-1"', '""', "garbage", '"' + "9" * 10_000 + '"', 'W/"1e99"', "\x7f"])
def test_tags_that_are_not_ours_are_passed_over(api: Api, restaurant: Restaurant, tags: str) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    assert ask(api, f"orders/us-east-1/{placed['id']}", tags, placed["access"]).status_code == 200


def test_an_etag_opens_nothing_and_costs_nothing(api: Api, restaurant: Restaurant, calls: list[str]) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    path = f"orders/us-east-1/{placed['id']}"
    assert ask(api, path, 'W/"999999999999999"', "guess").status_code == 404
    etag = ask(api, path, access=placed["access"])["ETag"]
    calls.clear()
    assert ask(api, path, etag, placed["access"]).status_code == 304
    assert calls == ["GetItem"]
    assert counted(calls, lambda: ask(api, "restaurants", **listing_of(restaurant))) == ["Query", "BatchGetItem"]
