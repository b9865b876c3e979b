"""A customer's browser, and a restaurant near it."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from catalog import where
from catalog.models import Restaurant
from orders.basket_cookie import COOKIE
from orders.baskets import Basket, loads
from regions import topology
from tests.factories import ADDRESSES, cell_of, make_dish, save_restaurant

NA = topology.current().jurisdiction_host("na")
FORM = {"kind": "delivery", "name": "Ada", "phone": "+1 212 555 0100", "note": "", "tip": "0", **ADDRESSES["US"]}


class Browser:
    """A client that sends forms the way the pages would."""

    def __init__(self) -> None:
        self.client = Client()

    def get(self, path: str, host: str = NA, **headers: str) -> Any:
        return self.client.get(path, HTTP_HOST=host, headers=headers)

    def post(self, path: str, data: dict[str, Any], host: str = NA) -> Any:
        return self.client.post(path, data, HTTP_HOST=host)

    def add(self, restaurant: str = "lucette", dish: str = "margherita", **values: Any) -> Any:
        data = {"quantity": 1, "group-size": "size:small", **values}
        return self.post(f"/restaurants/{restaurant}/dishes/{dish}/", data)

    def checkout_form(self, **values: Any) -> dict[str, Any]:
        page = self.get(f"/checkout/?kind={values.get('kind', 'delivery')}").content.decode()
        hidden = dict(re.findall(r'type="hidden" name="(kind|agreed|token)" value="([^"]*)"', page))
        return {**FORM, **hidden, **values}

    def order(self, **values: Any) -> str:
        """Order what is in the basket; the path and query of the order's page."""
        url: str = self.post("/checkout/", self.checkout_form(**values))["Location"]
        return url.removeprefix(f"http://{NA}")

    @property
    def basket(self) -> Basket | None:
        cookie = self.client.cookies.get(COOKIE)
        return loads(cookie.value) if cookie and cookie.value else None


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def restaurant(tables: None, browser: Browser) -> Restaurant:
    restaurant = save_restaurant(dishes=[make_dish(), make_dish("marinara", options=[], price_minor=950)])
    browser.client.cookies[where.COOKIE] = cell_of(restaurant)
    return restaurant


def text_of(response: Any) -> str:
    """What a person reads, spaces evened out."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))
