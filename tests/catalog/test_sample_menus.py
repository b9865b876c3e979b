"""The sample restaurants and their menus: plausible, whole, and safe to be read by somebody with an allergy."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog import hours
from catalog.cities import CITIES, City
from catalog.cuisines import GENERAL, GROUPS, group_of
from catalog.models import Dish, Restaurant
from catalog.samples.dishes import FOLDER, PRICE_LEVELS, best_for, cuisines, menu_for, price, template
from catalog.samples.restaurants import ALWAYS, NAMES, sample_records
from core import geo
from localcloud.supervisor import SAMPLE_RESTAURANTS
from regions import topology
from tests.factories import cell_of, make_restaurant

ALLERGENS = {
    "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk", "nuts", "celery", "mustard", "sesame",
    "sulphites", "lupin", "molluscs",
}  # fmt: skip
"""The fourteen of Regulation (EU) No 1169/2011, Annex II."""

MEAT_FREE = {"fish", "crustaceans", "molluscs"}
NEVER_IN = {
    "vegetarian": MEAT_FREE,
    "vegan": MEAT_FREE | {"milk", "eggs"},
    "gluten-free": {"gluten"},
    "halal": set[str](),
}
CHEAPEST, DEAREST = 200, 3500  # in cents of a euro
DRINKS = {"drinks", "boissons", "bebidas", "coffee"}


def test_the_sample_is_the_same_for_the_same_seed_and_only_grows() -> None:
    def image(count: int, seed: int = 1) -> list[Any]:
        return [record.serialize() for record in sample_records(count, seed)]

    small, large = image(5), image(8)
    assert large[: len(small)] == small
    assert image(5, seed=2) != small


def test_the_sample_is_plausible() -> None:
    records = list(sample_records(200))
    restaurants = {record.pk: record for record in records if isinstance(record, Restaurant)}
    assert len(restaurants) == 200
    assert len({record.id for record in restaurants.values()}) == 200
    for record in records:
        if isinstance(record, Dish):
            assert_plausible(record, restaurants[record.pk])
    for restaurant in restaurants.values():
        assert hours.readable(restaurant.opening_hours)
        assert restaurant.jurisdiction in topology.current().jurisdictions
        assert 0 < restaurant.radius_m <= geo.MAX_RADIUS_KM * 1000
        assert restaurant.delivers_to(cell_of(restaurant))


def assert_plausible(dish: Dish, restaurant: Restaurant) -> None:
    assert dish.section in {section["id"] for section in restaurant.sections}
    euro = dish.price_minor / PRICE_LEVELS[restaurant.currency][0]
    assert 190 <= euro <= 3600, (dish.id, dish.price_minor, restaurant.currency)
    for group in dish.options:
        assert 0 <= group["min"] <= group["max"] <= len(group["choices"])
        assert all(choice["price_minor"] >= 0 for choice in group["choices"])


QUARTER = timedelta(minutes=15)
TURNED = {
    "America/": {"2026-11-01": 169, "2027-03-14": 167},
    "Europe/": {"2026-10-25": 169, "2027-03-28": 167},
}
"""Continent → a Sunday on which its clocks are turned, and how many hours the week has that it is in the middle of."""


@cache
def sample() -> list[Restaurant]:
    """As many as a laptop cloud begins with."""
    return [record for record in sample_records(SAMPLE_RESTAURANTS) if isinstance(record, Restaurant)]


def quarters(first_day: date, time_zone: str) -> list[datetime]:
    """All quarters of an hour of a week."""
    zone = ZoneInfo(time_zone)
    begin, end = (datetime.combine(first_day + timedelta(days=n), time(), zone).astimezone(UTC) for n in (0, 7))
    return [begin + n * QUARTER for n in range((end - begin) // QUARTER)]


@pytest.mark.parametrize("city", CITIES, ids=lambda city: city.slug)
def test_three_are_open_in_every_city_at_any_hour_of_any_day(city: City) -> None:
    turned = next(weeks for continent, weeks in TURNED.items() if city.time_zone.startswith(continent))
    there = [restaurant for restaurant in sample() if restaurant.delivers_to(city.cell)]
    for sunday, expected_hours in {"2026-07-12": 168, **turned}.items():
        week = quarters(date.fromisoformat(sunday) - timedelta(days=3), city.time_zone)
        assert len(week) == expected_hours * 4
        opened = dict.fromkeys(week, 0)
        for restaurant in there:
            spans = hours.open_spans(restaurant.opening_hours, restaurant.place, week[0], week[-1] + QUARTER)
            for quarter in {begin + n * QUARTER for begin, end in spans for n in range((end - begin) // QUARTER)}:
                opened[quarter] += 1
        quiet = {f"{at.astimezone(ZoneInfo(city.time_zone)):%a %H:%M %Z}": n for at, n in opened.items() if n < 3}
        assert not quiet
        # What the lists ask says the same, around the hour that is there twice or not at all.
        for at in week[3 * 96 : 3 * 96 + 6 * 4]:
            assert sum(hours.is_open(r.opening_hours, r.place, at) for r in there) == opened[at]


def test_what_has_hours_of_its_own_can_be_had_where_it_is_sold() -> None:
    week = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    place = sample()[0]
    for record in sample_records(SAMPLE_RESTAURANTS):
        if isinstance(record, Restaurant):
            place = record
        elif isinstance(record, Dish) and record.served:
            is_open = hours.open_spans(place.opening_hours, place.place, *week)
            is_made = hours.open_spans(record.served, place.place, *week)
            assert any(max(o[0], m[0]) < min(o[1], m[1]) for o in is_open for m in is_made), (place.name, record.name)


def test_hardly_any_is_open_around_the_clock() -> None:
    always = [restaurant for restaurant in sample() if restaurant.opening_hours in ALWAYS]
    assert len(always) < len(sample()) / 5


@pytest.mark.parametrize("name", cuisines())
def test_a_sample_menu_is_whole(name: str) -> None:
    menu = template(name)
    dishes = menu["dishes"]
    assert len(dishes) >= 15
    assert len({dish["id"] for dish in dishes}) == len({dish["name"] for dish in dishes}) == len(dishes)
    assert {dish["section"] for dish in dishes} == {section["id"] for section in menu["sections"]}
    assert {key for dish in dishes for key in dish.get("options", [])} == set(menu["options"])
    assert group_of(menu["cuisines"]) == name, "its restaurants have its drawing"
    assert GROUPS[name][0] in menu["cuisines"], "and are found under its first word"


@pytest.mark.parametrize("name", cuisines())
def test_the_options_of_a_sample_menu_can_be_chosen(name: str) -> None:
    for key, group in template(name)["options"].items():
        assert 0 <= group["min"] <= group["max"] <= len(group["choices"]), key
        assert group["max"] >= 1
        assert len({choice["id"] for choice in group["choices"]}) == len(group["choices"]) > 1, key
        assert len({choice["name"] for choice in group["choices"]}) == len(group["choices"]), key
        assert all(0 <= choice["price"] <= 1500 for choice in group["choices"]), key


@pytest.mark.parametrize("name", cuisines())
def test_a_sample_menu_says_allergens_and_diets_without_contradiction(name: str) -> None:
    for dish in template(name)["dishes"]:
        allergens, diets = set(dish.get("allergens", [])), set(dish.get("diets", []))
        assert allergens <= ALLERGENS, dish["id"]
        assert diets <= set(NEVER_IN), dish["id"]
        assert not {(diet, found) for diet in diets for found in NEVER_IN[diet] & allergens}, dish["id"]
        assert "vegan" not in diets or "vegetarian" in diets, dish["id"]
        assert not ({"halal", "vegetarian"} <= diets), dish["id"]


@pytest.mark.parametrize("name", cuisines())
def test_a_sample_menu_has_believable_prices_and_hours(name: str) -> None:
    dishes = template(name)["dishes"]
    for dish in dishes:
        assert CHEAPEST <= dish["price"] <= (1300 if dish["section"] in DRINKS else DEAREST), dish["id"]
        assert "served" not in dish or hours.readable(dish["served"]), dish["id"]
        assert dish["section"] in DRINKS or dish["price"] >= 250, dish["id"]
    by_section: dict[str, list[int]] = {}
    for dish in dishes:
        by_section.setdefault(dish["section"], []).append(dish["price"])
    assert all(max(prices) <= 5 * min(prices) for prices in by_section.values())


def test_there_is_a_menu_names_and_a_drawing_for_each_group_of_cuisines() -> None:
    art = Path(__file__).parents[2] / "static" / "art"
    assert len(cuisines()) >= 12
    assert {file.stem for file in FOLDER.glob("*.toml")} == set(cuisines()) == set(NAMES)
    assert all((art / f"{name}.svg").is_file() for name in (*cuisines(), "plate"))
    names = [name for given in NAMES.values() for name in given]
    assert len(set(names)) == len(names)


def test_some_dishes_are_served_at_certain_hours_only() -> None:
    served = {dish["served"] for name in cuisines() for dish in template(name)["dishes"] if "served" in dish}
    assert {"Mo-Su 06:00-11:30", "Mo-Fr 11:30-14:30"} <= served


def test_a_word_is_in_one_group_only() -> None:
    words = [word for group in GROUPS.values() for word in group]
    assert len(set(words)) == len(words)
    assert set(GENERAL.values()) <= set(GROUPS)


@pytest.mark.parametrize(
    ("words", "group"),
    [
        (["vegetarian", "indian"], "indian"),
        (["international", "sushi"], "sushi"),
        (["steaks"], "smokehouse"),
        (["middle-eastern"], "lebanese"),
        (["north indian"], "indian"),
        (["ice_cream"], "cafe"),
        (["vegetarian"], "bowls"),
        (["martian"], None),
        ([], None),
    ],
)
def test_a_restaurant_has_the_menu_and_drawing_of_what_says_most(words: list[str], group: str | None) -> None:
    assert group_of(words) == group
    assert best_for(words) == (group or "pizza")


def test_ten_restaurants_of_a_city_cook_ten_things_and_cities_differ() -> None:
    cooked: dict[str, list[str]] = {}
    for restaurant in sample_records(10 * len(CITIES)):
        if isinstance(restaurant, Restaurant):
            cooked.setdefault(restaurant.address["city"], []).append(str(best_for(restaurant.cuisines)))
    assert all(len(set(menus)) == 10 for menus in cooked.values())
    assert len({tuple(menus) for menus in cooked.values()}) == len(CITIES)


def test_a_price_is_carried_over_and_rounded_as_menus_are() -> None:
    assert [price(1000, currency) for currency in ("EUR", "USD", "GBP", "SEK", "ISK")] == [1000, 1245, 950, 10500, 1700]
    assert price(0, "USD") == 0


@pytest.mark.parametrize("cuisine", cuisines())
def test_the_first_dish_with_options_goes_into_the_basket_as_it_opens(cuisine: str) -> None:
    """Who tries things out, and who walks through the pages, adds it with two clicks: what must be chosen has a first choice."""
    _, dishes = menu_for(make_restaurant(), cuisine)
    first = next(dish for dish in dishes if dish.options)
    assert all(group["min"] == 0 or (group["min"], group["max"]) == (1, 1) for group in first.options), first.name
