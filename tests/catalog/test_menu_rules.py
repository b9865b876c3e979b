"""What a menu may hold, whoever writes it."""

import json
from typing import Any

import pytest

from catalog import actions, menu_rules
from catalog.menus import menu_of
from catalog.models import Restaurant
from catalog.samples.dishes import cuisines, menu_for
from core.errors import Invalid
from tests.factories import EXTRAS, SIZES, make_dish, make_restaurant, save_restaurant

SECTION = {"id": "pizza", "name": "Pizza"}


def group(count: int, **values: Any) -> dict[str, Any]:
    choices = [{"id": f"c{n}", "name": f"Choice {n}", "price_minor": 0} for n in range(count)]
    return {"id": f"g{count}", "name": "Group", "min": 0, "max": 1, "choices": choices, **values}


@pytest.mark.parametrize(
    ("dish", "why"),
    [
        ({"name": ""}, "a name has 1 to 120 characters"),
        ({"name": "x" * 121}, "a name has 1 to 120 characters"),
        ({"name": "So\nup"}, "on one line"),
        ({"name": "\u202epuoS"}, "on one line"),
        ({"dish_id": "so/up"}, "an id has 1 to 60"),
        ({"dish_id": "so#up"}, "an id has 1 to 60"),
        ({"dish_id": "x" * 61}, "an id has 1 to 60"),
        ({"description": "x" * 1001}, "a description has at most 1000"),
        ({"price_minor": -1}, "a price is from 0"),
        ({"price_minor": 1.5}, "a price is from 0"),
        ({"price_minor": 10_000_001}, "a price is from 0"),
        ({"allergens": [f"a{n}" for n in range(21)]}, "at most 20 allergens"),
        ({"diets": ["x" * 41]}, "of up to 40 characters"),
        ({"served": "at noon or so"}, "write them like Mo-Fr"),
        ({"options": [{**SIZES, "id": f"g{n}"} for n in range(21)]}, "at most 20 option groups"),
        ({"options": [group(60), group(41)]}, "100 choices in all"),
        ({"options": [SIZES, SIZES]}, "only once"),
        ({"options": [group(2, id="a:b")]}, "an id has 1 to 60"),
        ({"options": [group(2, name="")]}, "a name has 1 to 120"),
        ({"options": [group(0)]}, "nothing can be chosen from"),
        ({"options": [group(2, max=0)]}, "nothing can be chosen from"),
        ({"options": [group(2, min=3, max=3)]}, "nothing can be chosen from"),
        ({"options": [group(2, min=-1)]}, "nothing can be chosen from"),
        ({"options": [group(1, choices=[{"id": "a", "name": "A", "price_minor": -5}])]}, "a price is from 0"),
    ],
)
def test_a_dish_that_no_menu_may_hold(tables: None, dish: dict[str, Any], why: str) -> None:
    save_restaurant()
    with pytest.raises(Invalid, match=why):
        actions.put_menu("lucette", sections=[SECTION], dishes=[make_dish("bianca"), make_dish(**dish)])
    assert [dish.id for dish in menu_of("lucette")[1]] == ["margherita"]


def test_no_two_dishes_have_one_id_and_no_two_sections(tables: None) -> None:
    save_restaurant()
    with pytest.raises(Invalid, match="only once"):
        actions.put_menu("lucette", sections=[SECTION], dishes=[make_dish(), make_dish(price_minor=1)])
    with pytest.raises(Invalid, match="only once"):
        actions.put_menu("lucette", sections=[SECTION, SECTION], dishes=[make_dish()])
    with pytest.raises(Invalid, match="at most 60 sections"):
        actions.put_menu("lucette", sections=[{"id": f"s{n}", "name": "S"} for n in range(61)], dishes=[])


@pytest.mark.parametrize("name", cuisines())
def test_sample_menus_keep_the_rules(name: str) -> None:
    sections, dishes = menu_for(make_restaurant(), name)
    menu_rules.check(sections, dishes)
    assert sections
    assert dishes


def test_what_is_just_possible_is_possible_and_one_more_is_not() -> None:
    just = {"name": "🍕" * 120, "description": "🍕" * 1000, "price_minor": 0, "options": [group(60), group(40)]}
    more = {"name": "🍕" * 121, "description": "🍕" * 1001, "price_minor": -1, "options": [group(60), group(41)]}
    menu_rules.check(
        [SECTION], [make_dish("x" * 60, **just), make_dish(options=[SIZES, EXTRAS], served="Mo-Fr 11:30-14:30")]
    )
    for name, value in more.items():
        with pytest.raises(Invalid):
            menu_rules.check([SECTION], [make_dish("x" * 60, **{**just, name: value})])


def test_what_sections_say_is_bounded_each_and_together(tables: None) -> None:
    save_restaurant()
    about = [{"id": f"s{n}", "name": f"S{n}", "description": "é" * 1000} for n in range(60)]
    for sections, why in (
        ([{**SECTION, "description": "x" * 1001}], "a description has at most 1000"),
        ([{**SECTION, "description": "two\nlines"}], "on one line"),
        (about, "too long together"),
    ):
        with pytest.raises(Invalid, match=why):
            actions.put_menu("lucette", sections=sections, dishes=[make_dish()])


def test_the_largest_menus_one_after_the_other_fit_into_the_profile(tables: None) -> None:
    save_restaurant()
    sections = [{"id": f"{n:02d}" + "x" * 58, "name": "🍕" * 120} for n in range(60)]
    sections[0]["description"] = "x" * 1000
    room = menu_rules.MAX_SECTIONS_BYTES - len(json.dumps(sections))
    sections[1]["description"] = "x" * min(room - 30, 1000)
    dishes = [
        make_dish(f"{n:03d}" + "x" * 57, name="🍕" * 120, options=[], section=sections[0]["id"]) for n in range(500)
    ]
    actions.put_menu("lucette", sections=sections, dishes=dishes)
    again = [make_dish(str(dish.id), name="🍔" * 120, options=[], section=str(dish.section)) for dish in dishes]
    actions.put_menu("lucette", sections=sections[::-1], dishes=again)
    stored = Restaurant.get("restaurant#lucette", "profile").to_dynamodb_dict()
    size = sum(len(name) + len(str(*value.values()).encode()) for name, value in stored.items())
    worst = size + 2 * max(room - 1000, 0)  # as if the rest of the descriptions were there too
    assert 250_000 < worst < 400 * 1024
