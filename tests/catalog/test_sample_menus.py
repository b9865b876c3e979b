"""The sample restaurants and their menus: plausible, whole, and safe to be read by somebody with an allergy."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from catalog import hours
from catalog.cities import CITIES
from catalog.cuisines import GENERAL, GROUPS, group_of
from catalog.models import Dish, Restaurant
from catalog.samples.dishes import FOLDER, PRICE_LEVELS, best_for, cuisines, price, template
from catalog.samples.restaurants import NAMES, sample_records
from core import clock, geo
from regions import topology
from tests.factories import cell_of

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


def test_somebody_is_open_in_every_city_at_any_time() -> None:
    restaurants = [r for r in islice(sample_records(60), None) if isinstance(r, Restaurant)]
    for hour in range(24):
        at = clock.now().replace(hour=hour)
        opened = {r.address["city"] for r in restaurants if hours.is_open(r.opening_hours, r.time_zone, at)}
        assert opened == {city.name for city in CITIES}


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
    assert {"Mo-Su 08:00-11:30", "Mo-Fr 11:30-14:30"} <= served


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
