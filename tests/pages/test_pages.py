"""The customer's pages, with Django's client: the journey, and everything that can go wrong on it."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from catalog import actions as catalog_actions
from catalog import menu_cache, where
from catalog.models import Restaurant
from core import ids
from orders import lifecycle
from orders.basket_cookie import COOKIE
from orders.baskets import MAX_BYTES, Basket, Line, dumps, loads
from orders.errors import BasketFull
from orders.models import Order
from orders.pricing import Choice
from orders.status import Verb
from regions import topology
from tests.conftest import region
from tests.factories import NEW_YORK, cell_of, kitchen_of, make_dish, make_restaurant, make_token, save_restaurant
from tests.pages.conftest import FORM, NA, Browser, text_of


def orders_stored() -> list[Order]:
    return list(Order.scan())


def test_the_journey(browser: Browser, restaurant: Restaurant) -> None:
    home = browser.get("/")
    assert "New York" in text_of(home)
    found = browser.post("/where/", {"latitude": NEW_YORK[0], "longitude": NEW_YORK[1]})
    assert found["Location"] == f"/near/{cell_of(restaurant)}/"
    near = browser.get(found["Location"])
    assert "Chez Lucette" in text_of(near)
    assert "Margherita" in text_of(browser.get("/restaurants/lucette/"))
    assert browser.add(quantity=2)["Location"] == "/restaurants/lucette/"
    assert browser.basket
    assert browser.basket.count == 2
    basket = browser.get("/basket/")
    assert "$24.00" in text_of(basket)
    assert f'href="http://{NA}/checkout/"' in basket.content.decode()
    placed = browser.post("/checkout/", browser.checkout_form(tip="240"))
    assert placed.status_code == 302, text_of(placed)
    (order,) = orders_stored()
    assert placed["Location"].startswith(f"http://{NA}/orders/us-east-1/{order.id}/?access=")
    assert browser.basket is None
    page = browser.get(placed["Location"].removeprefix(f"http://{NA}"))
    assert "Thank you" in text_of(page)
    assert "$31.43" in text_of(page)  # 24.00 + 2.90 + 2.13 tax + 2.40 tip
    assert page["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert (
        f'action="http://us-east-1.{settings.COOKIE_DOMAIN}:8000/orders/us-east-1/{order.id}/cancel/"'
        in page.content.decode()
    )


def test_coordinates_are_in_no_address(browser: Browser, tables: None) -> None:
    response = browser.post("/where/", {"latitude": "40.73061", "longitude": "-73.98661"})
    assert "40.7" not in response["Location"]
    asked = browser.client.get("/where/", {"latitude": "40.7", "longitude": "-73.9"}, HTTP_HOST=NA)
    assert asked.status_code == 200  # the form, empty
    assert 'value="40.7"' not in asked.content.decode()


@pytest.mark.parametrize(("latitude", "longitude"), [("91", "0"), ("nan", "0"), ("", ""), ("x", "y"), ("0", "181")])
def test_a_place_that_is_none(browser: Browser, latitude: str, longitude: str) -> None:
    response = browser.post("/where/", {"latitude": latitude, "longitude": longitude})
    assert response.status_code == 400
    assert "is-invalid" in response.content.decode()


def test_the_order_page_shows_each_step(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    url = browser.post("/checkout/", browser.checkout_form())["Location"].removeprefix(f"http://{NA}")
    (order,) = orders_stored()
    for verb in (Verb.ACCEPT, Verb.PREPARE, Verb.FINISH, Verb.DISPATCH):
        lifecycle.change(order, verb, by=kitchen_of(order))
    assert text_of(browser.get(url)).count("On the way") == 1
    live = browser.client.get(url, HTTP_HOST=NA, headers={"HX-Request": "true"})
    assert live.status_code == 200
    assert "<html" not in live.content.decode()
    lifecycle.change(order, Verb.DELIVER, by=kitchen_of(order))
    assert browser.client.get(url, HTTP_HOST=NA, headers={"HX-Request": "true"}).status_code == 286
    assert "Cancel the order" not in text_of(browser.get(url))


def test_a_customer_cancels_at_the_home(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.post("/checkout/", form := browser.checkout_form())
    (order,) = orders_stored()
    access = ids.access_secret_from(form["token"])
    assert browser.post(f"/orders/us-east-1/{order.id}/cancel/", {"access": "guess"}).status_code == 404
    with region("us-west-2"):
        elsewhere = browser.post(f"/orders/us-east-1/{order.id}/cancel/", {"access": access})
    assert elsewhere.status_code == 421
    assert (
        f'action="http://us-east-1.{settings.COOKIE_DOMAIN}:8000/orders/us-east-1/{order.id}/cancel/"'
        in elsewhere.content.decode()
    )
    assert orders_stored()[0].status == "placed"
    done = browser.post(f"/orders/us-east-1/{order.id}/cancel/", {"access": access})
    assert done.status_code == 302
    assert orders_stored()[0].status == "cancelled"
    version = orders_stored()[0].version
    again = browser.post(f"/orders/us-east-1/{order.id}/cancel/", {"access": access})
    assert again["Location"] == done["Location"]
    assert "cannot be changed" not in text_of(browser.get(again["Location"].removeprefix(f"http://{NA}")))
    assert orders_stored()[0].version == version


def test_a_double_click_and_the_back_button_lead_to_the_same_order(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    form = browser.checkout_form()
    first = browser.post("/checkout/", form)
    again = browser.post("/checkout/", form)
    assert first["Location"] == again["Location"]
    assert len(orders_stored()) == 1
    assert browser.post("/checkout/", {**form, "token": make_token()})["Location"] == "/basket/"


def test_a_basket_is_for_one_restaurant_and_nothing_is_lost_silently(browser: Browser, restaurant: Restaurant) -> None:
    save_restaurant(make_restaurant("other", name="Other Place"), [make_dish(restaurant="other")])
    browser.add()
    asked = browser.add("other")
    assert asked.status_code == 409
    assert "Chez Lucette" in text_of(asked)
    assert browser.basket
    assert browser.basket.restaurant == "lucette"
    assert browser.add("other", replace="yes").status_code == 302
    assert browser.basket.restaurant == "other"


def test_quantities_are_changed_and_lines_removed(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.add(dish="marinara")
    assert browser.basket
    first = browser.basket.lines[0].key
    browser.post("/basket/lines/", {"line": first, "quantity": 7})
    assert [line.choice.quantity for line in browser.basket.lines] == [7, 1]
    for bad in (
        {"line": first, "quantity": -1},
        {"line": first, "quantity": 10**9},
        {"line": "x", "quantity": "y"},
        {},
    ):
        browser.post("/basket/lines/", bad)
        assert [line.choice.quantity for line in browser.basket.lines] == [7, 1]
    for _ in range(2):  # a double click takes one line out, not its neighbour too
        browser.post("/basket/lines/", {"line": first, "quantity": 0})
        assert [line.choice.dish for line in browser.basket.lines] == ["marinara"]


@pytest.mark.parametrize("quantity", ["0", "-1", str(10**9), "", "two", "1.5"])
def test_a_quantity_that_is_none(browser: Browser, restaurant: Restaurant, quantity: str) -> None:
    response = browser.add(quantity=quantity)
    assert response.status_code == 422
    assert 'id="quantity-error"' in response.content.decode()
    assert browser.basket is None


@pytest.mark.parametrize(
    "options", [{"group-size": ""}, {"group-size": "size:huge"}, {"group-extras": ["extras:olives"] * 3}]
)
def test_options_that_do_not_fit(browser: Browser, restaurant: Restaurant, options: dict[str, Any]) -> None:
    response = browser.add(**options)
    assert response.status_code in (302, 422)
    if response.status_code == 302:  # the same box sent three times is one choice
        assert browser.basket
        assert browser.basket.lines[0].choice.options == ("extras:olives", "size:small")


def test_a_basket_that_somebody_has_changed_is_said_and_emptied(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.client.cookies[COOKIE] = browser.client.cookies[COOKIE].value[:-3] + "abc"
    response = browser.get("/basket/")
    assert response.status_code == 400
    assert "could not be read" in text_of(response)
    assert browser.client.cookies[COOKIE].value == ""
    assert "Your basket is empty" in text_of(browser.get("/basket/"))


def test_a_basket_too_large_for_its_cookie_refuses_aloud() -> None:
    basket = Basket("r", make_token())
    with pytest.raises(BasketFull):
        for number in range(1000):
            choice = Choice(ids.fingerprint(str(number)), 1, (ids.fingerprint(f"o{number}"),))
            basket = basket.add(Line(choice, 100))
            assert len(dumps(basket)) <= MAX_BYTES
    assert loads(dumps(basket.change(basket.lines[-1].key, quantity=0)))


def test_what_sold_out_is_said_before_anything_is_taken(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    form = browser.checkout_form()
    catalog_actions.set_sold_out("lucette", "margherita", sold_out=True)
    page = browser.post("/checkout/", {**form, "name": "Ada Kept"})
    assert page.status_code == 422
    assert "is sold out at" in text_of(page)
    assert 'value="Ada Kept"' in page.content.decode()
    assert orders_stored() == []
    assert "is sold out at" in text_of(browser.get("/basket/"))
    assert browser.add().status_code == 422


def test_a_changed_price_is_shown_once_and_has_to_be_agreed_to(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    form = browser.checkout_form()
    catalog_actions.put_menu("lucette", sections=restaurant.sections, dishes=[make_dish(price_minor=1300)])
    menu_cache.forget()
    page = browser.post("/checkout/", form)
    assert page.status_code == 409
    assert "is now $13.00, was $12.00" in text_of(page)
    assert orders_stored() == []
    assert "was $12.00" not in text_of(browser.get("/checkout/"))
    assert browser.post("/checkout/", browser.checkout_form()).status_code == 302


@pytest.mark.parametrize(
    ("opening_hours", "words"),
    [
        ('Mo-Su 11:00-23:00 "last order 22:30"', "daily 11:00–23:00 (last order 22:30)"),
        (
            "Mo-Fr 17:00-22:00; Sa 18:00-22:00; PH off",
            "Mon–Fri 17:00–22:00, Sat 18:00–22:00, closed on public holidays",
        ),
        ("Apr-Sep 11:00-23:00", "April–September: 11:00–23:00"),
    ],
)
def test_what_a_week_does_not_show_of_the_hours_is_said_beside_it(
    browser: Browser, tables: None, opening_hours: str, words: str
) -> None:
    save_restaurant(make_restaurant(opening_hours=opening_hours))
    assert words in text_of(browser.get("/restaurants/lucette/"))


def test_where_the_week_shows_all_of_the_hours_nothing_is_said_beside_it(browser: Browser, tables: None) -> None:
    save_restaurant(make_restaurant(opening_hours="Mo-Fr 17:00-22:00; Sa 18:00-22:00"))
    assert "Mon–Fri" not in text_of(browser.get("/restaurants/lucette/"))


def test_a_closed_restaurant_and_a_place_too_far_are_both_said(browser: Browser, tables: None) -> None:
    save_restaurant(make_restaurant(opening_hours="2099 Mo-Su 10:00-12:00"))
    browser.client.cookies[where.COOKIE] = cell_of(make_restaurant(country="FR"))
    browser.add()
    page = text_of(browser.get("/checkout/?kind=delivery"))
    assert "is closed right now" in page
    assert "does not deliver to this place" in page
    assert browser.post("/checkout/", browser.checkout_form()).status_code == 422
    assert orders_stored() == []


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "Ada\x07"},
        {"phone": "call me"},
        {"street": ""},
        {"street": "\u3164"},
        {"city": "x" * 61},
        {"postcode": "SW1A 1AA"},
        {"note": "x" * 301},
        {"tip": "own"},
        {"tip": "own", "tip_own": "-1"},
        {"tip": "own", "tip_own": "1e9"},
        {"tip": "lots"},
        {"tip": "999999"},
        {"kind": "drone"},
        {"agreed": "-1"},
        {"agreed": "free"},
    ],
)
def test_a_checkout_that_is_not_right_keeps_what_was_typed(
    browser: Browser, restaurant: Restaurant, values: dict[str, str]
) -> None:
    browser.add()
    page = browser.post("/checkout/", {**browser.checkout_form(), "note": "kept", **values})
    assert page.status_code in (409, 422)
    assert "notice-error" in page.content.decode()
    if "note" not in values:
        assert "kept</textarea>" in page.content.decode()
    assert orders_stored() == []
    assert browser.basket


def test_a_price_from_the_client_changes_nothing(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    assert browser.post("/checkout/", {**browser.checkout_form(), "agreed": "1"}).status_code == 409
    browser.post("/checkout/", {**browser.checkout_form(), "price_minor": "1", "total": "1"})
    assert orders_stored()[0].subtotal_minor == 1200


def test_a_basket_with_a_stale_token_is_kept_under_a_new_one(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    assert browser.basket
    stale = Basket("lucette", make_token(age_seconds=ids.TOKEN_MAX_AGE_SECONDS + 60), browser.basket.lines)
    browser.client.cookies[COOKIE] = dumps(stale)
    page = browser.post("/checkout/", browser.checkout_form())
    assert page.status_code == 422
    assert "too old" in text_of(page)
    assert browser.post("/checkout/", browser.checkout_form()).status_code == 302


def test_a_checkout_elsewhere_is_refused_without_what_was_typed(browser: Browser, tables: None) -> None:
    save_restaurant()
    browser.add()
    # The restaurant moves to another part of the world while the basket is kept.
    save_restaurant(make_restaurant(country="FR"))
    menu_cache.forget()
    eu = topology.current().jurisdiction_url("eu")
    assert f'href="{eu}/checkout/"' in browser.get("/checkout/").content.decode()
    page = browser.post("/checkout/", {**FORM, "agreed": "1", "token": make_token(), "name": "Canary Name"})
    assert page.status_code == 421
    assert f'href="{eu}/checkout/"' in page.content.decode()
    assert "Canary" not in page.content.decode()
    assert orders_stored() == []


def test_an_order_of_another_part_of_the_world_is_shown_there(browser: Browser, tables: None) -> None:
    response = browser.get("/orders/eu-west-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/?access=x")
    wanted = f"{topology.current().jurisdiction_url('eu')}/orders/eu-west-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/?access=x"
    assert response["Location"] == wanted
    # What else is in the address goes nowhere, and names nothing of ours.
    odd = browser.get("/orders/eu-west-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/?access=x&home=1&order_id=2&page=basket")
    assert odd["Location"] == wanted


@pytest.mark.parametrize(
    "path",
    [
        "/restaurants/nobody/",
        "/restaurants/lucette/dishes/caviar/",
        "/orders/us-east-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/",
        "/orders/mars-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/",
        "/x",
    ],
)
def test_unknown_addresses_get_a_page_that_helps(browser: Browser, restaurant: Restaurant, path: str) -> None:
    response = browser.get(path)
    assert response.status_code == 404
    assert "Home page" in text_of(response)


def test_a_form_without_its_csrf_token_is_refused(restaurant: Restaurant) -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in (
        "/where/",
        "/restaurants/lucette/dishes/margherita/",
        "/basket/lines/",
        "/checkout/",
        "/orders/us-east-1/01JDF3QK8Z7Y6X5W4V3T2S1R0P/cancel/",
    ):
        assert strict.post(path, {}, HTTP_HOST=NA).status_code == 403, path


def test_every_page_forbids_foreign_scripts_and_says_who_served_it(browser: Browser, restaurant: Restaurant) -> None:
    for path in ("/", "/restaurants/lucette/", "/basket/", "/x"):
        response = browser.get(path)
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in response["Content-Security-Policy"]
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert response["Served-By"] == "us-east-1"
        assert not re.search(r"<script(?![^>]*(src=|ld\+json))|\sstyle=|\son\w+=", response.content.decode())


def test_what_pages_ask_of_the_store(browser: Browser, restaurant: Restaurant, calls: list[str]) -> None:
    menu_cache.forget()
    asked = {}
    browser.add()
    form = browser.checkout_form()
    for name, ask in {
        "near": lambda: browser.get(f"/near/{cell_of(restaurant)}/"),
        "menu": lambda: (menu_cache.forget(), browser.get("/restaurants/lucette/")),
        "warm menu": lambda: browser.get("/restaurants/lucette/"),
        "placing": lambda: (menu_cache.forget(), browser.post("/checkout/", form)),
    }.items():
        calls.clear()
        ask()
        asked[name] = list(calls)
    (order,) = orders_stored()
    calls.clear()
    browser.get(f"/orders/us-east-1/{order.id}/?access={ids.access_secret_from(form['token'])}")
    asked["order"] = list(calls)
    assert asked == {
        "near": ["Query", "BatchGetItem"],
        "menu": ["Query", "BatchGetItem"],
        "warm menu": ["BatchGetItem"],
        "placing": ["Query", "TransactGetItems", "Geocode", "PutItem"],
        "order": ["GetItem"],
    }


def test_markup_in_a_name_is_shown_as_text(browser: Browser, tables: None) -> None:
    save_restaurant(
        make_restaurant(name="<script>alert(1)</script>"), [make_dish(name='"><img src=x onerror=alert(1)>')]
    )
    page = browser.get("/restaurants/lucette/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
