"""Hostile text in every imported field, through the real pages: shown as text, never as anything else."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from catalog import where
from catalog.imports import menu_csv
from catalog.models import Dish, Restaurant
from orders.models import Order
from tests import hostile
from tests.factories import cell_of
from tests.pages.conftest import Browser

TURNS_DIRECTION = {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
OURS = {
    "pk", "sk", "id", "kind", "home", "write_id",  # ours, or made of a type and a number
    "country", "state", "time_zone", "currency", "source", "opening_hours",  # from tables of ours, or known to parse
    "section", "served", "menu_keys",
}  # fmt: skip
"""Attributes that hold a text but none of a stranger's."""


class Parsed(HTMLParser):
    """The elements of a page and its text, as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data


def check_harmless(page: str) -> Parsed:
    parsed = Parsed(page)
    for tag, attributes in parsed.elements:
        assert not tag.startswith("xss"), tag
        assert not [name for name in attributes if name.startswith(("on", "style", "xss"))], (tag, attributes)
        assert tag != "script" or "src" in attributes or attributes.get("type") == "application/ld+json"
        for name in ("href", "src", "action"):
            assert urlsplit(attributes.get(name, "")).scheme in ("", "http", "https", "tel"), attributes
    assert not TURNS_DIRECTION & set(page)
    return parsed


def texts(value: Any) -> Iterator[str]:
    """Every text in a stored value, the names in it too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *texts(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.fixture(params=hostile.TEXTS.values(), ids=hostile.TEXTS.keys())
def text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def pages_of(browser: Browser, restaurant: Restaurant) -> list[str]:
    """Every page that shows something of a restaurant, on the way to an order and after it."""
    cell = cell_of(restaurant)
    browser.client.cookies[where.COOKIE] = cell
    address = f"/restaurants/{restaurant.id}/"
    chosen = f"{address}dishes/chosen/"
    seen = [
        browser.get(path)
        for path in (f"/near/{cell}/", f"/near/{cell}/?q=x", address, chosen, f"{address}dishes/plain/")
    ]
    added = browser.post(chosen, {"quantity": 1})
    assert added.status_code == 302
    seen += [browser.get("/basket/"), browser.get(address), browser.get("/checkout/")]
    order = browser.order(kind="pickup")
    path, _, access = order.partition("?")
    seen += [browser.get(order), browser.get(f"{path}receipt/?{access}")]
    assert [page.status_code for page in seen] == [200] * len(seen)
    return [page.content.decode() for page in seen]


def test_on_no_page_is_it_more_than_text(tables: None, browser: Browser, text: str) -> None:
    restaurant, _ = hostile.imported(text, opening_hours="24/7")
    shown = "".join(check_harmless(page).text for page in pages_of(browser, restaurant))
    if text == hostile.TEXTS["markup"]:
        for field in ("name", "cuisine", "addrstreet", "addrcity", "dish", "description", "group", "choice", "section"):
            assert f"{field}<xss-a onload=alert(1)>" in shown, f"{field} is shown as it was given"


def test_hours_that_nobody_can_read_are_text_too(tables: None, browser: Browser, text: str) -> None:
    restaurant, _ = hostile.imported(text)
    assert restaurant.opening_hours is None
    for path in (f"/near/{cell_of(restaurant)}/", f"/restaurants/{restaurant.id}/"):
        check_harmless(browser.get(path).content.decode())


def test_the_api_bounds_it_and_answers_json(tables: None, browser: Browser, text: str) -> None:
    restaurant, _ = hostile.imported(text, opening_hours="24/7")
    for path in (f"/api/v1/restaurants/{restaurant.id}", f"/api/v1/restaurants?cell={cell_of(restaurant)}"):
        answer = browser.get(path)
        assert answer.headers["Content-Type"] == "application/json"
        assert not TURNS_DIRECTION & set("".join(texts(json.loads(answer.content))))
        assert len(answer.content) < 20_000


def test_every_attribute_that_holds_a_strangers_text_is_looked_at(tables: None) -> None:
    """A new attribute has to be filled by `tests.hostile`, or to be named as one of ours."""
    for given in ({}, {"opening_hours": "24/7"}):
        restaurant, dishes = hostile.imported(hostile.TEXTS["markup"], **given)
        for record in (Restaurant.get(restaurant.pk, "profile"), *dishes):
            for name in set(record.get_attributes()) - OURS:
                found = list(texts(getattr(record, name)))
                assert not found or any("<xss-a" in each or "xss" in each for each in found), f"{name}: {found}"
    known = {name for model in (Restaurant, Dish) for name in model.get_attributes()}
    assert known >= OURS, "no name that is none"


def test_what_is_stored_has_a_size(tables: None, browser: Browser, text: str) -> None:
    restaurant, dishes = hostile.imported(text, opening_hours="24/7")
    pages_of(browser, restaurant)
    for record in (Restaurant.get(restaurant.pk, "profile"), *dishes, *Order.scan()):
        assert len(json.dumps(record.to_dynamodb_dict()).encode()) < 30_000


def test_no_cell_of_an_exported_menu_is_a_formula(tables: None, text: str) -> None:
    restaurant, dishes = hostile.imported(text)
    for line in menu_csv.written(restaurant, dishes).splitlines()[1:]:
        assert not [cell for cell in line.split(",") if cell.strip('"')[:1] in tuple("=+-@")]
