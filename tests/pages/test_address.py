"""The address at the checkout: its fields, what is offered when it is not found, and what becomes of it."""

import json
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpRequest, HttpResponse, QueryDict

from catalog import where
from catalog.models import Restaurant
from core import geo
from orders import delivering
from orders.checkout import not_found
from orders.checkout.address_fields import name_of, typed_address
from orders.checkout.forms import CheckoutForm
from orders.models import Order
from places import finding
from places.addresses import Address
from places.finding import Place, Precision
from tests.factories import NEW_YORK, cell_of, make_restaurant, save_restaurant
from tests.pages.conftest import Browser, text_of

UNKNOWN = "9999 Canary Street"
CHICAGO = {"street": "12 Canary Avenue", "unit": "", "postcode": "60601", "city": "Chicago", "region": "IL"}
BOX = re.compile(r'name="position" id="id_position" value="([^"]*)"( checked)?')


def stored() -> list[Order]:
    return list(Order.scan())


def position_form(page: Any) -> dict[str, str]:
    """What a page offers to confirm, as its box would send it."""
    html = page.content.decode()
    offered, name = BOX.search(html), re.search(r'name="position_of" value="([^"]*)"', html)
    assert offered
    assert name
    return {"position": offered[1], "position_of": name[1]}


def guesses(page: Any) -> dict[str, dict[str, str]]:
    """The addresses of the page's buttons: label → the parts that it stands for."""
    found = re.findall(r'name="found" value="([^"]*)">([^<]*)<', page.content.decode())
    return {unescape(label): json.loads(unescape(parts)) for parts, label in found}


@pytest.fixture
def no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider knows the street, and no such number."""
    found(monkeypatch, place("Canary Street", Precision.STREET))


def found(monkeypatch: pytest.MonkeyPatch, *places: Place) -> None:
    monkeypatch.setattr(finding, "locate", lambda *_, **__: list(places))


def place(
    street: str, precision: Precision, *, score: float = 1.0, position: Any = NEW_YORK, city: str = "New York"
) -> Place:
    address = Address("US", street, "", "10003", city, "NY")
    return Place(address.label, address, position, precision, score)


@pytest.mark.parametrize(
    ("country", "currency", "names", "labels"),
    [
        ("US", "USD", ["street", "unit", "city", "region", "postcode"], ["State", "ZIP code"]),
        ("CA", "CAD", ["street", "unit", "city", "region", "postcode"], ["Province", "Postcode"]),
        ("MX", "MXN", ["street", "unit", "postcode", "city", "region"], ["State", "Postcode"]),
    ],
)
def test_the_fields_are_those_of_the_restaurants_country_in_the_order_of_people_there(
    browser: Browser, tables: None, country: str, currency: str, names: list[str], labels: list[str]
) -> None:
    save_restaurant(make_restaurant(country=country, currency=currency))
    browser.add()
    html = browser.get("/checkout/?kind=delivery").content.decode()
    assert [name for name in re.findall(r'name="(\w+)"', html) if name in names] == names
    assert [html.index(f">{label}") for label in labels]
    for token in ("address-line1", "address-line2", "postal-code", "address-level2", "address-level1"):
        assert f'autocomplete="{token}"' in html
    assert ("New York</option>" in html) == (country == "US")


def test_an_order_has_its_address_and_a_map_of_it(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    path = browser.order()
    (order,) = stored()
    assert order.destination
    at = f"{order.destination.latitude:.5f},{order.destination.longitude:.5f}"
    uri = f"geo:{at}?q={at}(12%20Canary%20Street%2C%20Flat%203%2C%20New%20York%2C%20NY%2010003)"
    page = browser.get(path)
    assert f'href="{uri}"' in page.content.decode()
    assert "12 Canary Street<br>Flat 3<br>New York, NY 10003" in page.content.decode()
    assert "Not verified" not in text_of(page)
    assert "12 Canary Street<br>Flat 3" in browser.get(path.replace("/?", "/receipt/?")).content.decode()


def test_an_order_of_a_release_before_is_shown_without_a_map(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    path = browser.order()
    (order,) = stored()
    for position in (None, {"latitude": "north"}, {"latitude": 1e9, "longitude": 0, "is_verified": True}, 7, "x"):
        order.update([Order.position.set(position), Order.address.set("1 Main St, Flat 3")])
        page = browser.get(path)
        assert "1 Main St, Flat 3" in text_of(page)
        assert "geo:" not in page.content.decode()
        assert "Not verified" not in text_of(page)


def test_a_form_of_the_release_before_loses_nothing(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    form = browser.checkout_form()
    for name in ("street", "unit", "postcode", "city", "region"):
        del form[name]
    page = browser.post("/checkout/", {**form, "address": "12 Canary Street\r\nFlat 3"})
    assert page.status_code == 422
    assert 'name="street" value="12 Canary Street, Flat 3"' in page.content.decode()
    assert stored() == []


def test_what_is_missing_or_wrong_is_said_beside_it(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    sent = {"street": "P.O. Box 7", "postcode": "SW1A 1AA", "city": ""}
    page = browser.post("/checkout/", browser.checkout_form(**sent))
    html = page.content.decode()
    for name in sent:
        assert f'href="#id_{name}"' in html
        assert f'id="id_{name}_error"' in html
    assert "P.O. box" in text_of(page)
    assert "such as 10118" in text_of(page)
    assert "P.O. box" not in text_of(browser.post("/checkout/", browser.checkout_form(kind="pickup", **sent)))
    assert [order.address for order in stored()] == [None]


def test_an_address_in_another_city_is_refused_with_the_distance_and_who_delivers_there(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(**CHICAGO))
    assert page.status_code == 422
    assert re.search(r"This address is 1\d\d\d\.\d km from Chez Lucette, which delivers up to 3\.0 km", text_of(page))
    assert re.search(r'href="/near/[0-9a-f]{15}/">Restaurants that deliver there', page.content.decode())
    assert 'value="12 Canary Avenue"' in page.content.decode()
    assert stored() == []
    assert browser.basket


def test_rue_de_rivoli_is_not_delivered_to_from_new_york(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(street="1 Rue de Rivoli", city="Paris", postcode="75001"))
    assert page.status_code == 422
    assert "We couldn’t find this address" in text_of(page)
    assert stored() == []


def test_a_number_that_nobody_knows_is_confirmed_and_said_to_be_not_verified(
    browser: Browser, restaurant: Restaurant, no_number: None
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(street=UNKNOWN, note="kept"))
    assert page.status_code == 422
    assert "We couldn’t find this address. Correct the address, or confirm where it is" in text_of(page)
    assert "Deliver there anyway: near Canary Street" in text_of(page)
    assert not BOX.search(page.content.decode())[2]  # type: ignore[index]
    assert "kept</textarea>" in page.content.decode()
    path = browser.order(street=UNKNOWN, **position_form(page))
    (order,) = stored()
    assert order.destination
    assert not order.destination.is_verified
    assert geo.distance_km(order.destination.position, NEW_YORK) < 0.5
    for shown in (path, path.replace("/?", "/receipt/?")):
        assert "Not verified." in text_of(browser.get(shown))


def test_a_changed_address_has_to_be_confirmed_again(browser: Browser, restaurant: Restaurant, no_number: None) -> None:
    browser.add()
    confirmed = position_form(browser.post("/checkout/", browser.checkout_form(street=UNKNOWN)))
    page = browser.post("/checkout/", browser.checkout_form(street="8888 Canary Street", **confirmed))
    assert page.status_code == 422
    assert "We couldn’t find this address" in text_of(page)
    assert position_form(page)["position_of"] != confirmed["position_of"]
    assert stored() == []
    # Another door of the same address is no other place.
    browser.order(street=UNKNOWN, unit="Flat 4", **confirmed)
    assert len(stored()) == 1


def test_what_was_confirmed_stays_confirmed_while_something_else_is_wrong(
    browser: Browser, restaurant: Restaurant, no_number: None
) -> None:
    browser.add()
    confirmed = position_form(browser.post("/checkout/", browser.checkout_form(street=UNKNOWN)))
    page = browser.post("/checkout/", browser.checkout_form(street=UNKNOWN, name="", **confirmed))
    assert position_form(page) == confirmed
    assert BOX.search(page.content.decode())[2]  # type: ignore[index]


@pytest.mark.parametrize("position", ["", "x", "91,0", "nan,0", "40.7", "1,2,3", "40.7;-73.9", "9" * 41])
def test_a_position_that_is_none_confirms_nothing(
    browser: Browser, restaurant: Restaurant, no_number: None, position: str
) -> None:
    browser.add()
    form = browser.checkout_form(street=UNKNOWN)
    page = browser.post("/checkout/", {**form, "position": position, "position_of": name_of(typed_address(form), "US")})
    assert page.status_code == 422
    assert stored() == []


def test_an_address_that_was_found_instead_is_taken_over(
    browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.add()
    misspelt = browser.checkout_form(street="12 Canry Street")
    with monkeypatch.context() as patch:
        found(
            patch,
            place("12 Canary Street", Precision.ADDRESS, score=0.8),
            place("Canary Street", Precision.STREET, score=0.7),
            place("Canary Avenue", Precision.STREET, score=0.7),
            place("", Precision.AREA),
        )
        page = browser.post("/checkout/", misspelt)
    assert guesses(page) == {
        "12 Canary Street, New York, NY 10003": {
            "street": "12 Canary Street", "postcode": "10003", "city": "New York", "region": "NY",
        },
        "12 Canary Avenue, New York, NY 10003": {
            "street": "12 Canary Avenue", "postcode": "10003", "city": "New York", "region": "NY",
        },
    }, "a street keeps the number that was typed, and what changes nothing is not offered"  # fmt: skip
    taken = json.dumps(guesses(page)["12 Canary Street, New York, NY 10003"])
    assert browser.post("/checkout/", {**misspelt, "found": taken}).status_code == 302
    (order,) = stored()
    assert order.address == "12 Canary Street\nFlat 3\nNew York, NY 10003"
    assert order.destination
    assert order.destination.is_verified


@pytest.mark.parametrize(
    ("country", "known", "typed", "offered"),
    [
        ("DE", "Straße des 17. Juni", "Strasse des 17. Juni 135", "Straße des 17. Juni 135"),
        ("DE", "Straße des 17. Juni", "Strasse des 17. Juni 17", "Straße des 17. Juni 17"),
        ("DE", "Straße des 17. Juni", "Strasse des 17. Juni", "Straße des 17. Juni"),
        ("FR", "Rue du 8 Mai 1945", "12 bis Rue du 8 mai 1945", "12 bis Rue du 8 Mai 1945"),
        ("IT", "Via 20 Settembre", "Via 20 Settembre 15", "Via 20 Settembre 15"),
        ("ES", "Calle Mayor", "Cale Mayor B-4", "Calle Mayor B-4"),
        ("US", "5th Avenue", "350 5th Avenue", "350 5th Avenue"),
        ("US", "5th Avenue", "5th Avenue", "5th Avenue"),
        ("US", "Canary Street", "12 1/2 Canry Street", "12 1/2 Canary Street"),
        ("US", "Canary Street", "12–14 Canry Street", "12–14 Canary Street"),
    ],
)  # fmt: skip
def test_a_number_in_the_name_of_a_street_is_not_that_of_the_house(
    country: str, known: str, typed: str, offered: str
) -> None:
    assert not_found._with_number({"street": known}, typed, country) == {"street": offered}


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "7", "null", "[" * 50_000, '{"street": 7}', '{"street": "\\ud800"}', '{"token": "x"}']
)
def test_a_button_that_is_none_of_ours_changes_nothing(browser: Browser, restaurant: Restaurant, text: str) -> None:
    browser.add()
    assert browser.post("/checkout/", {**browser.checkout_form(), "found": text}).status_code == 302


def test_while_the_provider_is_away_the_place_where_one_looked_can_be_confirmed(
    browser: Browser, restaurant: Restaurant, places_away: Any
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form())
    assert page.status_code == 422
    assert "Addresses can’t be checked right now" in text_of(page)
    assert "near the place where you looked for restaurants" in text_of(page)
    browser.order(**position_form(page))
    (order,) = stored()
    assert order.destination
    assert not order.destination.is_verified
    assert order.cell == cell_of(restaurant)


def test_whoever_has_looked_nowhere_has_no_place_to_confirm_without_a_browser_that_knows(
    browser: Browser, restaurant: Restaurant, places_away: Any
) -> None:
    browser.add()
    del browser.client.cookies[where.COOKIE]
    page = browser.post("/checkout/", browser.checkout_form())
    assert "Tell us where you are" in text_of(page)
    assert 'id="confirm" hidden' in page.content.decode()
    assert position_form(page)["position"] == ""


def test_a_form_that_is_sent_again_finds_its_order_while_the_provider_is_away(
    browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.add()
    basket = browser.client.cookies["basket"].value
    form = browser.checkout_form()
    first = browser.post("/checkout/", form)

    def locate(*_: Any, **__: Any) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(finding, "locate", locate)
    browser.client.cookies["basket"] = basket
    assert browser.post("/checkout/", form)["Location"] == first["Location"]
    assert len(stored()) == 1


def test_a_town_that_is_far_away_is_not_ordered_to_whatever_is_confirmed(
    browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch, place("", Precision.AREA, position=(33.66, -95.55), city="Paris"))
    browser.add()
    form = browser.checkout_form(street="1 Rue de Rivoli", city="PARIS", postcode="75460", region="TX")
    form |= {"position": f"{NEW_YORK[0]},{NEW_YORK[1]}", "position_of": name_of(typed_address(form), "US")}
    page = browser.post("/checkout/", form)
    assert "km from Chez Lucette" in text_of(page)
    assert stored() == []


def test_where_one_looked_for_restaurants_does_not_decide_where_the_address_is(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.client.cookies[where.COOKIE] = cell_of(make_restaurant(country="FR"))
    browser.add()
    page = browser.get("/checkout/?kind=delivery")
    assert "does not deliver to this place" in text_of(page)
    assert "disabled" not in page.content.decode()
    browser.order()
    assert len(stored()) == 1


def test_the_edge_of_the_delivery_area_is_the_radius_and_not_that_of_the_cells(restaurant: Restaurant) -> None:
    latitude, longitude = NEW_YORK
    north = [(latitude + metres / 111_195, longitude) for metres in (2_990, 3_010)]
    assert [restaurant.delivers_to_position(position) for position in north] == [True, False]
    restaurant.delivers = False
    assert not restaurant.delivers_to_position(NEW_YORK)


def test_what_was_typed_is_in_no_log_and_no_address(
    browser: Browser,
    restaurant: Restaurant,
    places_away: Any,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(street="77 Geheimgasse"))
    browser.post("/checkout/", browser.checkout_form(**CHICAGO | {"street": "77 Geheimgasse"}))
    path = browser.order(street="77 Geheimgasse", **position_form(page))
    browser.get(path)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "request" in logged
    assert "Geheimgasse" not in logged
    assert "Geheimgasse" not in path
    assert not re.search(r'(?:href|action|src)="(?!geo:)[^"]*Geheimgasse', browser.get(path).content.decode())


def test_the_form_begins_with_the_address_of_the_place_that_was_chosen(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    browser.post("/where/", {"q": "12 Canary Street, New York, NY 10003"})
    html = browser.get("/checkout/?kind=delivery").content.decode()
    for shown in ('name="street" value="12 Canary Street"', 'name="postcode" value="10003"', 'value="NY" selected'):
        assert shown in html
    abroad = Address("FR", "12 Rue du Canari", "", "75004", "Paris")
    where.remember(response := HttpResponse(), HttpRequest(), geo.cell_at(48.8566, 2.3522), abroad)
    browser.client.cookies.update(response.cookies)
    assert "Rue du Canari" not in browser.get("/checkout/?kind=delivery").content.decode()


def test_a_state_is_chosen_however_the_provider_writes_it(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    address = Address("US", "12 Canary Street", "", "10003", "New York", "New York")
    where.remember(response := HttpResponse(), HttpRequest(), geo.cell_at(*NEW_YORK), address)
    browser.client.cookies.update(response.cookies)
    assert 'value="NY" selected' in browser.get("/checkout/?kind=delivery").content.decode()


def test_what_changes_nothing_is_not_offered_where_people_write_no_region() -> None:
    """The provider names one all the same: Île-de-France."""
    street = Address("FR", "Rue du Canari", "", "75004", "Paris", "IDF")
    candidates = [delivering.candidate(Place(street.label, street, NEW_YORK, Precision.STREET))]
    data = QueryDict(urlencode({"kind": "delivery", "street": "9 Rue du Canari", "postcode": "75004", "city": "Paris"}))
    form = CheckoutForm(make_restaurant(country="FR"), data)
    form.is_valid()
    assert not_found._guesses(form, candidates) == ()
