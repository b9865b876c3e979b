"""The checkout: when the food is wanted, what it costs, and errors beside the fields with nothing typed lost."""

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog import menu_cache, where
from catalog.hours_rules import DAYS
from catalog.models import CatalogRecord, Restaurant
from core import clock
from orders.basket_cookie import COOKIE
from orders.baskets import Basket, Line, dumps
from orders.models import Order
from orders.pricing import Choice
from tests.api.conftest import Api
from tests.api.test_scheduled import closed_now, closing_in, quarter
from tests.factories import cell_of, make_dish, make_restaurant, make_token, order_request, save_restaurant
from tests.pages.conftest import Browser, text_of


def stored() -> list[Order]:
    return list(Order.scan())


class Select(HTMLParser):
    """The times of the page: what is offered, and what is chosen."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.values: list[str] = []
        self.days: list[str] = []
        self.chosen: str | None = None
        self.inside = False
        self.feed(page.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.inside = self.inside or said.get("id") == "id_scheduled_for"
        if self.inside and tag == "optgroup":
            self.days.append(said["label"] or "")
        if self.inside and tag == "option":
            self.values.append(said["value"] or "")
            self.chosen = said["value"] if "selected" in said else self.chosen

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "select"


def test_as_soon_as_possible_is_what_the_page_begins_with(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    page = browser.get("/checkout/?kind=delivery")
    times = Select(page)
    assert (times.chosen, times.values[0]) == ("", "")
    assert len(times.days) in (6, 7)
    assert "in about 35 minutes" in text_of(page)
    browser.order()
    assert stored()[0].scheduled_for is None


def test_an_order_for_later_is_placed_and_shown(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    wanted = quarter(30)
    path = browser.order(scheduled_for=str(wanted))
    (order,) = stored()
    assert order.scheduled_for == order.expected_at == wanted
    assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        lambda: "choose",
        lambda: "soon",
        lambda: "-1",
        lambda: "9" * 30,
        lambda: str(quarter(30) + 1),
        lambda: str(quarter(-2)),
        lambda: str(quarter(0)),
        lambda: str(quarter(24 * 3650)),
        lambda: "0",
    ],
)
def test_a_time_that_is_none_is_said_beside_it_and_has_to_be_chosen_again(
    browser: Browser, restaurant: Restaurant, wanted: Any
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(scheduled_for=wanted(), note="kept"))
    assert page.status_code == 422
    html = page.content.decode()
    assert 'id="id_scheduled_for_error"' in html
    assert 'aria-describedby="id_scheduled_for_error when-hint"' in html
    assert "kept</textarea>" in html
    assert Select(page).chosen == "choose", "sending it again does not order for another time by itself"
    assert stored() == []


def test_a_closed_restaurant_is_ordered_from_for_when_it_opens(browser: Browser, tables: None) -> None:
    restaurant = closed_now()
    browser.client.cookies[where.COOKIE] = cell_of(restaurant)
    browser.add()
    page = browser.get("/checkout/?kind=delivery")
    times = Select(page)
    assert "is closed right now" in text_of(page)
    assert "" not in times.values, "as soon as possible is not offered"
    assert times.chosen == times.values[0]
    assert "disabled" not in page.content.decode()
    refused = browser.post("/checkout/", browser.checkout_form())
    assert refused.status_code == 422
    assert Select(refused).chosen == "choose"
    browser.order(scheduled_for=times.chosen)
    assert stored()[0].scheduled_for == int(times.chosen or 0)


def test_a_restaurant_that_closes_too_soon_is_ordered_from_for_later(browser: Browser, tables: None) -> None:
    browser.client.cookies[where.COOKIE] = cell_of(closing_in(30))
    browser.add()
    page = browser.get("/checkout/?kind=delivery")
    assert "too soon for an order that takes about 35 minutes" in text_of(page)
    assert "" not in Select(page).values, "as soon as possible is not offered"
    assert "" in Select(browser.get("/checkout/?kind=pickup")).values
    refused = browser.post("/checkout/", browser.checkout_form())
    assert (refused.status_code, Select(refused).chosen) == (422, "choose")
    browser.order(scheduled_for=Select(page).chosen)
    assert stored()[0].scheduled_for == int(Select(page).chosen or 0)


def test_the_basket_says_that_the_restaurant_closes_too_soon_to_pick_anything_up(
    browser: Browser, tables: None
) -> None:
    closing_in(15)
    browser.add()
    assert "too soon for an order that takes about 20 minutes" in text_of(browser.get("/basket/"))


def add_what_is_served_later_only(browser: Browser) -> None:
    """Put into the basket while it was served, looked at when it is not any more."""
    another_day = DAYS[(clock.now().weekday() - 3) % 7]
    save_restaurant(dishes=[make_dish(), make_dish("lunch", options=[], price_minor=950)])
    browser.add()
    browser.add(dish="lunch")
    dishes = [make_dish(), make_dish("lunch", options=[], price_minor=950, served=f"{another_day} 11:00-14:00")]
    catalog_actions.put_menu("lucette", sections=make_restaurant().sections, dishes=dishes)
    menu_cache.forget()


def test_what_is_served_later_only_is_ordered_for_later(browser: Browser, tables: None) -> None:
    add_what_is_served_later_only(browser)
    page = browser.get("/checkout/?kind=pickup")
    times = Select(page)
    assert "is served" in text_of(page)
    assert "$21.50" in text_of(page), "for later, all of it can be had"
    assert len(times.values) == 12
    browser.order(kind="pickup", scheduled_for=times.chosen)
    assert [line["dish"] for line in stored()[0].lines] == ["margherita", "lunch"]


def test_a_tip_is_measured_by_the_sums_that_are_shown(browser: Browser, tables: None) -> None:
    add_what_is_served_later_only(browser)
    form = browser.checkout_form(kind="pickup", tip="own", tip_own="20.00", update="1")
    page = browser.post("/checkout/", form)
    assert "$21.50" in text_of(page)
    assert "field-error" not in page.content.decode()
    assert 'id="id_tip_own_error"' in browser.post("/checkout/", {**form, "tip_own": "22.00"}).content.decode()


def test_a_form_whose_restaurant_has_gone_leads_to_the_basket_that_says_so(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    form = browser.checkout_form()
    profile = CatalogRecord.get(restaurant.pk, "profile")
    profile.bury()
    profile.save()
    menu_cache.forget()
    assert browser.post("/checkout/", form)["Location"] == "/basket/"
    assert browser.post("/checkout/", {**form, "update": "1"})["Location"] == "/basket/"
    assert stored() == []


def test_a_restaurant_that_is_never_open_is_not_ordered_from(browser: Browser, tables: None) -> None:
    save_restaurant(make_restaurant(opening_hours="2099 Mo-Su 10:00-12:00"))
    browser.add()
    page = browser.get("/checkout/?kind=pickup")
    assert "is closed right now" in text_of(page)
    assert "disabled" in page.content.decode()


def test_the_total_with_a_tip_is_shown_before_anything_is_ordered(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    form = browser.checkout_form(kind="pickup", tip="120", name="", note="half typed", update="1")
    page = browser.post("/checkout/", form)
    assert page.status_code == 200
    assert "Order for $14.27, tip included" in text_of(page)
    assert "half typed</textarea>" in page.content.decode()
    assert "field-error" not in page.content.decode(), "what is not typed yet is not complained about"
    assert stored() == []
    own = browser.post("/checkout/", {**form, "tip": "own", "tip_own": "2,50"})
    assert "Order for $15.57, tip included" in text_of(own)
    assert "field-error" not in browser.post("/checkout/", {**form, "tip": "own", "tip_own": ""}).content.decode()
    too_much = browser.post("/checkout/", {**form, "tip": "own", "tip_own": "500"})
    assert 'id="id_tip_own_error">A tip can be' in too_much.content.decode()


def test_the_store_is_asked_no_more_than_by_the_api(browser: Browser, restaurant: Restaurant, calls: list[str]) -> None:
    """The page is made only to be shown: an order needs no look at the basket before it."""
    browser.add()
    form = browser.checkout_form()
    calls.clear()
    assert browser.post("/checkout/", {**form, "update": "1"}).status_code == 200
    assert calls == ["BatchGetItem"], "the menu is remembered"
    calls.clear()
    assert browser.post("/checkout/", form).status_code == 302
    by_page = list(calls)
    calls.clear()
    assert Api().post("orders", order_request(restaurant)).status_code == 201
    assert by_page == ["TransactGetItems", "Geocode", "PutItem"]
    assert calls == ["UpdateItem", *by_page], "the API counts its callers' requests"


def test_changing_to_pick_up_keeps_what_was_typed_and_shows_the_other_total(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    form = browser.checkout_form(name="Ada Kept", street="1 Main St")
    page = browser.post("/checkout/", {**form, "kind": "pickup", "update": "1"})
    assert "Order for $13.07 plus tip" in text_of(page)
    for kept in ('value="Ada Kept"', 'value="1 Main St"'):
        assert kept in page.content.decode()
    # Without looking at the other total first, nothing is ordered.
    assert browser.post("/checkout/", {**form, "kind": "pickup"}).status_code == 409
    assert stored() == []


def test_the_errors_are_listed_with_links_to_their_fields(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    sent = {"name": "", "phone": "x", "street": "", "tip": "lots", "scheduled_for": "soon"}
    html = browser.post("/checkout/", browser.checkout_form(**sent)).content.decode()
    errors = html[html.index('id="errors"') : html.index("</div>", html.index('id="errors"'))]
    places = re.findall(r'href="#([^"]+)"', errors)
    assert places == ["id_name", "id_phone", "id_street", "id_scheduled_for", "tip-0"]
    assert all(f'id="{place}"' in html for place in places)
    assert "autofocus" in html[html.index('id="errors"') - 100 : html.index('id="errors"') + 60]


def test_a_time_that_passed_while_typing_is_not_ordered_for(
    browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.add()
    first = Select(browser.get("/checkout/?kind=delivery")).values[1]
    form = browser.checkout_form(scheduled_for=first)
    later = clock.now() + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    page = browser.post("/checkout/", form)
    assert page.status_code == 422
    assert "The next time is" in text_of(page)
    assert stored() == []


def test_the_most_of_a_dish_counts_over_all_its_lines(browser: Browser, restaurant: Restaurant) -> None:
    lines = (
        Line(Choice("margherita", 30, ("size:small",)), 1200),
        Line(Choice("margherita", 21, ("size:large",)), 1500),
    )
    browser.client.cookies[COOKIE] = dumps(Basket(restaurant.id, make_token(), lines))  # as a basket of before may be
    page = browser.post("/checkout/", browser.checkout_form())
    assert page.status_code == 422
    assert "“Margherita”: an order has at most 50 of a dish, not 51." in text_of(page)
    assert list(Order.scan()) == []
