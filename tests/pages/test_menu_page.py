"""The menu's page and what is in it: the filter, the dialog's parts, the basket beside it."""

from html.parser import HTMLParser
from typing import Any

import pytest

from catalog import actions as catalog_actions
from catalog import menu_cache
from catalog.models import Restaurant
from catalog.restaurant import page as menu_page
from orders.baskets import Basket
from tests.factories import EXTRAS, SIZES, cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import Browser, text_of

MENU = "/restaurants/lucette/"
HTMX = {"HX-Request": "true"}


class _Dishes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hidden: dict[str, bool] = {}
        self._row: bool | None = None
        self._in_name = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "li" and (given.get("class") or "").startswith("dish"):
            self._row = "hidden" in given
        self._in_name = tag == "h3" and self._row is not None

    def handle_data(self, data: str) -> None:
        if self._in_name and self._row is not None:
            self.hidden[data] = self._row
            self._in_name, self._row = False, None


def hidden_dishes(response: Any) -> set[str]:
    parser = _Dishes()
    parser.feed(response.content.decode())
    assert set(parser.hidden) == {"Margherita", "Marinara", "Carbonara", "Water"}
    return {name for name, hidden in parser.hidden.items() if hidden}


@pytest.fixture
def trattoria(tables: None, browser: Browser) -> Restaurant:
    sections = [{"id": "pizza", "name": "Pizza"}, {"id": "pasta", "name": "Pasta"}, {"id": "empty", "name": "Nothing"}]
    dishes = [
        make_dish(options=[SIZES, {**EXTRAS, "min": 1}]),
        make_dish("marinara", options=[], allergens=["gluten"], diets=["vegan"], price_minor=950),
        make_dish("carbonara", section="pasta", options=[], allergens=["gluten", "eggs", "tree nuts"], diets=[]),
        make_dish("water", section="forgotten", options=[], allergens=[], diets=["vegan"], price_minor=250),
    ]
    restaurant = save_restaurant(make_restaurant(sections=sections), dishes)
    browser.client.cookies["where"] = cell_of(restaurant)
    return restaurant


def htmx(browser: Browser, path: str, **data: Any) -> Any:
    return browser.client.post(path, data, HTTP_HOST="na.foodforthought.localhost:8000", headers=HTMX)


def lines(basket: Basket | None) -> list[tuple[str, int]]:
    return [(line.choice.dish, line.choice.quantity) for line in basket.lines] if basket else []


@pytest.mark.parametrize(
    ("query", "hidden"),
    [
        ("", set()),
        ("?without=milk", {"Margherita"}),
        ("?without=eggs&without=milk", {"Margherita", "Carbonara"}),
        ("?without=tree+nuts", {"Carbonara"}),
        ("?diet=vegetarian", {"Carbonara"}),  # what is vegan is vegetarian
        ("?diet=vegan", {"Margherita", "Carbonara"}),
        ("?diet=vegan&without=gluten", {"Margherita", "Carbonara", "Marinara"}),
        ("?without=unheard-of&without=" + "x" * 200, set()),
    ],
)
def test_the_filter_hides_dishes_and_says_how_many(
    browser: Browser, trattoria: Restaurant, query: str, hidden: set[str]
) -> None:
    page = browser.get(MENU + query)
    assert hidden_dishes(page) == hidden
    plural = "dish is" if len(hidden) == 1 else "dishes are"
    assert (f"{len(hidden)} {plural} hidden" in text_of(page)) is bool(hidden)


def test_a_section_whose_dishes_are_all_hidden_is_hidden_too(browser: Browser, trattoria: Restaurant) -> None:
    page = browser.get(MENU + "?without=eggs").content.decode()
    assert '<section aria-labelledby="pasta" hidden>' in page
    assert '<section aria-labelledby="pizza">' in page
    assert '<h2 id="empty">' not in page  # a section without dishes is none
    assert '<h2 id="others">More</h2>' in page  # where dishes are whose section is not on the menu


def test_the_filter_is_kept_while_dishes_are_added(browser: Browser, trattoria: Restaurant) -> None:
    query = "?without=eggs&diet=vegetarian"
    assert f'formaction="dishes/marinara/{query.replace("&", "&amp;")}"' in browser.get(MENU + query).content.decode()
    added = browser.post(f"{MENU}dishes/marinara/{query}", {"quantity": 1})
    assert added["Location"] == MENU + query
    assert browser.basket
    changed = {"line": browser.basket.lines[0].key, "quantity": 2, "beside_menu": "1"}
    assert browser.post(f"/basket/lines/{query}", changed)["Location"] == MENU + query
    assert browser.post("/basket/lines/?next=//evil.example", changed)["Location"] == MENU


def test_htmx_gets_the_parts_of_a_dish_and_not_a_page(browser: Browser, trattoria: Restaurant) -> None:
    page = browser.get(MENU + "dishes/margherita/")
    part = browser.get(MENU + "dishes/margherita/", **HTMX)
    assert "<html" in page.content.decode()
    assert "<html" not in part.content.decode()
    assert 'id="dish-title"' in part.content.decode()
    assert "HX-Request" in part["Vary"]
    assert "HX-Request" in page["Vary"]
    assert part["HX-Push-Url"] == "false"
    assert 'data-min="1" data-max="2" data-hint="Choose 1 to 2."' in part.content.decode()


def test_a_dish_with_an_error_stays_in_the_dialog(browser: Browser, trattoria: Restaurant) -> None:
    wrong = htmx(browser, MENU + "dishes/margherita/", quantity=1, **{"group-size": "size:large"})
    assert wrong.status_code == 422
    assert "<html" not in wrong.content.decode()
    assert "Choose 1 to 2." in text_of(wrong)
    assert 'value="size:large" data-price="300" required checked' in wrong.content.decode()
    assert browser.basket is None


def test_adding_changes_every_place_that_shows_the_basket(
    browser: Browser, trattoria: Restaurant, calls: list[str]
) -> None:
    browser.get(MENU)
    calls.clear()
    added = htmx(browser, MENU + "dishes/marinara/", quantity=2)
    assert calls == ["BatchGetItem"]  # the menu is remembered
    assert added.status_code == 200
    assert added["HX-Reswap"] == "none"
    html = added.content.decode()
    for place in ("basket-panel", "basket-bar", "basket-link"):
        assert f'id="{place}" hx-swap-oob="true"' in html.replace('aria-labelledby="basket-title" ', "")
    assert "2 × Marinara is in your basket." in text_of(added)
    assert "Subtotal $19.00" in text_of(added)
    assert "Basket: 2 items · $19.00" in text_of(added)
    assert lines(browser.basket) == [("marinara", 2)]


def test_the_basket_beside_the_menu_costs_no_round_trip(
    browser: Browser, trattoria: Restaurant, calls: list[str]
) -> None:
    htmx(browser, MENU + "dishes/water/", quantity=1)
    calls.clear()
    page = browser.get(MENU)
    assert calls == ["BatchGetItem"]
    assert "Add $7.50 more to reach the delivery minimum." in text_of(page)
    assert "Subtotal $2.50" in text_of(page)


def test_a_quantity_beside_the_menu_is_changed_in_place(browser: Browser, trattoria: Restaurant) -> None:
    htmx(browser, MENU + "dishes/marinara/", quantity=1)
    htmx(browser, MENU + "dishes/water/", quantity=1)
    assert browser.basket
    marinara = browser.basket.lines[0].key
    more = htmx(browser, "/basket/lines/", line=marinara, quantity=2, beside_menu="1")
    assert more["HX-Reswap"] == "none"
    assert lines(browser.basket) == [("marinara", 2), ("water", 1)]
    for _ in range(2):
        htmx(browser, "/basket/lines/", line=marinara, quantity=0, beside_menu="1")
        assert lines(browser.basket) == [("water", 1)]
    emptied = htmx(browser, "/basket/lines/", line=browser.basket.lines[0].key, quantity=0, beside_menu="1")
    assert "Still empty" in text_of(emptied)
    assert browser.basket is None


def test_another_restaurants_basket_is_asked_about_in_both_ways(browser: Browser, trattoria: Restaurant) -> None:
    save_restaurant(make_restaurant("other", name="The Other"), [make_dish("soup", restaurant="other", options=[])])
    browser.post("/restaurants/other/dishes/soup/", {"quantity": 1})
    assert "It holds dishes from another restaurant" in text_of(browser.get(MENU))
    page = browser.post(MENU + "dishes/marinara/", {"quantity": 3})
    part = htmx(browser, MENU + "dishes/marinara/", quantity=3)
    assert (page.status_code, part.status_code) == (409, 409)
    assert "<html" not in part.content.decode()
    for answer in (page, part):
        assert "Yours is from The Other ; Marinara is from Chez Lucette" in text_of(answer)
        assert '<input type="hidden" name="quantity" value="3">' in answer.content.decode()
    assert lines(browser.basket) == [("soup", 1)]
    assert htmx(browser, MENU + "dishes/marinara/", quantity=3, replace="yes").status_code == 200
    assert lines(browser.basket) == [("marinara", 3)]


def test_htmx_may_neither_evaluate_nor_style(browser: Browser, trattoria: Restaurant) -> None:
    browser.post(MENU + "dishes/marinara/", {"quantity": 1})
    for path in (MENU, "/basket/"):
        page = browser.get(path).content.decode()
        assert '"allowEval":false' in page
        assert '"includeIndicatorStyles":false' in page


def test_what_is_made_of_a_menu_is_kept_until_the_menu_is_another(
    browser: Browser, trattoria: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    render = menu_page._rendered
    monkeypatch.setattr(menu_cache, "KEPT_SECONDS", -1.0)
    monkeypatch.setattr(menu_page, "_rendered", lambda *a, **kw: made.append(a[0]) or render(*a, **kw))
    for _ in range(2):
        assert "Water" in text_of(browser.get(MENU))
    assert made == ["pizza", "pasta", "others"]
    catalog_actions.set_sold_out("lucette", "carbonara", sold_out=True)
    browser.get(MENU)
    assert made[3:] == ["pasta"]
    catalog_actions.put_menu("lucette", sections=trattoria.sections, dishes=[make_dish("wine", name="Wine")])
    page = text_of(browser.get(MENU))
    assert "Wine" in page
    assert "Water" not in page


def test_what_a_section_says_of_its_dishes_and_what_the_menu_has_as_sold_out_are_shown(
    tables: None, browser: Browser
) -> None:
    sections = [{"id": "pizza", "name": "Pizza", "description": "All with <gluten>."}, {"id": "pasta", "name": "Pasta"}]
    dishes = [make_dish(options=[], sold_out=True), make_dish("penne", section="pasta", options=[])]
    browser.client.cookies["where"] = cell_of(save_restaurant(make_restaurant(sections=sections), dishes))
    page = browser.get(MENU).content.decode()
    assert page.count("<p>All with &lt;gluten&gt;.</p>") == 1
    assert (page.count("Sold out"), page.count('formaction="dishes/penne/')) == (1, 1)
    assert 'formaction="dishes/margherita/' not in page
    htmx(browser, f"{MENU}dishes/margherita/", quantity=1)
    assert lines(browser.basket) == []
    catalog_actions.set_sold_out("lucette", "margherita", sold_out=False)
    assert "Sold out" not in text_of(browser.get(MENU))
