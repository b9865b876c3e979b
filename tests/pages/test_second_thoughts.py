"""What customers do that no journey plans for: two windows, lost answers, vanished restaurants, odd input."""

from typing import Any

import pytest
from django.conf import settings

from catalog import actions as catalog_actions
from catalog import menu_cache, where
from catalog.models import CatalogRecord, Restaurant
from core.formats import price
from orders import reading
from orders.basket_cookie import COOKIE
from orders.models import Order
from orders.status import Kind
from tests.conftest import region
from tests.factories import cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import NA, Browser, text_of


def stored() -> list[Order]:
    return list(Order.scan())


def test_a_checkout_of_a_basket_that_another_window_replaced_orders_nothing(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    old = browser.checkout_form()
    browser.client.cookies.pop(COOKIE)
    browser.add(dish="marinara")
    page = browser.post("/checkout/", {**old, "name": "Ada Kept"})
    assert page.status_code == 409
    assert "changed in another window" in text_of(page)
    assert 'value="Ada Kept"' in page.content.decode()
    assert stored() == []


def test_a_form_that_was_ordered_leads_to_its_order_and_leaves_the_new_basket_alone(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    form = browser.checkout_form()
    first = browser.post("/checkout/", form)
    browser.add(dish="marinara")
    assert browser.post("/checkout/", form)["Location"] == first["Location"]
    assert len(stored()) == 1
    assert browser.basket
    assert browser.basket.lines[0].choice.dish == "marinara"


def test_a_lost_answer_and_a_changed_form_lead_to_the_order_that_there_is(
    browser: Browser, restaurant: Restaurant
) -> None:
    browser.add()
    kept = browser.client.cookies[COOKIE].value
    form = browser.checkout_form()
    first = browser.post("/checkout/", form)
    browser.client.cookies[COOKIE] = kept
    again = browser.post("/checkout/", {**form, "name": "Somebody Else"})
    assert again["Location"] == first["Location"]
    assert "already ordered this basket" in text_of(browser.get(again["Location"].removeprefix(f"http://{NA}")))
    assert [order.contact_name for order in stored()] == ["Ada"]
    assert browser.basket is None


def test_lines_in_a_note_and_a_comma_in_a_tip_are_understood(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    browser.order(note="Ring twice.\r\nBeware of the dog.", tip="own", tip_own="2,50")
    (order,) = stored()
    assert order.note == "Ring twice.\nBeware of the dog."
    assert order.tip_minor == 250


@pytest.mark.parametrize("name", ["Ada\nLovelace", "Ada\x00", "Ada\u2028Lovelace"])
def test_a_name_is_one_line(browser: Browser, restaurant: Restaurant, name: str) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(name=name))
    assert page.status_code == 422
    assert 'id="id_name_error"' in page.content.decode()


def test_a_tip_over_the_price_is_refused_beside_its_field(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(tip="own", tip_own="500"))
    assert page.status_code == 422
    assert 'id="id_tip_own_error">A tip can be' in page.content.decode()
    assert 'value="500"' in page.content.decode()


def test_errors_are_tied_to_their_fields(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    page = browser.post("/checkout/", browser.checkout_form(name="", street="")).content.decode()
    for field in ("id_name", "id_street"):
        assert f'aria-describedby="{field}_error"' in page
        assert f'id="{field}_error"' in page


def test_a_basket_of_a_restaurant_that_is_gone_can_be_emptied(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    profile = CatalogRecord.get(restaurant.pk, "profile")
    profile.bury()
    profile.save()
    menu_cache.forget()
    assert "The restaurant is no longer available" in text_of(browser.get("/basket/"))
    assert browser.get("/checkout/")["Location"] == "/basket/"
    save_restaurant(make_restaurant("other"), [make_dish(restaurant="other")])
    assert "no longer available" in text_of(browser.add("other"))
    browser.post("/basket/empty/", {})
    assert browser.basket is None


@pytest.mark.parametrize(
    "options",
    [
        {"group-size": ""},
        {"group-size": "size:huge"},
        {"group-size": ["size:small", "size:large"]},
        {"group-size": "extras:olives"},
    ],
)
def test_what_is_wrong_with_a_choice_is_said_beside_it(
    browser: Browser, restaurant: Restaurant, options: dict[str, Any]
) -> None:
    page = browser.add(quantity=3, **{"group-extras": "extras:olives"}, **options)
    assert page.status_code == 422
    html = page.content.decode()
    assert 'id="group-size-error"' in html
    assert 'value="extras:olives" data-price="100" checked' in html
    assert 'value="3"' in html
    assert browser.basket is None


def test_the_checkout_begins_with_what_is_possible(browser: Browser, tables: None) -> None:
    paris = cell_of(make_restaurant(country="FR"))
    save_restaurant(make_restaurant())
    browser.add()
    browser.client.cookies[where.COOKIE] = paris
    assert browser.get("/checkout/").context["reviewed"].wish.kind == Kind.PICKUP
    browser.client.cookies[where.COOKIE] = cell_of(make_restaurant())
    assert browser.get("/checkout/").context["reviewed"].wish.kind == Kind.DELIVERY
    assert browser.get("/checkout/?kind=drone").context["reviewed"].wish.kind == Kind.DELIVERY


def test_a_customer_who_has_not_said_where_only_fills_in_the_address(browser: Browser, tables: None) -> None:
    save_restaurant(make_restaurant(offers_pickup=False))
    browser.add()
    assert browser.post("/checkout/", browser.checkout_form()).status_code == 302


@pytest.mark.parametrize("cell", ["", "x", "8" * 15, "<script>", "872a1072bffffff0"])
def test_a_place_that_is_none_is_not_remembered(browser: Browser, restaurant: Restaurant, cell: str) -> None:
    browser.client.cookies[where.COOKIE] = cell
    page = browser.get("/restaurants/lucette/")
    assert page.status_code == 200
    assert page.context["delivers_here"] is None


def test_the_live_part_is_sent_again_only_when_it_changed(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    path = browser.order()
    page = browser.get(path)
    ask = page.context["page"].live_url
    assert browser.get(ask, **{"HX-Request": "true"}).status_code == 204
    (order,) = stored()
    order.update([Order.status.set("accepted")])
    live = browser.get(ask, **{"HX-Request": "true"})
    assert live.status_code == 200
    assert "Accepted" in text_of(live)


def test_the_address_of_an_order_does_not_leave_with_a_link(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    page = browser.get(browser.order())
    assert page["Referrer-Policy"] == "strict-origin"
    assert "HX-Request" in page["Vary"]
    assert "no-store" in page["Cache-Control"]


def test_an_order_whose_home_is_away_is_shown_as_of_and_cannot_be_changed(
    browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.add()
    path = browser.order()
    monkeypatch.setattr(reading, "_at_home", lambda home, order_id: None)
    with region("us-west-2"):
        page = browser.get(path)
    assert page.status_code == 200
    assert "As of" in text_of(page)
    assert "Not possible until us-east-1 is back" in text_of(page)
    assert "disabled>Cancel the order" in page.content.decode()


def test_what_is_sold_out_is_marked_and_cannot_be_added(browser: Browser, restaurant: Restaurant) -> None:
    catalog_actions.set_sold_out("lucette", "marinara", sold_out=True)
    page = browser.get("/restaurants/lucette/")
    assert text_of(page).count("Sold out") == 1
    assert "/dishes/marinara/" not in page.content.decode()
    assert "“Marinara” is sold out at" in text_of(browser.get("/restaurants/lucette/dishes/marinara/"))


def test_a_filter_that_finds_nothing_still_leads_further(browser: Browser, restaurant: Restaurant) -> None:
    cell = cell_of(restaurant)
    assert "does not match" in text_of(browser.get(f"/near/{cell}/?q=ramen"))
    assert "Chez Lucette" in text_of(browser.get(f"/near/{cell}/?q=lucette&cuisine=pizza&open=1"))
    assert browser.get(f"/near/{cell}/?cursor=garbage").status_code == 400
    assert browser.get(f"/near/{cell}/?q={'x' * 101}").status_code == 400


@pytest.mark.parametrize(
    ("currency", "shown"),
    [("USD", "$12.90"), ("EUR", "€12.90"), ("CHF", "CHF\N{NO-BREAK SPACE}12.90"), ("CAD", "CA$12.90")],
)
def test_amounts_are_shown_in_their_currency(currency: str, shown: str) -> None:
    assert price(1290, currency) == shown


class TestAReaderNeverGoesBack:
    """The home is away and the copy here is older than what the browser has been shown."""

    @pytest.fixture
    def path(self, browser: Browser, restaurant: Restaurant, monkeypatch: pytest.MonkeyPatch) -> str:
        """An order that was seen accepted; from here on the home is away, and the copy is from before that."""
        browser.add()
        path = browser.order()
        (order,) = stored()
        before = int(order.version)
        order.update([Order.status.set("accepted")])
        assert "The restaurant has accepted" in text_of(browser.get(path))
        order.version = before
        order.status = "placed"
        monkeypatch.setattr(reading, "_at_home", lambda home, order_id: None)
        monkeypatch.setattr(reading, "_replica", lambda home, order_id: reading.Sight(order, as_of_ms=before))
        return path

    def test_a_reload_does_not_show_the_older_state(self, browser: Browser, path: str) -> None:
        page = browser.get(path)
        assert page.status_code == 200
        assert "show the latest status right now" in text_of(page)
        assert "progress-steps" not in page.content.decode()
        assert "Cancel the order" not in text_of(page)
        assert "Margherita" in text_of(page), "what does not change is shown"
        again = browser.get(path)
        assert "show the latest status right now" in text_of(again), "the older state does not become the seen one"

    def test_the_live_part_stays_as_it_is_and_says_of_when(self, browser: Browser, path: str) -> None:
        seen = f"{browser.client.cookies['seen'].value}.0.us-east-1"
        browser.client.cookies.pop("seen")
        live = browser.get(f"{path}&seen={seen}", **{"HX-Request": "true"})
        assert live.status_code == 204
        assert live["As-Of"].startswith("20")
        somebody_else = browser.get(path, **{"HX-Request": "true"})
        assert somebody_else.status_code == 200
        assert "As of" in text_of(somebody_else)

    def test_the_newest_state_is_shown_when_the_home_answers_again(
        self, browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask = browser.get(path).context["page"].live_url
        assert browser.get(ask, **{"HX-Request": "true"}).status_code == 204
        monkeypatch.undo()
        assert "The restaurant has accepted" in text_of(browser.get(ask, **{"HX-Request": "true"}))

    @pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "²", "1e9"])
    def test_a_cookie_that_is_none_of_ours_says_nothing(self, browser: Browser, path: str, seen: str) -> None:
        browser.client.cookies["seen"] = seen
        assert "As of" in text_of(browser.get(path))

    def test_the_cookie_belongs_to_the_order_only(self, browser: Browser, path: str) -> None:
        cookie = browser.client.cookies["seen"]
        assert cookie["path"] == path.partition("?")[0]
        assert cookie["domain"] == settings.COOKIE_DOMAIN
