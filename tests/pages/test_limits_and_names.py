"""What an order can have of a dish and in all, over all its lines; and what a basket says of a dish that has left the menu."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.core import signing

from catalog import actions as catalog_actions
from catalog import menu_cache
from catalog.models import Restaurant
from core import ids
from orders import baskets
from orders.basket_cookie import COOKIE
from orders.baskets import MAX_BYTES, Basket, Line, dumps, loads
from orders.errors import QuantityOutOfRange
from orders.models import Order
from orders.pricing import MAX_COUNT, MAX_QUANTITY, Choice
from tests.api.conftest import Api
from tests.factories import make_dish, make_token, order_request, save_restaurant
from tests.pages.conftest import Browser, text_of

SMALL, LARGE = ("size:small",), ("size:large",)


def basket_of(*lines: tuple[str, int, Sequence[str]]) -> Basket:
    basket = Basket("lucette", make_token())
    for dish, quantity, options in lines:
        basket = basket.add(Line(Choice(dish, quantity, tuple(options)), 100, dish.title()))
    return basket


@pytest.mark.parametrize(
    "lines",
    [
        [("margherita", 50, SMALL), ("margherita", 1, LARGE)],
        [("margherita", 26, SMALL), ("margherita", 25, (*SMALL, "extras:ham"))],
        [("margherita", 30, SMALL), ("margherita", 30, SMALL)],
        [("margherita", 40, SMALL), ("marinara", 1, ()), ("margherita", 11, LARGE)],
    ],
)
def test_the_most_of_a_dish_counts_over_lines(lines: Any) -> None:
    with pytest.raises(QuantityOutOfRange, match="“Margherita”: an order has at most 50 of a dish, not (51|60)"):
        basket_of(*lines)
    basket_of(("margherita", 25, SMALL), ("margherita", 25, LARGE), ("marinara", 50, ()))


def test_an_order_has_so_many_dishes_in_all() -> None:
    full = basket_of(*((f"dish{number}", MAX_QUANTITY, ()) for number in range(4)))
    assert full.count == MAX_COUNT
    assert full.has_most_of("another")
    with pytest.raises(QuantityOutOfRange, match="at most 200 dishes in all, not 201"):
        full.add(Line(Choice("another", 1), 100, "Another"))


def test_a_basket_of_before_that_has_too_many_can_be_made_smaller() -> None:
    lines = tuple(Line(Choice("margherita", 40, options), 100) for options in (SMALL, LARGE))
    basket = Basket("lucette", make_token(), lines)
    first = basket.lines[0].key
    assert [line.choice.quantity for line in basket.change(first, quantity=39).lines] == [39, 40]
    with pytest.raises(QuantityOutOfRange, match="“margherita”"):
        basket.change(first, quantity=41)


def test_the_page_says_which_dish_and_keeps_the_basket(browser: Browser, restaurant: Restaurant) -> None:
    browser.add(quantity=48)
    browser.add(quantity=2, **{"group-size": "size:large"})
    page = browser.get("/basket/").content.decode()
    assert page.count(" disabled") == 2, "neither line can be raised"
    refused = browser.add(quantity=1)
    assert refused.status_code == 422
    assert "“Margherita”: an order has at most 50 of a dish, not 51." in text_of(refused)
    assert browser.basket is not None
    large = browser.basket.lines[1].key
    browser.post("/basket/lines/", {"line": large, "quantity": 3})
    assert browser.basket.count == 50
    assert "“Margherita”: an order has at most 50 of a dish, not 51." in text_of(browser.get("/basket/"))
    assert browser.add(dish="marinara", quantity=1).status_code == 302


@pytest.mark.parametrize(
    ("quantities", "detail"),
    [
        ({"margherita": [30, 21]}, "“Margherita”: an order has at most 50 of a dish, not 51."),
        ({"a": [50], "b": [50], "c": [50], "d": [50], "margherita": [1]}, "at most 200 dishes in all, not 201."),
        ({"a": [50], "b": [50], "c": [50], "d": [49], "margherita": [1]}, None),
        ({"margherita": [25, 25]}, None),
    ],
)
def test_the_api_has_the_same_limits(tables: None, quantities: dict[str, list[int]], detail: str | None) -> None:
    restaurant = save_restaurant(dishes=[make_dish(dish) for dish in ("margherita", "a", "b", "c", "d")])
    sizes = ("size:small", "size:large")
    lines = [
        {"dish": dish, "quantity": quantity, "options": [size]}
        for dish, each in quantities.items()
        for quantity, size in zip(each, sizes, strict=False)
    ]
    answer = Api().post("orders", order_request(restaurant, lines=lines))
    assert answer.status_code == (422 if detail else 201)
    assert detail is None or detail in answer.json()["detail"]
    assert len(list(Order.scan())) == (0 if detail else 1)


def leave_menu(restaurant: Restaurant, *, but: str) -> None:
    dish = make_dish(but, options=[], price_minor=950)
    catalog_actions.put_menu(restaurant.id, sections=restaurant.sections, dishes=[dish])
    menu_cache.forget()


def test_a_dish_that_left_the_menu_keeps_its_name(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.add(dish="marinara")
    form = browser.checkout_form(kind="pickup")
    for _ in range(2):  # two menus later as well
        leave_menu(restaurant, but="marinara")
    for path in ("/basket/", "/checkout/"):
        page = text_of(browser.get(path))
        assert "Margherita" in page
        assert "This dish is no longer on the menu" in page
    assert "“Margherita” is no longer on the menu. Remove it to order the rest." in text_of(browser.get("/basket/"))
    refused = browser.post("/checkout/", form)
    assert refused.status_code == 422
    assert "Margherita" in text_of(refused)
    assert browser.basket is not None
    browser.post("/basket/lines/", {"line": browser.basket.lines[0].key, "quantity": 0})
    assert browser.post("/checkout/", browser.checkout_form(kind="pickup")).status_code == 302


def test_a_choice_that_left_is_said_with_the_dish(browser: Browser, restaurant: Restaurant) -> None:
    browser.add(**{"group-size": "size:large"})
    size = {
        "id": "size",
        "name": "Size",
        "min": 1,
        "max": 1,
        "choices": [{"id": "small", "name": "S", "price_minor": 0}],
    }
    catalog_actions.put_menu(restaurant.id, sections=restaurant.sections, dishes=[make_dish(options=[size])])
    menu_cache.forget()
    assert "“Margherita”: choose 1 of “Size”." in text_of(browser.get("/basket/"))


def test_the_basket_of_a_release_without_names_is_read_and_the_other_way_round(
    browser: Browser, restaurant: Restaurant
) -> None:
    token = make_token()
    before = {"r": "lucette", "t": token, "l": [["margherita", 1, ["size:small"], 1200]]}
    cookie = signing.dumps(before, salt=baskets._SALT, compress=True)
    read = loads(cookie)
    assert read is not None
    assert read.lines[0].name == ""
    browser.client.cookies[COOKIE] = cookie
    leave_menu(restaurant, but="marinara")
    assert "“margherita” is no longer on the menu" in text_of(browser.get("/basket/"))
    written = signing.loads(dumps(basket_of(("margherita", 1, SMALL))), salt=baskets._SALT)
    assert [len(line) for line in written["l"]] == [4], "what a release without names unpacks"


def test_a_full_basket_leaves_names_out_before_dishes() -> None:
    basket = Basket("r", make_token())
    for number in range(40):
        dish = ids.fingerprint(str(number))[:20]
        basket = basket.add(
            Line(Choice(dish, 1, (ids.fingerprint(f"o{number}")[:12],)), 100, f"{ids.fingerprint(dish)} é")
        )
    value = dumps(basket)
    assert len(value) <= MAX_BYTES
    read = loads(value)
    assert read is not None
    assert [line.choice for line in read.lines] == [line.choice for line in basket.lines]
    assert {line.name for line in read.lines} == {""}
