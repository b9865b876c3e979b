"""Orders for later, through the API."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog import actions as catalog_actions
from catalog.models import Restaurant
from core import clock
from orders.models import Order
from tests.api.conftest import Api
from tests.factories import make_restaurant, make_token, order_request, save_restaurant

QUARTER_MS = 15 * 60_000


def quarter(hours: float) -> int:
    """A quarter of an hour about so many hours from now, in milliseconds."""
    return (clock.now_ms() + round(hours * 3_600_000)) // QUARTER_MS * QUARTER_MS


def test_an_order_for_later_is_kept_and_expected_then(api: Api, restaurant: Restaurant) -> None:
    wanted = quarter(30)
    response = api.post("orders", order_request(restaurant, scheduled_for=wanted))
    assert response.status_code == 201, response.content
    assert (response.json()["scheduled_for"], response.json()["expected_at"]) == (wanted, wanted)
    (order,) = Order.scan()
    assert order.scheduled_for == order.expected_at == wanted


def test_an_order_for_now_says_so(api: Api, restaurant: Restaurant) -> None:
    placed = api.post("orders", order_request(restaurant)).json()
    assert placed["scheduled_for"] is None
    assert placed["expected_at"] == placed["placed_at"] + 35 * 60_000


def test_another_time_is_another_order(api: Api, restaurant: Restaurant) -> None:
    body = order_request(restaurant, scheduled_for=quarter(30))
    assert [api.post("orders", body).status_code for _ in range(2)] == [201, 200]
    for other in ({"scheduled_for": quarter(31)}, {}):
        response = api.post("orders", {key: v for key, v in body.items() if key != "scheduled_for"} | other)
        assert (response.status_code, response.json()["type"]) == (409, "/problems/token-reused")
    assert len(list(Order.scan())) == 1


@pytest.mark.parametrize(
    ("wanted", "status", "problem"),
    [
        (lambda: quarter(-30), 422, "time-not-offered"),
        (lambda: quarter(0), 422, "time-not-offered"),
        (lambda: quarter(30) + 60_000, 422, "time-not-offered"),
        (lambda: quarter(30) + 1, 422, "time-not-offered"),
        (lambda: quarter(24 * 8), 422, "time-not-offered"),
        (lambda: quarter(24 * 3650), 422, "time-not-offered"),
        (lambda: 0, 422, "time-not-offered"),
        (lambda: -1, 400, "invalid"),
        (lambda: 10**14, 400, "invalid"),
        (lambda: 1.5, 400, "invalid"),
        (lambda: True, 400, "invalid"),
        (lambda: "2026-11-24T18:00", 400, "invalid"),
        (lambda: None, 400, "invalid"),
    ],
)
def test_a_time_that_is_none(api: Api, restaurant: Restaurant, wanted: Any, status: int, problem: str) -> None:
    response = api.post("orders", order_request(restaurant, scheduled_for=wanted()))
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{problem}"), response.content
    if status == 422:
        offered = response.json()["slots"]
        assert api.post("orders", order_request(restaurant, scheduled_for=offered[0])).status_code == 201
    else:
        assert "scheduled_for" in response.json()["errors"]


def closed_now(**values: Any) -> Restaurant:
    """Open around the clock, but not yesterday, today and tomorrow, wherever that is."""
    today = clock.now().date()
    days = [(today + timedelta(days=n)).strftime("%b %d") for n in (-1, 0, 1)]
    return save_restaurant(make_restaurant(opening_hours="24/7; " + "; ".join(f"{day} off" for day in days), **values))


def closing_in(minutes: int, **values: Any) -> Restaurant:
    """Open since two hours ago, every day. It needs 20 minutes, 15 more to deliver."""
    begin, end = (clock.now() + timedelta(minutes=m) for m in (-120, minutes))
    opening_hours = f"{begin:%H:%M}-{end:%H:%M}"
    return save_restaurant(make_restaurant(opening_hours=opening_hours, time_zone="Etc/UTC", **values))


def test_a_restaurant_that_closes_before_the_food_is_there_says_so(api: Api, tables: None) -> None:
    restaurant = closing_in(30)
    refused = api.post("orders", order_request(restaurant))
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/closes-too-soon"), refused.content
    assert "too soon for an order that takes about 35 minutes" in refused.json()["detail"]
    assert "The next time is" in refused.json()["detail"]
    first = refused.json()["slots"][0]
    assert first == api.get(f"restaurants/{restaurant.id}/slots", kind="delivery").json()["slots"][0]
    assert api.post("orders", order_request(restaurant, scheduled_for=first)).status_code == 201
    picked_up = order_request(restaurant, token=make_token(), delivery={"kind": "pickup"})
    assert api.post("orders", picked_up).status_code == 201, "picked up, it is ready in time"


def test_a_closed_restaurant_takes_orders_for_when_it_is_open(api: Api, tables: None) -> None:
    restaurant = closed_now()
    refused = api.post("orders", order_request(restaurant)).json()
    assert refused["type"] == "/problems/restaurant-closed"
    first = datetime.fromtimestamp(refused["slots"][0] / 1000, ZoneInfo(restaurant.time_zone))
    assert f"{first:%H:%M}" == "00:45", "midnight, 20 minutes to make it and 15 to bring it"
    assert api.post("orders", order_request(restaurant, scheduled_for=quarter(1))).status_code == 422
    placed = api.post("orders", order_request(restaurant, scheduled_for=refused["slots"][0]))
    assert placed.status_code == 201, placed.content


def test_a_paused_kitchen_takes_orders_for_after_the_pause(api: Api, restaurant: Restaurant) -> None:
    catalog_actions.pause(restaurant.id)
    refused = api.post("orders", order_request(restaurant)).json()
    assert refused["type"] == "/problems/kitchen-paused"
    assert refused["slots"][0] >= clock.now_ms() + 119 * 60_000
    assert api.post("orders", order_request(restaurant, scheduled_for=quarter(1.5))).status_code == 422
    assert api.post("orders", order_request(restaurant, scheduled_for=refused["slots"][0])).status_code == 201


def test_a_restaurant_without_hours_takes_no_orders_for_later(api: Api, tables: None) -> None:
    restaurant = save_restaurant(make_restaurant(opening_hours=None, opening_hours_text="call us"))
    refused = api.post("orders", order_request(restaurant, scheduled_for=quarter(30)))
    assert (refused.status_code, refused.json()["slots"]) == (422, [])
    assert api.get(f"restaurants/{restaurant.id}/slots", kind="pickup").json()["slots"] == []


def test_the_slots_of_a_restaurant_are_told(api: Api, restaurant: Restaurant) -> None:
    told = api.get(f"restaurants/{restaurant.id}/slots", kind="delivery").json()
    assert told["time_zone"] == "America/New_York"
    # Today and six days: late in the evening there is nothing today, and less tomorrow by what the kitchen takes.
    assert 6 * 96 - 8 < len(told["slots"]) < 7 * 96 + 4
    assert told["slots"] == sorted(told["slots"])
    body = order_request(restaurant, token=make_token(), scheduled_for=told["slots"][-1])
    assert api.post("orders", body).status_code == 201
    assert api.get(f"restaurants/{restaurant.id}/slots").status_code == 400
    assert api.get(f"restaurants/{restaurant.id}/slots", kind="drone").status_code == 400
    assert api.get("restaurants/nobody/slots", kind="pickup").status_code == 404
