"""Menus from files and into files."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog import menu_rules
from catalog.imports import menu_files
from catalog.imports.menu_draft import Draft
from catalog.menus import menu_of
from catalog.models import Dish, Restaurant
from catalog.samples.dishes import cuisines, menu_for
from core.errors import Invalid, TooLarge
from core.plain_text import clean
from tests.conftest import region
from tests.factories import make_dish, make_restaurant, save_restaurant

OFFER = {"@type": "Offer", "price": 12.5}


def item(name: str = "Soup", **values: Any) -> dict[str, Any]:
    return {"@type": "MenuItem", "name": name, "offers": OFFER, **values}


def menu(*items: Any, **values: Any) -> dict[str, Any]:
    section = {"@type": "MenuSection", "name": "Starters", "hasMenuItem": list(items)}
    return {"@context": "https://schema.org", "@type": "Menu", "hasMenuSection": section, **values}


def read(document: Any, *, country: str = "FR", **restaurant: Any) -> Draft:
    text = document if isinstance(document, str) else json.dumps(document)
    where = make_restaurant(country=country, **restaurant)
    return menu_files.read(text, where, kind=menu_files.format_of(text))


def one(document: Any) -> Dish:
    (dish,) = read(document).dishes
    return dish


def as_stored(sections: Any, dishes: list[Dish]) -> Any:
    return sections, [dish.to_dynamodb_dict() for dish in dishes]


def check_round_trip(restaurant: Restaurant, sections: list[dict[str, str]], dishes: list[Dish]) -> None:
    restaurant.sections = sections
    for kind in menu_files.FORMATS:
        text = menu_files.written(restaurant, dishes, kind=kind)
        assert menu_files.format_of(text) == kind
        draft = menu_files.read(text, restaurant, kind=kind)
        assert as_stored(draft.sections, draft.dishes) == as_stored(sections, dishes), kind


@pytest.mark.parametrize("name", cuisines())
@pytest.mark.parametrize("currency", ["EUR", "USD", "ISK", "HUF"])
def test_a_sample_menu_survives_export_and_import(name: str, currency: str) -> None:
    restaurant = make_restaurant(currency=currency)
    sections, dishes = menu_for(restaurant, name)
    check_round_trip(restaurant, sections, dishes)


texts = (st.text(max_size=40) | st.sampled_from(["a &amp; b", "&lt", "R&D", "&#8211;"])).map(
    lambda text: clean(text, 40)
)
names = texts.filter(bool)
ids = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True)
words = st.lists(texts.map(lambda text: clean(text.replace(",", ""), 40)).filter(bool), max_size=3, unique=True)
prices = st.integers(0, 1_000_000)
served = st.sampled_from([None, "Mo-Fr 11:30-14:30", "24/7", 'Sa,Su 10:00-14:00 "brunch"'])


@st.composite
def groups(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for group_id in draw(st.lists(ids, max_size=3, unique=True)):
        choice_ids = draw(st.lists(ids, min_size=1, max_size=4, unique=True))
        high = draw(st.integers(1, 5))
        choices = [{"id": each, "name": draw(names), "price_minor": draw(prices)} for each in choice_ids]
        low = draw(st.integers(0, min(high, len(choices))))
        found.append({"id": group_id, "name": draw(names), "min": low, "max": high, "choices": choices})
    return found


Menu = tuple[list[dict[str, str]], list[Dish]]


@st.composite
def menus(draw: st.DrawFn) -> Menu:
    sections = [
        {"id": each, "name": draw(names)} | ({"description": about} if (about := draw(texts)) else {})
        for each in draw(st.lists(ids, min_size=1, max_size=3, unique=True))
    ]
    dishes = [
        make_dish(
            dish_id, section=draw(st.sampled_from(sections))["id"], position=draw(st.integers(0, 99)),
            name=draw(names), description=draw(texts) or None, price_minor=draw(prices),
            options=draw(groups()), allergens=draw(words), diets=draw(words), served=draw(served),
            sold_out=draw(st.sampled_from([None, True])),
        )
        for dish_id in draw(st.lists(ids, min_size=1, max_size=5, unique=True))
    ]  # fmt: skip
    places = [section["id"] for section in sections]
    return sections, sorted(dishes, key=lambda dish: places.index(dish.section))


def test_the_hours_of_a_dish_are_read_as_people_write_them() -> None:
    def lunch(hours: str) -> Dish:
        return one(menu(item(additionalProperty={"@type": "PropertyValue", "name": "served", "value": hours})))

    assert lunch("Mon - Fri: 11:30 am - 2:30 pm").served == "Mo-Fr 11:30-14:30"
    with pytest.raises(Invalid, match=r"item 1 “Soup”: has hours .* that cannot be read; write them like Mo-Fr"):
        lunch("at noon or so")
    with pytest.raises(Invalid, match="Line 3: has hours"):
        read("kind,name,price,served\nsection,Soups,,\ndish,Soup,4,at noon or so\n")


def with_diets(*diets: str) -> Menu:
    section = {"id": "0", "name": "0"}
    return [section], [make_dish("0", section="0", description=None, options=[], diets=list(diets))]


@settings(max_examples=150, deadline=None)
@given(menus())
@example(with_diets("LOWCALORIEDIET"))  # schema.org's word for another of ours, but a word of the restaurant's own
@example(with_diets("schema:vegan", "https://schema.org/x", "VeganDiet", "vegan"))
def test_any_menu_survives_export_and_import(menu: Menu) -> None:
    check_round_trip(make_restaurant(), *menu)


# JSON-LD as others write it


def test_prices_are_numbers_or_text() -> None:
    for price, expected in (
        (12.5, 1250),
        (12, 1200),
        ("12.50", 1250),
        ("12,5", 1250),
        ("€ 12.50", 1250),
        ("12 EUR", 1200),
    ):
        assert one(menu(item(offers={"price": price}))).price_minor == expected


@pytest.mark.parametrize(
    "price",
    [
        "1,250",
        "1.250",
        "1,250,00",
        "5-9",
        "from 5",
        "free",
        "-1",
        "12.345",
        "NaN",
        True,
        [],
        {},
        "1e9",
        None,
        1e30,
        "９",
    ],
)
def test_a_price_is_never_guessed(price: Any) -> None:
    with pytest.raises(Invalid, match="item 1 “Soup”: has no price that can be read"):
        read(menu(item(offers={"price": price})))


def test_a_price_has_the_places_of_its_currency() -> None:
    with pytest.raises(Invalid, match="ISK cannot have"):
        read(menu(item()), currency="ISK")
    assert read(menu(item(offers={"price": "1250"})), currency="ISK").dishes[0].price_minor == 1250


def test_a_price_in_another_currency_is_refused() -> None:
    with pytest.raises(Invalid, match="the price is in USD, the restaurant's are in EUR"):
        read(menu(item(offers={"price": 1, "priceCurrency": "USD"})))


def test_a_price_may_stand_in_its_specification() -> None:
    offer = {"priceSpecification": {"price": "3.20", "priceCurrency": "eur"}}
    assert one(menu(item(offers=offer))).price_minor == 320


def test_offers_with_different_prices_become_an_option_group() -> None:
    offers = [{"name": "Large", "price": "9.00"}, {"name": "Small", "price": "6.50"}]
    dish = one(menu(item(offers=offers)))
    assert dish.price_minor == 650
    assert dish.options == [{
        "id": "offer", "name": "Choose one", "min": 1, "max": 1,
        "choices": [
            {"id": "large", "name": "Large", "price_minor": 250},
            {"id": "small", "name": "Small", "price_minor": 0},
        ],
    }]  # fmt: skip


def test_offers_with_one_price_are_one_price() -> None:
    dish = one(menu(item(offers=[{"price": 5, "name": "here"}, {"price": "5.00", "name": "to take away"}])))
    assert (dish.price_minor, dish.options) == (500, [])


def test_parts_refer_to_each_other_in_a_graph_and_in_a_list() -> None:
    parts = [
        {"@id": "#r", "@type": "Restaurant", "hasMenu": {"@id": "#m"}},
        {"@id": "#m", "@type": ["Menu", "CreativeWork"], "hasMenuSection": [{"@id": "#s"}]},
        {"@id": "#s", "@type": "MenuSection", "name": "Soups", "hasMenuItem": ["#i", item("Other")]},
        {
            "@id": "#i",
            "@type": "https://schema.org/MenuItem",
            "name": {"@value": "Soup", "@language": "en"},
            "offers": {"@id": "#o"},
        },
        {"@id": "#o", "@type": "Offer", "price": 4},
    ]
    for document in ({"@context": "https://schema.org", "@graph": parts}, parts):
        draft = read(document)
        assert [(dish.id, dish.name, dish.price_minor) for dish in draft.dishes] == [
            ("i", "Soup", 400),
            ("other", "Other", 1250),
        ]
        assert draft.sections == [{"id": "s", "name": "Soups"}]


def test_sections_within_sections_and_dishes_without_one_are_taken() -> None:
    inner = {"name": "Red", "hasMenuItem": item("Merlot")}
    document = menu(item(), name="Lunch", hasMenuItem=item("Bread"))
    document["hasMenuSection"]["hasMenuSection"] = inner
    draft = read(document)
    assert [(dish.section, dish.name) for dish in draft.dishes] == [
        ("lunch", "Bread"),
        ("starters", "Soup"),
        ("starters-red", "Merlot"),
    ]


def test_add_ons_are_option_groups() -> None:
    group = {"@type": "MenuSection", "name": "Bread", "hasMenuItem": [item("White", offers=None), item("Brown")]}
    dish = one(menu(item(menuAddOn=[group, item("Cheese")])))
    assert [(each["id"], each["min"], each["max"], len(each["choices"])) for each in dish.options] == [
        ("bread", 0, 2, 2), ("add-ons", 0, 1, 1),
    ]  # fmt: skip


def test_names_without_latin_letters_have_an_id_that_stays() -> None:
    first, second = read(menu(item("寿司"))).dishes[0].id, read(menu(item("寿司"))).dishes[0].id
    assert first == second
    assert [dish.id for dish in read(menu(item(), item())).dishes] == ["soup", "soup-2"]


def circle() -> list[dict[str, Any]]:
    return [{"@type": "Menu", "hasMenuSection": "#a"}, {"@id": "#a", "name": "A", "hasMenuSection": ["#a", "#a"]}]


def fan() -> list[dict[str, Any]]:
    """Each part refers to the next a hundred times."""
    chain = [{"@id": f"#{n}", "name": f"S{n}", "hasMenuSection": [f"#{n + 1}"] * 100} for n in range(4)]
    return [
        {"@type": "Menu", "hasMenuSection": "#0"},
        *chain,
        {"@id": "#4", "name": "S", "hasMenuItem": [item()] * 100},
    ]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"@type": "Recipe"}, "no schema.org Menu"),
        ([], "no schema.org Menu"),
        (menu(), "no dish in this file"),
        (menu(item(offers=None)), "section 1 “Starters” › item 1 “Soup”: has no price: an offer"),
        (menu(item(offers={"@type": "Offer"})), "an offer without a price"),
        (menu(item(name="")), "item 1 “”: has no name"),
        (menu(item(), item("x" * 121)), "item 2 .*: has a name of more than 120 characters"),
        (menu(item(description="x" * 1001)), "a description of more than 1000"),
        (menu(item(position="first")), "a position that is not a whole number"),
        (menu(item(suitableForDiet=[f"d{n}" for n in range(21)])), "more than 20 diets"),
        (menu(item(identifier="a"), item(identifier="a")), "two dishes with the id “a”"),
        (menu(item(offers="#gone")), "offers refers to “#gone”, which is not in the file"),
        (menu(item(menuAddOn={"name": "None", "hasMenuItem": []})), "“None” has no choices"),
        (menu(*[item(f"Dish {n}") for n in range(501)]), "at most 500 dishes"),
        (menu(item(menuAddOn=[{"name": "G", "hasMenuItem": [item(f"C{n}") for n in range(101)]}])), "at most 100 choices"),
        (menu(item(menuAddOn=[{"name": f"G{n}", "hasMenuItem": item()} for n in range(21)])), "at most 20 option groups"),
        ({"@type": "Menu", "hasMenuSection": [{"name": f"S{n}", "hasMenuItem": item()} for n in range(61)]}, "at most 60 sec"),
        (circle(), "in a circle|more than 20000 parts"),
        (fan(), "more than|at most"),
        ('{"@type": "Menu",\n "hasMenuSection": [}', "line 2"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('{"@type": "Menu", "x": Infinity}', "Infinity is no number"),
        (json.dumps(menu(item(offers={"price": 1.5}))).replace("1.5", "1e400"), "no price that can be read"),
        (json.dumps(menu(item(offers={"price": 1.5}))).replace("1.5", "9" * 5000), "thousands of digits"),
    ],
)  # fmt: skip
def test_json_that_is_refused_names_the_place(document: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(document)


# CSV


def test_csv_needs_little() -> None:
    draft = read(
        'Kind,Name,Price\nsection,Soups,\ndish,Onion soup,"7,50"\ngroup,Bread,\nchoice,White,\nchoice,Brown,0.5\n'
    )
    (dish,) = draft.dishes
    assert (draft.sections, dish.id, dish.price_minor) == ([{"id": "soups", "name": "Soups"}], "onion-soup", 750)
    assert [(group["id"], group["min"], group["max"]) for group in dish.options] == [("bread", 0, 2)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "The header needs kind, name and price"),
        ("name,prices\nSoup,1\n", "The header needs kind, name and price"),
        ("kind,name,price\ndish,Soup,1\n", "Line 2: a dish stands below its section"),
        ("kind,name,price\nsection,S,\n\ndish,Soup,cheap\n", "Line 4: has no price"),
        ("kind,name,price\nsection,S,\ndish,Soup,1,2\n", "Line 3: there are more cells"),
        ("kind,name,price\nsoup,S,\n", "Line 2: the kind is none of section, dish"),
        ("kind,name,price\nsection,S,\nchoice,C,\n", "below its option group"),
        ("kind,name,price\nsection,S,\ndish,D,1\ngroup,G,\n", "“G” has no choices"),
        ("kind,name,price,min\nsection,S,,\ndish,D,1,\ngroup,G,,2\nchoice,C,,\n", "“G” cannot be chosen from"),
        ("kind,name,price,currency\nsection,S,,\ndish,D,1,USD\n", "Line 3: the price is in USD"),
        ('kind,name,price\nsection,"S,\n', "this is not CSV"),
        ("kind,name,price\nsection," + "x" * 200_000 + ",\n", "this is not CSV: field larger"),
        ("kind,name,price\nsection,S,\n" + "dish,D,1\n" * 501, "at most 500 dishes"),
    ],
)
def test_csv_that_is_refused_names_the_line(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(text)


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@x", "'=1", "''@", "'plain", '=HYPERLINK("http://x","y")', "＝1"]
)
def test_a_cell_is_never_a_formula_and_comes_back_as_it_was(name: str) -> None:
    restaurant = make_restaurant(sections=[{"id": "pizza", "name": name}])
    dishes = [make_dish(name=name, description=name, allergens=[name.replace(",", "")])]
    text = menu_files.written(restaurant, dishes, kind="csv")
    import csv

    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@＝")]
    draft = menu_files.read(text, restaurant, kind="csv")
    assert (draft.sections[0]["name"], draft.dishes[0].name, draft.dishes[0].description) == (name, name, name)


# Hostile text


HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "right to left": "\u202egnp.exe \u2066x\u2069 مطعم",
    "emoji": "👩‍👩‍👧‍👦🍕",
    "long": "x" * 10_000,
    "half a character": "a\ud800b",
    "control": "a\x00b\r\nc",
    "a list": [["x"]],
    "an object": {"x": "y"},
    "a huge number": 10**400,
}


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize(
    "field", ["name", "description", "identifier", "position", "offers", "suitableForDiet", "menuAddOn", "@id", "@type"]
)
def test_hostile_values_are_bounded_or_refused(tables: None, field: str, value: Any) -> None:
    try:
        draft = read(menu(item(**{field: value})))
    except Invalid as refused:
        assert len(refused.detail) < 600
        return
    menu_rules.check(draft.sections, draft.dishes)
    for dish in draft.dishes:
        dish.save()
        stored = json.dumps(dish.to_dynamodb_dict(), ensure_ascii=False)
        assert len(stored.encode()) < 5_000
        assert not set("\u202e\u2066\x00") & set(stored)


def test_the_largest_dish_fits_into_a_record(tables: None) -> None:
    name = "🍕" * menu_rules.MAX_NAME
    groups = [
        {"name": f"{n:02d}{name}"[:120], "hasMenuItem": [item(f"{c}{name}"[:120]) for c in range(5)]} for n in range(20)
    ]
    dish = one(menu(item(name, description="🍕" * 1000, menuAddOn=groups)))
    dish.save()
    assert len(json.dumps(dish.to_dynamodb_dict())) < 400_000


# The commands


def export(restaurant: str, capsys: Any, kind: str) -> str:
    capsys.readouterr()
    call_command("export_menu", restaurant, "--format", kind)
    return str(capsys.readouterr().out)


@pytest.mark.parametrize(("kind", "ending"), [("jsonld", "json"), ("csv", "csv")])
def test_what_is_exported_is_imported_without_a_change(
    tables: None, tmp_path: Path, capsys: Any, kind: str, ending: str
) -> None:
    restaurant = make_restaurant()
    sections, dishes = menu_for(restaurant)
    restaurant.sections = sections
    save_restaurant(restaurant, dishes)
    before = [dish.version for dish in menu_of("lucette")[1]]
    file = tmp_path / f"menu.{ending}"
    file.write_text(export("lucette", capsys, kind), encoding="utf-8", newline="")
    call_command("import_menu", "lucette", str(file))
    assert "unchanged" in capsys.readouterr().out
    assert [dish.version for dish in menu_of("lucette")[1]] == before


def test_a_menu_is_replaced_and_a_second_import_changes_nothing(tables: None, tmp_path: Path, capsys: Any) -> None:
    save_restaurant(make_restaurant(country="FR"))
    file = tmp_path / "menu.json"
    file.write_text(json.dumps(menu(item(), item("Bread"))))
    for outcome in ("changed", "unchanged"):
        call_command("import_menu", "lucette", str(file))
        assert f"Chez Lucette: {outcome}; 2 dishes in 1 sections." in capsys.readouterr().out
    assert [dish.name for dish in menu_of("lucette")[1]] == ["Soup", "Bread"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps(menu(item(), item(offers=None))).encode(), "item 2 .*Nothing was imported"),
        (b"\xff\xfe\x00", "not text in UTF-8"),
        (b"", "The header needs"),
    ],
)
def test_a_broken_file_leaves_the_menu_as_it_is(tables: None, tmp_path: Path, content: bytes, why: str) -> None:
    save_restaurant(make_restaurant(country="FR"))
    before = [dish.to_dynamodb_dict() for dish in menu_of("lucette")[1]]
    file = tmp_path / "menu.json"
    file.write_bytes(content)
    with pytest.raises(CommandError, match=why):
        call_command("import_menu", "lucette", str(file))
    assert [dish.to_dynamodb_dict() for dish in menu_of("lucette")[1]] == before


def test_a_file_over_the_limit_is_not_even_opened(tmp_path: Path) -> None:
    file = tmp_path / "large.json"
    with file.open("wb") as large:
        large.truncate(50 * 1024 * 1024)
    with pytest.raises(TooLarge, match="larger than 5 MB"):
        menu_files.load(file, make_restaurant())


def test_what_is_not_there_is_said(tables: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="not available here"):
        call_command("export_menu", "nobody")
    save_restaurant()
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_menu", "lucette", str(tmp_path / "missing.csv"))


def test_an_import_outside_the_master_has_to_wait(tables: None, tmp_path: Path) -> None:
    with region("eu-west-1"), pytest.raises(CommandError, match="changed in us-east-1 only"):
        call_command("import_menu", "lucette", str(tmp_path / "menu.csv"))
