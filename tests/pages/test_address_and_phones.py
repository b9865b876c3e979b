"""A restaurant's address and numbers, on its page, for programs and on an order."""

from typing import Any

import pytest

from catalog.models import Restaurant
from tests.api.conftest import Api
from tests.factories import make_restaurant, save_restaurant
from tests.pages.conftest import Browser
from tests.pages.test_machines import json_ld

BOTH = ["+12125550100", "+12125550101;ext=7"]
ADDRESS = {"street": "7 Main St", "city": "New York", "postcode": "10001", "region": "NY"}


@pytest.fixture
def restaurant(tables: None) -> Restaurant:
    return save_restaurant(make_restaurant(phone=BOTH[0], phones=BOTH, address=ADDRESS))


def test_each_number_is_a_link_and_the_first_is_called(restaurant: Restaurant, browser: Browser) -> None:
    page = browser.get("/restaurants/lucette/")
    content = page.content.decode()
    assert '<a href="tel:+12125550100">(212) 555-0100</a>' in content
    assert '<a href="tel:+12125550101;ext=7">(212) 555-0101 ext. 7</a>' in content
    assert json_ld(page)["telephone"] == BOTH
    answer = Api().get("restaurants/lucette").json()
    assert (answer["phone"], answer["phones"]) == (BOTH[0], BOTH)


@pytest.mark.parametrize(("phone", "phones"), [("+1 212 555 0100", ["+1 212 555 0100"]), (None, [])])
def test_what_a_release_before_stored_is_shown(
    tables: None, browser: Browser, phone: str | None, phones: list[str]
) -> None:
    save_restaurant(make_restaurant(phone=phone))
    page = browser.get("/restaurants/lucette/")
    assert page.content.decode().count('<a href="tel:') == len(phones)
    assert json_ld(page).get("telephone") == phone
    answer = Api().get("restaurants/lucette").json()
    assert (answer["phone"], answer["phones"]) == (phone, phones)


def test_without_a_menu_the_page_says_whom_to_call(tables: None, browser: Browser) -> None:
    save_restaurant(make_restaurant(phone=BOTH[0], sections=[]), dishes=[])
    assert "You can call the restaurant: (212) 555-0100." in browser.get("/restaurants/lucette/").content.decode()


@pytest.mark.parametrize(
    ("country", "address", "lines"),
    [
        ("US", ADDRESS, "7 Main St<br>New York, NY 10001"),
        ("FR", {"street": "7 Rue X", "city": "Paris", "postcode": "75001"}, "7 Rue X<br>75001 Paris"),
        ("US", {"street": "<b>"}, "&lt;b&gt;"),
        ("US", {}, ""),
    ],
)
def test_the_address_is_written_as_people_there_write_it(
    tables: None, browser: Browser, country: str, address: Any, lines: str
) -> None:
    save_restaurant(make_restaurant(country=country, address=address, phone=None, website=None))
    content = browser.get("/restaurants/lucette/").content.decode()
    assert f"<address>{lines}" in content
