"""An order that was placed: when it is expected, its receipt, and the same again."""

from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog import menu_cache
from catalog.models import CatalogRecord, Dish, Restaurant
from core import clock
from core.actor import SYSTEM
from foodforthought.templatetags.shown import clock_time
from orders import lifecycle
from orders.basket_cookie import COOKIE
from orders.models import Order
from orders.status import Verb
from tests.api.test_scheduled import quarter
from tests.conftest import region
from tests.factories import guest_of, kitchen_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import NA, Browser, text_of


def stored() -> Order:
    (order,) = Order.scan()
    return order


def put(*dishes: Dish) -> None:
    catalog_actions.put_menu("lucette", sections=make_restaurant().sections, dishes=list(dishes))
    menu_cache.forget()


@pytest.fixture
def path(browser: Browser, restaurant: Restaurant) -> str:
    """The page of an order of two dishes."""
    browser.add(quantity=2, **{"group-extras": "extras:olives"})
    browser.add(dish="marinara")
    return browser.order(tip="own", tip_own="1.50", note="Ring twice")


def again(browser: Browser, path: str, **values: str) -> Any:
    access = path.partition("access=")[2].partition("&")[0]
    return browser.post(path.partition("?")[0] + "again/", {"access": access, **values})


def test_an_order_for_later_says_when(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    wanted = quarter(50)
    page = browser.get(browser.order(scheduled_for=str(wanted)))
    shown = text_of(page)
    assert "The restaurant has your order for later" in shown
    assert "Arriving, as requested, at" in shown
    assert "Scheduled for" in shown


def test_a_late_order_says_whom_to_call(browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "This is running late" not in text_of(browser.get(path))
    late = int(stored().expected_at) + 11 * 60_000
    monkeypatch.setattr(clock, "now_ms", lambda: late)
    page = text_of(browser.get(path))
    assert "This is running late" in page
    assert page.count(str(stored().restaurant_phone)) >= 2


def test_the_receipt_has_what_was_sold_and_how_it_is_paid(browser: Browser, path: str) -> None:
    receipt_path = path.replace("/?", "/receipt/?")
    page = browser.get(receipt_path)
    shown = text_of(page)
    order = stored()
    for said in (order.id, "Chez Lucette", "Ada", "2 × Margherita Small, Olives", "1 × Marinara", "$26.00", "$9.50"):
        assert said in shown, said
    for said in ("Tax", "Tip $1.50", "To be paid at the door."):
        assert said in shown, said
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    for verb in (Verb.ACCEPT, Verb.FINISH, Verb.DISPATCH, Verb.DELIVER):
        lifecycle.change(order, verb, by=kitchen_of(order))
    assert "Paid at the door." in text_of(browser.get(receipt_path))
    assert browser.get(receipt_path.replace("access=", "access=x")).status_code == 404
    with region("eu-west-1"):
        assert browser.get(receipt_path, host=f"eu.{NA.partition('.')[2]}")["Location"].startswith(
            f"http://{NA}/orders/"
        )


def test_nothing_is_to_be_paid_for_a_cancelled_order(browser: Browser, path: str) -> None:
    lifecycle.change(stored(), Verb.CANCEL, by=guest_of(stored()))
    shown = text_of(browser.get(path.replace("/?", "/receipt/?")))
    assert "There is nothing to pay." in shown
    assert "To be paid" not in shown


def test_the_kitchens_minutes_and_its_reason_are_shown(browser: Browser, path: str) -> None:
    order = stored()
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order), minutes=200)
    assert order.expected_at >= order.placed_at + 200 * 60_000
    assert clock_time(order.expected_at, order.time_zone) in text_of(browser.get(path))
    lifecycle.change(order, Verb.REJECT, by=kitchen_of(order), reason="No <b>dough</b>\nleft")
    page = browser.get(path).content.decode()
    assert "No &lt;b&gt;dough&lt;/b&gt;<br>left" in page


def test_what_another_has_cancelled_is_not_cancelled_again(browser: Browser, path: str) -> None:
    order = stored()
    lifecycle.change(order, Verb.CANCEL_WITH_TWIN, by=SYSTEM)
    access = path.partition("access=")[2].partition("&")[0]
    address = path.partition("?")[0]
    assert browser.post(f"{address}cancel/", {"access": access}).status_code == 302
    assert "This order is cancelled, so “cancel” is not possible now." in text_of(browser.get(path))
    refused = browser.client.post(
        f"/api/v1{address}cancel",
        "{}",
        content_type="application/json",
        HTTP_HOST=NA,
        headers={"Authorization": f"Bearer {access}"},
    )
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/not-possible-now")
    assert stored().version == order.version


def test_the_same_again_is_a_new_basket(browser: Browser, path: str) -> None:
    assert "Order again" in text_of(browser.get(path))
    response = again(browser, path)
    assert response.status_code == 302
    assert browser.basket
    lines = [(x.choice.dish, x.choice.quantity, x.choice.options) for x in browser.basket.lines]
    assert lines == [("margherita", 2, ("extras:olives", "size:small")), ("marinara", 1, ())]
    assert "at today’s prices" in text_of(browser.get("/basket/"))
    browser.order()
    assert len({order.id for order in Order.scan()}) == 2


def test_what_cannot_be_had_again_is_said(browser: Browser, path: str) -> None:
    put(make_dish(price_minor=1300), make_dish("marinara", options=[], price_minor=950))
    catalog_actions.set_sold_out("lucette", "marinara", sold_out=True)
    again(browser, path)
    assert browser.basket
    assert [(line.choice.dish, line.seen_minor) for line in browser.basket.lines] == [("margherita", 1400)]
    shown = text_of(browser.get("/basket/"))
    assert "No longer available as ordered: Marinara." in shown
    assert "These prices have changed: Margherita." in shown


def test_what_has_other_options_today_is_not_guessed_at(browser: Browser, path: str) -> None:
    put(make_dish(options=[]), make_dish("marinara", options=[], price_minor=950))
    again(browser, path)
    assert browser.basket
    assert [line.choice.dish for line in browser.basket.lines] == ["marinara"]


def test_when_nothing_is_left_the_basket_stays_as_it_is(browser: Browser, path: str) -> None:
    put(make_dish("soup"))
    response = again(browser, path)
    assert response["Location"] == "/restaurants/lucette/"
    assert "Nothing from this order is available today" in text_of(browser.get("/restaurants/lucette/"))
    assert browser.basket is None


@pytest.mark.parametrize(("place", "said"), [("other", "dishes from another restaurant"), ("lucette", "other dishes")])
def test_another_basket_is_not_replaced_unasked(browser: Browser, path: str, place: str, said: str) -> None:
    save_restaurant(make_restaurant("other"), [make_dish(restaurant="other")])
    browser.add(place)
    before = browser.client.cookies[COOKIE].value
    asked = again(browser, path)
    assert asked.status_code == 409
    assert said in text_of(asked)
    assert browser.client.cookies[COOKIE].value == before
    assert again(browser, path, replace="yes").status_code == 302
    assert browser.basket
    assert browser.basket.count == 3
    assert again(browser, path).status_code == 302, "the same once more changes nothing"
    assert browser.basket.count == 3


def test_the_same_again_needs_the_secret_and_the_restaurant(browser: Browser, path: str) -> None:
    assert browser.post(path.partition("?")[0] + "again/", {"access": "guess"}).status_code == 404
    assert browser.get(path.replace("/?", "/again/?")).status_code == 405
    profile = CatalogRecord.get("restaurant#lucette", "profile")
    profile.bury()
    profile.save()
    menu_cache.forget()
    assert again(browser, path).status_code == 404
    assert browser.basket is None
