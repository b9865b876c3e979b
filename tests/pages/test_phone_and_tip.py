"""Phone numbers and tips as people write them, on the page and by API."""

from typing import Any

import pytest

from catalog import where
from catalog.models import Restaurant
from core import ids
from orders.models import Order
from regions import aws
from tests.api.conftest import Api
from tests.factories import cell_of, make_dish, make_restaurant, make_token, order_request, save_restaurant
from tests.pages.conftest import Browser, text_of


@pytest.fixture
def api() -> Api:
    return Api()


def stored() -> Order:
    (order,) = Order.scan()
    return order


@pytest.mark.parametrize(
    ("typed", "number", "shown"),
    [
        ("(212) 555-0100", "+12125550100", "(212) 555-0100"),
        ("212\u00a0555\u20110100", "+12125550100", "(212) 555-0100"),
        ("212.555.0100 ext. 12", "+12125550100;ext=12", "(212) 555-0100 ext. 12"),
        ("２１２ ５５５ ０１００", "+12125550100", "(212) 555-0100"),
        ("+33 1 99 00 12 34", "+33199001234", "+33 1 99 00 12 34"),
    ],
)
def test_a_phone_number_is_kept_as_one_and_shown_as_it_is_written_there(
    browser: Browser, restaurant: Restaurant, api: Api, typed: str, number: str, shown: str
) -> None:
    browser.add()
    page = browser.get(browser.order(phone=typed))
    assert stored().contact_phone == number
    assert shown in text_of(page)
    request = order_request(restaurant, contact={"name": "Ada", "phone": typed})
    assert api.post("orders", request).status_code == 201
    assert [order.contact_phone for order in Order.scan()] == [number, number]
    again = api.post("orders", request)
    assert again.status_code == 200  # the same, sent twice


def test_a_number_is_read_where_the_restaurant_is(tables: None, browser: Browser) -> None:
    restaurant = save_restaurant(make_restaurant(country="MX", currency="MXN"))
    browser.client.cookies[where.COOKIE] = cell_of(restaurant)
    browser.add()
    page = browser.get(browser.order(kind="pickup", phone="55 1234 5678"))
    assert stored().contact_phone == "+525512345678"
    assert "55 1234 5678" in text_of(page)


@pytest.mark.parametrize("phone", ["12345", "555-0100", "call me", "(212) 555-0100 after six"])
def test_what_is_no_number_is_refused_beside_its_field_with_all_else_kept(
    browser: Browser, restaurant: Restaurant, api: Api, phone: str
) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(phone=phone, note="Ring twice"))
    assert page.status_code == 422
    assert (
        'id="id_phone_error">Enter a phone number with its area code, such as (201) 555-0123' in page.content.decode()
    )
    assert f'value="{phone}"' in page.content.decode()
    assert "Ring twice" in text_of(page)
    problem = api.post("orders", order_request(restaurant, contact={"name": "Ada", "phone": phone}))
    assert problem.status_code == 400
    assert problem.json()["errors"]["contact"]["phone"][0].startswith("Enter a phone number with its area code")
    assert list(Order.scan()) == []


def test_the_phones_of_an_order_of_an_earlier_release_are_shown_as_they_were_typed(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    path = browser.order()
    client = aws.client("dynamodb", "us-east-1")
    (item,) = client.scan(TableName=Order.Meta.table_name)["Items"]
    del item["restaurant_country"]
    client.put_item(TableName=Order.Meta.table_name, Item={**item, "contact_phone": {"S": "0171/23 125 ()"}})
    page = browser.get(path)
    assert page.status_code == 200
    assert "0171/23 125 ()" in text_of(page)


def test_the_same_number_written_otherwise_is_another_content(restaurant: Restaurant, api: Api) -> None:
    """A release that knows no numbers tells the same by what was sent; so does this one."""
    token = make_token()
    first = order_request(restaurant, token=token, contact={"name": "Ada", "phone": "(212) 555-0100"})
    assert api.post("orders", first).status_code == 201
    otherwise = {**first, "contact": {"name": "Ada", "phone": "212-555-0100"}}
    assert api.post("orders", otherwise).status_code == 409
    assert stored().id == ids.order_id_from(token)


@pytest.fixture
def far_north(tables: None, browser: Browser) -> Restaurant:
    restaurant = save_restaurant(
        make_restaurant(currency="ISK", tax_included=True, minimum_minor=0),
        [make_dish(price_minor=3500, options=[]), make_dish("soup", price_minor=1990, options=[])],
    )
    browser.client.cookies[where.COOKIE] = cell_of(restaurant)
    return restaurant


@pytest.mark.parametrize(
    ("tip", "tip_minor"), [("250", 250), ("250,00", 250), ("2.50", None), ("2,5", None), ("0.01", None)]
)
def test_a_tip_in_kronur_is_whole(browser: Browser, far_north: Restaurant, tip: str, tip_minor: int | None) -> None:
    browser.add()
    answer = browser.post("/checkout/", browser.checkout_form(kind="pickup", tip="own", tip_own=tip))
    if tip_minor is None:
        assert answer.status_code == 422
        assert "Enter a whole amount, such as 250: ISK has no decimals." in text_of(answer)
        assert f'value="{tip}"' in answer.content.decode()
        assert list(Order.scan()) == []
    else:
        assert stored().tip_minor == tip_minor


def test_the_checkout_asks_for_whole_kronur_and_shows_them(browser: Browser, far_north: Restaurant) -> None:
    browser.add()
    page = browser.get("/checkout/?kind=pickup")
    assert 'inputmode="numeric"' in page.content.decode()
    assert "ISK 3,500" in text_of(page).replace("\xa0", " ")
    assert "3,500.00" not in text_of(page)


@pytest.mark.parametrize(("tip", "status"), [(100, 201), (20_000, 201), (50, 422), (199, 422)])
def test_a_tip_in_fillers_is_refused_by_api(tables: None, api: Api, tip: int, status: int) -> None:
    restaurant = save_restaurant(
        make_restaurant(currency="HUF", minimum_minor=0), [make_dish(price_minor=500_000, options=[])]
    )
    lines = [{"dish": "margherita", "quantity": 1}]
    body: dict[str, Any] = order_request(restaurant, lines=lines, delivery={"kind": "pickup"}, tip=tip)
    answer = api.post("orders", body)
    assert answer.status_code == status
    if status == 422:
        assert answer.json()["detail"] == "Amounts in HUF have no decimals. Choose a whole amount."
