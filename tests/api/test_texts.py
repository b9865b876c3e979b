"""What people write into an order has the same rules on the page and in the API."""

from typing import Any

import pytest

from catalog import where
from catalog.models import Restaurant
from core.errors import Invalid
from orders.checkout.address_fields import name_of, typed_address, written
from orders.models import Order
from orders.texts import Contact
from places.addresses import Address
from tests.api.conftest import Api
from tests.factories import (
    ADDRESSES,
    cell_of,
    confirmed_delivery,
    make_dish,
    make_restaurant,
    order_request,
    save_restaurant,
)
from tests.pages.conftest import Browser

CHARACTERS = {
    "a line break": "\n", "two lines of Windows": "\r\n", "a return": "\r", "a tab": "\t", "escape": "\x1b", "nothing": "\x00",
    "a C1 control": "\x9b", "a line separator": "\u2028", "a paragraph separator": "\u2029", "right to left": "\u202e",
    "an isolate": "\u2066", "its end": "\u2069", "an accent": "é", "an emoji": "🍕", "Arabic": "مطعم", "a joiner": "\u200d",
}  # fmt: skip
BREAKS = {"a line break", "two lines of Windows"}
HARMLESS = {"an accent", "an emoji", "Arabic", "a joiner"}


def stored() -> list[Order]:
    return list(Order.scan())


def by_api(api: Api, restaurant: Restaurant, field: str, text: str) -> bool:
    body: dict[str, Any] = order_request(restaurant)
    body["delivery"] = confirmed_delivery(restaurant)
    address = body["delivery"]["address"] = dict(body["delivery"]["address"])
    place = {"name": body["contact"], "note": body}.get(field, address)
    place[field] = text
    return bool(api.post("orders", body).status_code == 201)


def by_page(restaurant: Restaurant, field: str, text: str) -> bool:
    browser = Browser()
    browser.client.cookies[where.COOKIE] = cell_of(restaurant)
    browser.add()
    form = browser.checkout_form(**{field: text})
    form["position"], form["position_of"] = written(restaurant.position), name_of(typed_address(form), "US")
    return bool(browser.post("/checkout/", form).status_code == 302)


@pytest.mark.parametrize("field", ["name", "street", "unit", "note"])
@pytest.mark.parametrize("character", CHARACTERS)
def test_a_character_is_taken_by_both_or_by_none_and_kept_alike(
    api: Api, restaurant: Restaurant, field: str, character: str
) -> None:
    text = f"Ada{CHARACTERS[character]}Lovelace"
    taken = (by_api(api, restaurant, field, text), by_page(restaurant, field, text))
    expected = character in HARMLESS or (character in BREAKS and field == "note")
    assert taken == (expected, expected)
    attribute = {"name": "contact_name", "note": "note"}.get(field, "address")
    for order in stored():
        kept = getattr(order, attribute)
        assert text.replace("\r\n", "\n") in (kept if field in ("name", "note") else kept.split("\n"))


@pytest.mark.parametrize(("field", "most"), [("name", 100), ("street", 100), ("unit", 60), ("city", 60), ("note", 300)])
def test_a_text_is_as_long_for_both(api: Api, restaurant: Restaurant, field: str, most: int) -> None:
    for length, expected in ((most, True), (most + 1, False)):
        text = "x" * length
        assert (by_api(api, restaurant, field, text), by_page(restaurant, field, text)) == (expected, expected)


BLANKS = ["\u200b", "\u3164", "\u2800\u2800", "\u200d\ufeff", "\u115f \u1160", "\u0301", "\xad", "\xa0"]


@pytest.mark.parametrize("blank", BLANKS)
def test_what_shows_nothing_is_no_name_and_no_address(api: Api, restaurant: Restaurant, blank: str) -> None:
    for field in ("name", "street", "city"):
        assert not by_api(api, restaurant, field, blank)
        assert not by_page(restaurant, field, blank)
    assert stored() == []
    with pytest.raises(Invalid):
        Contact(blank, "+1 212 555 0100").check()


@pytest.mark.parametrize("name", ["A\u200b", "李", "Ł", "🍕", "7", "மு", "\u3164x"])
def test_what_shows_something_is_a_name(api: Api, restaurant: Restaurant, name: str) -> None:
    assert by_api(api, restaurant, "name", name)
    assert by_page(restaurant, "name", name)


@pytest.mark.parametrize(
    "phone",
    [
        "",
        "1234",
        "12345",
        "555-0100",
        "(212) 555-0100 after six",
        "+1 212 555 0100\n9",
        "+1\u202e212 555",
        "+" + "1" * 30,
        "call me",
        2125550100,
    ],
)
def test_a_phone_number_is_none_for_both(api: Api, restaurant: Restaurant, phone: Any) -> None:
    body = order_request(restaurant, contact={"name": "Ada", "phone": phone})
    assert by_page(restaurant, "phone", str(phone)) is isinstance(phone, int)
    count = len(stored())
    assert api.post("orders", body).status_code in ((201,) if isinstance(phone, int) else (400,))
    assert len(stored()) == count + isinstance(phone, int)


@pytest.mark.parametrize("text", [1, True, None, [], {}])
def test_what_is_no_text_is_none(api: Api, restaurant: Restaurant, text: Any) -> None:
    for field in ("name", "street", "unit", "note"):
        assert not by_api(api, restaurant, field, text)
    assert stored() == []


@pytest.mark.parametrize(
    "contact",
    [
        ("A\nda", "+1 212 555 0100"),
        ("Ada", "1\n2"),
        ("x" * 101, "+1 212 555 0100"),
        ("Ada", "+1 212 555 0100", None, "\u202e"),
    ],
)
def test_no_other_way_in_gets_around_the_rules(contact: tuple[str, ...]) -> None:
    with pytest.raises(Invalid):
        Contact(*contact).check()
    Contact("Ada", "+1 212 555 0100", None, "Ring\ntwice").check()
    for part in ({"street": "\x1b"}, {"street": "x" * 101}, {"street": "\u3164"}, {"city": ""}):
        with pytest.raises(Invalid):
            Contact("Ada", "+1 212 555 0100", Address("", **{**ADDRESSES["US"], **part})).address_in("US")


def test_a_dinner_in_budapest_is_agreed_to(api: Api, tables: None) -> None:
    """200,000 forints are 20,000,000 minor units."""
    restaurant = save_restaurant(
        make_restaurant(currency="HUF", minimum_minor=0), [make_dish(price_minor=500_000, options=[])]
    )
    body = order_request(restaurant, lines=[{"dish": "margherita", "quantity": 40}], delivery={"kind": "pickup"})
    total = api.post("orders", {**body, "agreed_total": 1}).json()["total_minor"]
    assert total > 20_000_000
    placed = api.post("orders", {**body, "agreed_total": total, "tip": 12_000_000})
    assert (placed.status_code, placed.json()["total"]) == (201, total + 12_000_000)
    for beyond in (2**53, 10**30):
        assert api.post("orders", {**order_request(restaurant), "agreed_total": beyond}).status_code == 400
