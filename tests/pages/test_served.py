"""Dishes that are served at certain hours only."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from catalog import hours, hours_words
from catalog.hours_rules import DAYS
from catalog.models import Kitchen, Restaurant
from catalog.place import Place
from core import clock
from orders.errors import NotServedThen
from orders.models import Order
from orders.pricing import Choice
from orders.review import Wish, review
from orders.status import Kind
from tests.api.conftest import Api
from tests.factories import make_dish, make_restaurant, order_request, save_restaurant
from tests.pages.conftest import Browser, text_of

LUNCH = "Mo-Fr 11:30-14:30"
TODAY = clock.now().astimezone(ZoneInfo("America/New_York")).weekday()
ANOTHER_DAY = f"{DAYS[(TODAY + 3) % 7]} 11:30-14:30"
FAR_AWAY = "2099 Dec 25 11:30-14:30"


@pytest.fixture
def lunch_place(tables: None) -> Restaurant:
    lunch = make_dish("lunch", options=[], served=ANOTHER_DAY)
    feast = make_dish("feast", options=[], served=FAR_AWAY)
    return save_restaurant(dishes=[make_dish(options=[]), lunch, feast, make_dish("always", options=[], served="24/7")])


@pytest.mark.parametrize(
    ("served", "at", "expected"),
    [
        (None, "2026-11-24 03:00", True),
        (LUNCH, "2026-11-24 11:30", True),  # 12:30 in Paris
        (LUNCH, "2026-11-24 13:30", False),  # 14:30 there
        (LUNCH, "2026-11-29 11:30", False),  # Sunday
        ('Mo-Su "if there is any left"', "2026-11-24 11:30", False),
    ],
)
def test_the_hours_count_in_the_restaurants_time_zone(served: str | None, at: str, expected: bool) -> None:
    assert hours.is_served(served, Place("Europe/Paris"), datetime.fromisoformat(at).replace(tzinfo=UTC)) is expected


def test_hours_are_shown_in_words() -> None:
    assert hours_words.told("Mo-Fr,Su 11:30-14:30") == "Sun–Fri 11:30–14:30"


def test_the_moment_that_the_food_is_wanted_for_counts() -> None:
    dishes = [make_dish("lunch", options=[], served=LUNCH), make_dish("soup", options=[])]
    wish = Wish("lucette", (Choice("lunch", 1), Choice("soup", 1)), Kind.PICKUP)
    reviews = {
        hour: review(
            wish,
            restaurant=make_restaurant(country="FR"),
            dishes=dishes,
            kitchen=Kitchen(),
            now=datetime(2026, 11, 24, hour, tzinfo=UTC),
        )
        for hour in (12, 18)
    }
    assert not reviews[12].obstacles
    assert [type(obstacle) for obstacle in reviews[18].obstacles] == [NotServedThen]
    assert "Mon–Fri 11:30–14:30" in reviews[18].obstacles[0].detail
    assert [line.dish for line in reviews[18].lines] == ["soup"]


def test_what_can_be_had_at_no_time_on_offer_is_refused_at_adding(browser: Browser, lunch_place: Restaurant) -> None:
    refused = browser.post("/restaurants/lucette/dishes/feast/", {"quantity": 1})
    assert refused.status_code == 422
    assert f"“Feast” is served {hours_words.told(FAR_AWAY)}" in text_of(refused)
    assert browser.basket is None
    assert browser.post("/restaurants/lucette/dishes/always/", {"quantity": 1}).status_code == 302


def test_what_is_served_later_is_said_and_can_be_added_for_later(browser: Browser, lunch_place: Restaurant) -> None:
    page = browser.get("/restaurants/lucette/")
    assert text_of(page).count("Not served now") == 2
    assert f"Served {hours_words.told(ANOTHER_DAY)}" in text_of(page)
    assert browser.post("/restaurants/lucette/dishes/lunch/", {"quantity": 1}).status_code == 302
    assert f"“Lunch” is served {hours_words.told(ANOTHER_DAY)}" in text_of(browser.get("/basket/"))


def test_what_is_not_served_now_is_refused_at_placing(lunch_place: Restaurant) -> None:
    api = Api()
    dishes = {dish["id"]: dish for dish in api.get("restaurants/lucette").json()["dishes"]}
    told = {name: (dish["served"], dish["served_now"]) for name, dish in dishes.items()}
    assert told.pop("feast") == (FAR_AWAY, False)
    assert told == {"margherita": (None, True), "lunch": (ANOTHER_DAY, False), "always": ("24/7", True)}
    lines = [{"dish": dish, "quantity": 1, "options": []} for dish in ("lunch", "margherita")]
    refused = api.post("orders", order_request(lunch_place, lines=lines))
    assert refused.status_code == 422
    assert "not served at that time" in refused.content.decode()
    assert list(Order.scan()) == []
