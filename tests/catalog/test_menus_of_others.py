"""Menus as restaurants have them: what their files say, and what is told of what is not kept."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import actions
from catalog.imports import menu_files
from catalog.imports.menu_draft import Draft
from catalog.imports.menu_prices import minor
from catalog.menus import menu_of
from catalog.models import Dish, Kitchen, kitchen_of
from core.errors import Invalid
from tests.factories import make_dish, make_restaurant, save_restaurant

OFFER = {"@type": "Offer", "price": "5.00"}


def item(name: str = "Soup", **values: Any) -> dict[str, Any]:
    return {"@type": "MenuItem", "name": name, "offers": OFFER, **values}


def section(name: str, *items: Any, **values: Any) -> dict[str, Any]:
    return {"@type": "MenuSection", "name": name, "hasMenuItem": list(items), **values}


def menu(*sections: Any, **values: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "Menu", "hasMenuSection": list(sections), **values}


def read(document: Any, *, skip: bool = False, **restaurant: Any) -> Draft:
    text = document if isinstance(document, str) else json.dumps(document)
    where = make_restaurant(**{"country": "FR", **restaurant})
    return menu_files.read(text, where, kind=menu_files.format_of(text), skip=skip)


def prices_of(draft: Draft) -> dict[str, dict[str, int]]:
    """Section → dish → minor units."""
    names = {each["id"]: each["name"] for each in draft.sections}
    shown: dict[str, dict[str, int]] = {}
    for dish in draft.dishes:
        shown.setdefault(names[dish.section], {})[dish.name] = int(dish.price_minor)
    return shown


def sizes_of(dish: Dish) -> dict[str, int]:
    return {choice["name"]: choice["price_minor"] for group in dish.options for choice in group["choices"]}


def one(document: Any, **values: Any) -> Dish:
    (dish,) = read(document, **values).dishes
    return dish


# Sections and menus


def test_sections_of_one_name_in_different_places_are_different() -> None:
    def within(name: str, price: str) -> dict[str, Any]:
        return section(name, hasMenuSection=[section("Fish", item("Cod", offers={"price": price}))])

    draft = read(menu(within("Bowls", "7.95"), within("Tacos", "2.95")))
    assert prices_of(draft) == {"Bowls – Fish": {"Cod": 795}, "Tacos – Fish": {"Cod": 295}}
    assert [each["id"] for each in draft.sections] == ["bowls-fish", "tacos-fish"]


def test_lunch_and_dinner_stay_apart() -> None:
    menus = [
        menu(section("Mains", item("Steak", offers={"price": p})), name=n) for n, p in (("Lunch", 14), ("Dinner", 29))
    ]
    for document in ({"@type": "Restaurant", "hasMenu": menus}, menus, {"@graph": menus}):
        assert prices_of(read(document)) == {"Lunch – Mains": {"Steak": 1400}, "Dinner – Mains": {"Steak": 2900}}
    nameless = [menu(section("Mains", item())), menu(section("Mains", item()))]
    assert list(prices_of(read(nameless))) == ["Menu 1 – Mains", "Menu 2 – Mains"]


def test_two_sections_with_one_identifier_are_two_and_one_that_goes_on_is_one() -> None:
    same = {"identifier": "fish"}
    draft = read(
        menu(section("Raw", item("A"), **same), section("Fried", item("B"), **same), section("Raw", item("C"), **same))
    )
    assert [(each["id"], each["name"]) for each in draft.sections] == [("fish", "Raw"), ("fish-2", "Fried")]
    assert prices_of(draft)["Raw"].keys() == {"A", "C"}


def test_the_outer_names_give_way_when_they_are_too_long() -> None:
    draft = read(menu(section("x" * 110, hasMenuSection=section("Fish of the day", item()))))
    assert [each["name"] for each in draft.sections] == ["Fish of the day"]


def test_what_a_section_says_is_kept_with_all_that_is_in_it() -> None:
    peanuts = {"description": "All contain peanuts."}
    nested = section(
        "Tacos", hasMenuSection=[section("Fish", item()), section("Meat", item(), description="Spicy.")], **peanuts
    )
    draft = read(menu(section("Bowls", item()), nested, description="May contain nuts."))
    assert {each["name"]: each.get("description") for each in draft.sections} == {
        "Bowls": "May contain nuts.", "Tacos – Fish": "All contain peanuts.", "Tacos – Meat": "All contain peanuts. Spicy.",
    }  # fmt: skip


def test_when_a_menu_is_served_holds_for_its_dishes() -> None:
    times = {"offers": {"@type": "Offer", "availabilityStarts": "T11:30:00", "availabilityEnds": "T14:30"}}
    own = {"additionalProperty": {"name": "served", "value": "Sa 10:00-12:00"}}
    draft = read(
        menu(
            section("Mains", item("A"), item("B", **own)),
            section("Sweets", item("C"), openingHours="Su 12:00-14:00"),
            **times,
        )
    )
    assert [dish.served for dish in draft.dishes] == ["11:30-14:30", "Sa 10:00-12:00", "Su 12:00-14:00"]
    date = {"offers": {"@type": "Offer", "availabilityStarts": "2026-01-01", "availabilityEnds": "2026-12-31"}}
    assert read(menu(section("Mains", item()), **date)).not_kept == {"offer of a section": 1}


def test_when_a_section_is_served_is_read_from_an_offer_without_a_type() -> None:
    times = {"offers": {"availabilityStarts": "T11:30:00", "availabilityEnds": "T14:30"}}
    (dish,) = read(menu(section("Lunch", item(), **times))).dishes
    assert dish.served == "11:30-14:30"


def test_what_offers_of_the_same_price_are_for_is_counted_as_not_kept() -> None:
    offers = [{**OFFER, "name": "Green"}, {**OFFER, "name": "Black"}]
    draft = read(menu(section("Tea", item(offers=offers))))
    assert (draft.dishes[0].options, draft.not_kept) == ([], {"offer of the same price": 1})


# How parts are named and found


def test_a_reference_finds_any_part_also_a_nested_one() -> None:
    oat = item("Oat milk", **{"@id": "https://example.com/#oat", "offers": {"price": "0.80"}})
    document = menu(section("Coffee", item("Latte", menuAddOn=[{"@id": oat["@id"]}])), section("Extras", oat))
    assert sizes_of(read(document).dishes[0]) == {"Oat milk": 80}
    parts = [
        {"@type": "MenuItem", "@id": "#s"},
        {"@id": "#s", "name": "Soup"},
        {"@id": "#s", "name": "Soup", "offers": OFFER},
    ]
    assert one([menu(section("A", parts[0])), *parts[1:]]).name == "Soup"
    shared = [
        menu(section("A", {"@id": "#s"}), section("B", {"@id": "#s"})),
        {"@id": "#s", "identifier": "s", **item()},
    ]
    assert [dish.id for dish in read(shared).dishes] == ["s", "s-2"]


def test_one_id_for_many_things_mixes_nothing_up() -> None:
    same = {"@id": "#item"}
    soup, stew = item("Soup", description="Hot", **same), item("Stew", offers={"price": 9}, **same)
    dishes = read(menu(section("A", soup, stew))).dishes
    assert [(dish.name, dish.description, dish.price_minor) for dish in dishes] == [
        ("Soup", "Hot", 500),
        ("Stew", None, 900),
    ]
    with pytest.raises(Invalid, match="refers to “#item”, which the file says different things of"):
        read(menu(section("A", soup, stew, {"@id": "#item"})))
    twice = menu(section("A", item(offers={"price": 1}, **same)), section("B", item(offers={"price": 2}, **same)))
    assert [dish.price_minor for dish in read(twice).dishes] == [100, 200]


@pytest.mark.parametrize(
    "rename",
    [
        lambda text: text.replace('"name"', '"schema:name"').replace('"Menu', '"schema:Menu'),
        lambda text: text.replace('"hasMenu', '"https://schema.org/hasMenu').replace('"MenuItem"', '["http://schema.org/MenuItem"]'),
        lambda text: text.replace('"@type"', '"type"'),
        lambda text: text.replace(
            '"https://schema.org"', '{"s": "https://schema.org/", "nom": "s:name"}'
        ).replace('"name"', '"nom"'),
        lambda text: text.replace('"Soup"', '{"@value": "Soup", "@language": "en"}'),
        lambda text: text.replace('"Soup"', '[{"@value": "Soup", "@language": "en"}, {"@value": "Suppe", "@language": "de"}]'),
        lambda text: text.replace('"Soup"', '{"en": "Soup", "de": "Suppe"}'),
    ],
)  # fmt: skip
def test_names_and_texts_have_several_forms(rename: Any) -> None:
    assert prices_of(read(rename(json.dumps(menu(section("A", item())))))) == {"A": {"Soup": 500}}


def test_lists_stand_for_what_they_list() -> None:
    entries = [{"@type": "ListItem", "position": n, "item": item(f"D{n}")} for n in (1, 2)]
    listing = {"@type": "ItemList", "itemListElement": entries}
    for document in (
        menu({"@type": "MenuSection", "name": "A", "hasMenuItem": listing}),
        {"@type": "Menu", "name": "A", **listing} | {"@type": "Menu"},
        {**listing, "name": "A"},
    ):
        assert prices_of(read(document)) == {"A": {"D1": 500, "D2": 500}}


def test_entities_are_text() -> None:
    dish = one(menu(section("Q&amp;A", item("Mac &amp; Cheese &#8211; large", description="&lt;hot&gt; &eacute;"))))
    assert (dish.name, dish.description) == ("Mac & Cheese – large", "<hot> é")
    assert one(menu(section("A", item("R&D &co")))).name == "R&D &co"


def test_a_menu_that_is_elsewhere_is_named() -> None:
    for address in ("https://example.com/menu", {"@id": "https://example.com/menu"}, ["https://example.com/menu"]):
        with pytest.raises(Invalid, match=r"not in this file, but at https://example.com/menu; fetch"):
            read({"@type": "Restaurant", "hasMenu": address})
    both = {"@type": "Restaurant", "hasMenu": ["https://example.com/wine", menu(section("A", item()))]}
    assert read(both).notes == ["A menu at https://example.com/wine is not in this file."]


def test_menus_are_found_in_pages() -> None:
    restaurant = {"@type": "Restaurant", "hasMenu": {"@id": "#m"}}
    scripts = [
        json.dumps(restaurant),
        "\n<!-- " + json.dumps({"@id": "#m", **menu(section("A", item()))}) + " -->",
        "{no JSON",
    ]
    page = (
        "<!doctype html><!-- <script type='application/ld+json'>[]</script> --><script>var a = '<p>';</script>"
        + "".join(f'<SCRIPT id="x" TYPE="application/ld+json; charset=utf-8">{script}</SCRIPT>' for script in scripts)
    )
    draft = read(page)
    assert prices_of(draft) == {"A": {"Soup": 500}}
    assert [note[:36] for note in draft.notes] == ["Data 3 of this page was left out. Th"]
    for other in ("<html><p>Soup 5.00</p></html>", "<script type='application/ld+json'>"):
        with pytest.raises(Invalid, match="no menu as JSON-LD in this page"):
            read(other)


def test_what_is_not_kept_is_counted_by_kind() -> None:
    first = item("A", image="a.jpg", nutrition={"calories": "170"}, additionalProperty={"name": "spicy", "value": 3})
    draft = read(
        menu(
            section(
                "S",
                first,
                item("B", image=["b.jpg"], offers={**OFFER, "seller": "me"}),
                inLanguage="en",
                alternateName="",
            )
        )
    )
    assert draft.not_kept == {
        "image": 2,
        "nutrition": 1,
        "property “spicy”": 1,
        "seller of an offer": 1,
        "inLanguage": 1,
    }


# Offers


@pytest.mark.parametrize(
    ("cup", "bowl"),
    [
        ({"eligibleQuantity": {"name": "Cup"}}, {"eligibleQuantity": {"name": "Bowl"}}),
        ({"itemOffered": {"name": "Cup"}}, {"itemOffered": {"name": "Bowl"}}),
        ({"name": "Cup"}, {"name": "Bowl"}),
        ({"eligibleQuantity": {"value": 0.3, "unitText": "l"}}, {"eligibleQuantity": {"value": 0.5, "unitText": "l"}}),
    ],
)
def test_sizes_have_the_name_that_the_offers_give(cup: dict[str, Any], bowl: dict[str, Any]) -> None:
    offers = [{"@type": "Offer", "price": "2.95", **cup}, {"@type": "Offer", "price": "5.95", **bowl}]
    for given in (offers, {"@type": "AggregateOffer", "lowPrice": 2.95, "highPrice": 5.95, "offers": offers}):
        dish = one(menu(section("A", item(offers=given))))
        assert dish.price_minor == 295
        assert list(sizes_of(dish).items()) in ([("Cup", 0), ("Bowl", 300)], [("0.3 l", 0), ("0.5 l", 300)])


@pytest.mark.parametrize(
    ("offers", "why"),
    [
        ([{"price": 5}, {"price": 6}], "several prices, and does not say what each is for"),
        ([{"price": 5, "name": "Cup"}, {"price": 6}], "several prices, and does not say what each is for"),
        ([{"price": 5, "name": "Cup"}, {"price": 6, "name": "Cup"}], "two choices “cup”"),
        ({"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 9}, "from the lowest to the highest"),
        ({"@type": "AggregateOffer", "lowPrice": 5}, "from the lowest to the highest"),
        ({"priceSpecification": [{"price": 5}, {"price": 6}]}, "several prices"),
        ({"price": 5, "priceSpecification": {"price": 5}, "priceCurrency": "USD"}, "in USD"),
    ],
)
def test_a_choice_that_nobody_could_make_is_refused(offers: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(menu(section("A", item(offers=offers))))


def test_prices_in_specifications_are_read() -> None:
    one_price = {"@type": "AggregateOffer", "lowPrice": "5", "highPrice": 5.0, "priceCurrency": "EUR"}
    assert one(menu(section("A", item(offers=one_price)))).price_minor == 500
    named = [{"price": 5, "name": "Half"}, {"price": 8, "name": "Whole"}]
    assert sizes_of(one(menu(section("A", item(offers={"priceSpecification": named}))))) == {"Half": 0, "Whole": 300}


@pytest.mark.parametrize(
    "word", ["https://schema.org/OutOfStock", "http://schema.org/Discontinued", "SoldOut", "schema:SoldOut"]
)
def test_what_cannot_be_had_is_on_the_menu_as_sold_out(word: str) -> None:
    for availability in (word, {"@id": word}, [word]):
        soup, salad = read(
            menu(section("A", item(offers={**OFFER, "availability": availability}), item("Salad")))
        ).dishes
        assert (soup.sold_out, salad.sold_out) == (True, None)
    here = item(offers={**OFFER, "availability": "https://schema.org/InStock"})
    assert one(menu(section("A", here))).sold_out is None


def test_a_size_that_is_sold_out_is_no_size_of_the_rest() -> None:
    offers = [
        {"price": 5, "name": "Cup", "availability": "SoldOut"},
        {"price": 6, "name": "Bowl"},
        {"price": 7, "name": "Pot"},
    ]
    draft = read(menu(section("A", item(offers=offers))))
    assert sizes_of(draft.dishes[0]) == {"Bowl": 0, "Pot": 100}
    assert draft.not_kept == {"size that is sold out": 1}


def test_a_dish_that_is_sold_out_keeps_its_key_unless_it_is() -> None:
    dish, other = make_dish(), make_dish(sold_out=True)
    dish.seal()
    other.seal()
    assert dish.sk == "item#margherita#57f4b5721d4c5d5f"
    assert dish.sk != other.sk


def test_the_kitchens_newer_word_wins_over_the_menus(tables: None) -> None:
    restaurant = save_restaurant(dishes=[make_dish(sold_out=True), make_dish("bianca", position=2)])
    margherita, bianca = menu_of("lucette")[1]
    assert [kitchen_of(restaurant).is_sold_out(dish) for dish in (margherita, bianca)] == [True, False]
    actions.set_sold_out("lucette", "margherita", sold_out=False)
    assert not kitchen_of(restaurant).is_sold_out(menu_of("lucette")[1][0])
    assert Kitchen(back_at={"margherita": int(margherita.version) - 1}).is_sold_out(margherita)


# Prices


@pytest.mark.parametrize(
    ("price", "currency", "expected"),
    [
        ("1.250,00", "EUR", 125000), ("1,250.00", "USD", 125000), ("1 250,50", "EUR", 125050), ("1\u202f250", "EUR", 125000),
        ("1 250 Ft", "HUF", 125000), ("1.250 Ft", "HUF", 125000), ("1250.00", "HUF", 125000), ("1.990 kr.", "ISK", 1990),
        ("2.00", "ISK", 2), ("12,- €", "EUR", 1200), ("12.–", "CHF", 1200), ("Fr. 12.–", "CHF", 1200),
        ("SFr. 12.50", "CHF", 1250),
        ("1'250.00", "CHF", 125000), ("1’250.–", "CHF", 125000), ("12,50 zł", "PLN", 1250), ("89 kr", "SEK", 8900),
        ("89:-", "SEK", 8900),
        ("$12.99 USD", "USD", 1299), ("CA$5", "CAD", 500), ("$5", "MXN", 500), ("149 Kč", "CZK", 14900), ("35 lei", "RON", 3500),
        (".99", "USD", 99), ("8 euros", "EUR", 800), ("eur 8", "EUR", 800),
    ],
)  # fmt: skip
def test_prices_as_people_write_them(price: str, currency: str, expected: int) -> None:
    assert minor(price, currency) == expected


@pytest.mark.parametrize(
    ("price", "currency", "why"),
    [
        ("USD 12.99", "EUR", "the price is in USD, the restaurant's are in EUR"), ("£8", "EUR", "in GBP"),
        ("12 CHF", "EUR", "in CHF"),
        ("89 kr", "EUR", r"in kr, the"), ("$5", "EUR", r"in \$"), ("990 Ft", "EUR", "in HUF"), ("Fr. 5", "EUR", "in CHF"),
        ("€5", "PLN", "in EUR"), ("C$5", "USD", "in CAD"), ("2.50", "ISK", "ISK cannot have"),
        ("12.50 Ft", "HUF", "HUF cannot have"),
        ("1,250", "EUR", "no price that can be read"), ("1.250", "CHF", "no price"), ("12 pts", "EUR", "no price"),
        ("5.00*", "EUR", "no price"),
        ("12.345,6,7", "EUR", "no price"), ("1.2.3", "EUR", "no price"), ("12-", "EUR", "no price"),
        ("from 5", "EUR", "no price"),
    ],
)  # fmt: skip
def test_prices_that_are_not_the_restaurants_or_not_clear(price: str, currency: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        minor(price, currency)


# All faults at once


LOBSTER = menu(
    section("Mains", item("Lobster", offers={"price": "M/P"}), item(), item("Stew", offers={"price": "ask"}))
)
CSV_FAULTS = (
    "kind,name,price,min\nsection,Mains,,\ndish,Lobster,M/P,\ngroup,Side,,\nchoice,Rice,,\ndish,Soup,5,\n"
    "dish,Stew,ask,\ndish,Pie,6,\ngroup,Sauce,,3\nchoice,Red,,\nsection,,,\ndish,Tart,4,\n"
)


@pytest.mark.parametrize(
    ("document", "places", "dishes"),
    [
        (LOBSTER, ["item 1 “Lobster”", "item 3 “Stew”"], ["Soup"]),
        (CSV_FAULTS, ["Line 3", "Line 7", "Line 9, of “Pie”", "Line 11"], ["Soup"]),
        ("name,price\nLobster,M/P\nSoup,5\nStew,ask\n", ["Line 2 “Lobster”", "Line 4 “Stew”"], ["Soup"]),
        ("name,price\nSoup, hot,5\nStew,6\n", ["Line 2: there are more cells"], ["Stew"]),
        (menu(section("A", item(), item("Pie", menuAddOn=[section("Sauce")]))), ["“Pie”: the option group “Sauce”"], ["Soup"]),
        ("item,size,price\nTea,,2\nTea,,3\nSoup,,5\n", ["Line 2 “Tea”: has several prices"], ["Soup"]),
        (menu(section("A", "#gone", item()), section("x" * 130, item("B"))), ["“#gone”", "with all that is in it"], ["Soup"]),
    ],
)  # fmt: skip
def test_all_faults_are_told_and_the_rest_can_be_imported(document: Any, places: list[str], dishes: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        read(document)
    told = refused.value.detail.split("\n")
    assert len(told) == len(places)
    assert all(place in line for place, line in zip(places, told, strict=True)), told
    draft = read(document, skip=True)
    assert [dish.name for dish in draft.dishes] == dishes
    assert draft.faults == told


def test_a_person_reads_fifty_faults_and_how_many_more_there_are() -> None:
    with pytest.raises(Invalid) as refused:
        read("name,price\n" + "Soup,x\n" * 60)
    assert refused.value.detail.split("\n")[50:] == ["… and 10 more."]
    with pytest.raises(Invalid, match="More than 1000 parts of this file cannot be read; the first: Line 2"):
        read("name,price\n" + "Soup,x\n" * 1001, skip=True)


def test_the_command_says_what_was_left_out_and_what_was_not_kept(tables: None, tmp_path: Path, capsys: Any) -> None:
    save_restaurant(make_restaurant(country="FR"))
    file = tmp_path / "menu.json"
    file.write_text(json.dumps(menu(section("A", item("A", image="x"), item("B", image="x", offers=None)))))
    with pytest.raises(CommandError, match="“B”: has no price.* Nothing was imported"):
        call_command("import_menu", "lucette", str(file))
    call_command("import_menu", "lucette", str(file), "--skip")
    out = capsys.readouterr().out
    assert "Left out: Menu › section 1 “A” › item 2 “B”: has no price" in out
    assert "Not kept: image (2).\nChez Lucette: changed; 1 dishes in 1 sections." in out


def test_a_dry_run_shows_what_changes_and_writes_nothing(tables: None, tmp_path: Path, capsys: Any) -> None:
    dishes = [make_dish(options=[]), make_dish("bianca", position=2, name="Bianca")]
    save_restaurant(make_restaurant(country="FR"), dishes)
    before = [dish.to_dynamodb_dict() for dish in menu_of("lucette")[1]]
    file = tmp_path / "menu.csv"
    text = "kind,id,name,price,position,allergens,diets\nsection,pizza,Pizze,,,,\n"
    text += "dish,margherita,Margherita,13,1,gluten,vegetarian\n"
    file.write_text(text + "dish,,Rossa,9,2,,\n")
    call_command("import_menu", "lucette", str(file), "--dry-run")
    assert capsys.readouterr().out.splitlines() == [
        "~ section Pizze", "~ Margherita: price 12.00 → 13.00, allergens", "+ Rossa (9.00 EUR)", "- Bianca",
        "Chez Lucette: 2 dishes in 1 sections. Nothing was written.",
    ]  # fmt: skip
    file.write_text(text + "dish,,Rossa,ask,2,,\n")
    with pytest.raises(CommandError, match="unless with --skip"):
        call_command("import_menu", "lucette", str(file), "--dry-run")
    assert "Left out: Line 4: has no price" in capsys.readouterr().out
    assert [dish.to_dynamodb_dict() for dish in menu_of("lucette")[1]] == before
    call_command("export_menu", "lucette", "--format", "csv")
    file.write_text(capsys.readouterr().out)
    call_command("import_menu", "lucette", str(file), "--dry-run")
    assert "Nothing would change." in capsys.readouterr().out


# Tables of others


SQUARE = (
    "Token,Item Name,Variation Name,SKU,Description,Categories,Price,Archived,Square Online Item Visibility,Modifier Set - Milk\n"
    "T1,Burger,Regular,,Beef,Burgers,9.50,N,visible,N\nT2,Burger,Double,,Beef,Burgers,12.50,N,visible,N\n"
    "T3,Latte,Regular,L1,,Drinks > Hot,4.00,N,visible,Y\nT4,Old,Regular,,,Drinks,1.00,Y,visible,N\n"
    "T5,Till,Regular,,,Drinks,1.00,N,hidden,N\n"
)  # fmt: skip
WOOCOMMERCE = (
    'ID,Type,SKU,Name,Published,"Visibility in catalog","Short description",Description,"In stock?","Sale price",'
    '"Regular price",Categories,Parent,"Attribute 1 name","Attribute 1 value(s)"\n'
    '1,simple,,Soup,1,visible,"<p>Hot &amp; <b>red</b></p>",,1,4,5,"Starters, Offers",,,\n'
    "2,variable,PZ,Pizza,1,visible,,,1,,,Mains &gt; Pizza,,Size,\"S, L\"\n3,variation,,Pizza - S,1,visible,,,1,,9,,PZ,Size,S\n"
    "4,variation,,Pizza - L,1,visible,,,1,,12,,id:2,Size,L\n5,simple,,Pie,1,visible,,,0,,6,Mains,,,\n"
    "6,simple,,Draft,0,visible,,,1,,6,Mains,,,\n7,grouped,,Set,1,visible,,,1,,,Mains,,,\n"
)  # fmt: skip
TOAST = (
    "Operation,Entity type,Operation ID,Name,Parent entity type,Parent version ID or operation ID,Pricing strategy or method,"
    "Price\nCREATE,MENU_ITEM,1,Bowl,MENU_GROUP,5000,BASE,12.99\nCREATE,MODIFIER_GROUP,3,Protein,MENU_ITEM,1,PRICED_BY_MODIFIERS,\n"
    "CREATE,MENU_ITEM,2,Soup,MENU_GROUP,5000,BASE,5\nCREATE,MODIFIER,4,Chicken,MODIFIER_GROUP,3,BASE,3.00\n"
    "CREATE,MODIFIER,5,Tofu,MODIFIER_GROUP,3,BASE,\nUPDATE,MENU_ITEM,6,Other,MENU_GROUP,5000,BASE,4\n"
)  # fmt: skip


def test_squares_item_library() -> None:
    draft = read(SQUARE)
    assert prices_of(draft) == {"Burgers": {"Burger": 950}, "Drinks – Hot": {"Latte": 400}}
    assert sizes_of(draft.dishes[0]) == {"Regular": 0, "Double": 300}
    assert draft.left_out == {"archived": 1, "hidden": 1}
    assert draft.not_kept["column “Modifier Set - Milk”"] == 5


def test_woocommerces_products() -> None:
    draft = read(WOOCOMMERCE)
    assert prices_of(draft) == {"Starters": {"Soup": 500}, "Mains – Pizza": {"Pizza": 900}, "Mains": {"Pie": 600}}
    soup, pizza, pie = draft.dishes
    assert (soup.description, pizza.options[0]["name"], sizes_of(pizza), pie.sold_out) == (
        "Hot & red",
        "Size",
        {"S": 0, "L": 300},
        True,
    )
    assert draft.left_out == {"not published": 1, "grouped or sold elsewhere": 1}
    assert draft.not_kept == {"column “Sale price”": 1, "further category of a dish": 1}
    with pytest.raises(Invalid, match="Line 2 “Pizza - S”: it belongs to “PZ”, which is not in the file above"):
        read("ID,Type,Name,Published,Regular price,Parent\n3,variation,Pizza - S,1,9,PZ\n")


def test_toasts_operations() -> None:
    draft = read(TOAST)
    assert prices_of(draft) == {"Menu": {"Bowl": 1299, "Soup": 500}}
    assert sizes_of(draft.dishes[0]) == {"Chicken": 300, "Tofu": 0}
    assert draft.left_out == {"operation UPDATE MENU_ITEM": 1}
    with pytest.raises(Invalid, match="“Protein”: it belongs to “1”, which is not in the file"):
        read(TOAST.replace("CREATE,MENU_ITEM,1,", "CREATE,MENU_ITEM,9,"))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "menu_id,menu_name,menu_price,menu_description,minimum_qty,categories,menu_status\n"
            "7,Soup,5.00,Hot,1,Starters|Warm,1\n8,Old,5,,1,Mains,0\n",
            {"Starters": {"Soup": 500}},
        ),
        (
            '"ID","Name","Price","Description","Minimum Quantity","Category","Status"\n7,Soup,5.00,,1,Starters,1\n',
            {"Starters": {"Soup": 500}},
        ),
        (
            "Menu,Menu Group,Menu Item,Price\nLunch,Soups,Onion,5\nDinner,Soups,Onion,7\n",
            {"Lunch – Soups": {"Onion": 500}, "Dinner – Soups": {"Onion": 700}},
        ),
        ("Gericht;Preis (€);Kategorie\nSuppe;5,50;Vorspeisen\n", {"Vorspeisen": {"Suppe": 550}}),
        ("\n\nPlat\tPrix TTC\tCatégorie\nSoupe\t1 250,00\tEntrées\n", {"Entrées": {"Soupe": 125000}}),
        ("sep=;\r\nNombre;Precio;Categoría\r\nSopa;5,5;\r\n", {"Menu": {"Sopa": 550}}),
        ("Item,Size,Price,Category\nTea,S,2,Hot\nTea,L,3,Hot\n", {"Hot": {"Tea": 200}}),
    ],
)  # fmt: skip
def test_other_tables_are_known_by_their_headers(table: str, expected: dict[str, dict[str, int]]) -> None:
    assert prices_of(read(table)) == expected


def test_a_header_can_say_the_currency() -> None:
    for header in ("Price (USD)", "Price $", "Price in USD", "PRICE [USD]"):
        with pytest.raises(Invalid, match=r"Line 2 “Soup”: the price is in"):
            read(f"Name,{header}\nSoup,5\n")
    with pytest.raises(Invalid, match="in CHF"):
        read("Name,Price,Currency\nSoup,5,CHF\n")


def test_our_own_csv_may_have_semicolons_and_tabs() -> None:
    for delimiter in ",;\t":
        rows = (["kind", "id", "name", "price"], ["section", "", "Mains", ""], ["dish", "", "Soup", '"5,50"', "", ""])
        assert prices_of(read("\n".join(delimiter.join(row) for row in rows))) == {"Mains": {"Soup": 550}}
    with pytest.raises(Invalid, match="sold_out is yes or no, not “perhaps”"):
        read("kind,name,price,sold_out\nsection,S,,\ndish,D,1,perhaps\n")


TABLE = "Plat;Prix;Catégorie\nCrème brûlée – maison;5,50 €;L’été\n"


@pytest.mark.parametrize(
    ("content", "country"),
    [
        (TABLE.encode(), "FR"), (TABLE.encode("utf-8-sig"), "FR"), (TABLE.encode("utf-16"), "PL"),
        (b"\xfe\xff" + TABLE.encode("utf-16-be"), "FR"), (TABLE.encode("cp1252"), "FR"), (TABLE.encode("cp1252"), "CH"),
    ],
)  # fmt: skip
def test_what_excel_writes_is_read(tmp_path: Path, content: bytes, country: str) -> None:
    file = tmp_path / "menu.csv"
    file.write_bytes(content)
    draft = menu_files.load(file, make_restaurant(country=country, currency="EUR"))
    assert prices_of(draft) == {"L’été": {"Crème brûlée – maison": 550}}


@pytest.mark.parametrize(
    ("content", "country", "why"),
    [
        ("Żurek;5\n".encode("cp1250"), "PL", "not text in UTF-8"),
        (TABLE.replace(" –", "").encode("mac-roman"), "FR", "not text in UTF-8"),
        ("Jalapeño;5".encode("mac-roman"), "US", "not text in UTF-8"),
        ("Crème;5".encode("cp850"), "FR", "not text in UTF-8"),
        (b"\xff\xfe\x00", "FR", "not text in UTF-8"),
        (b"PK\x03\x04\x00", "FR", "an Excel or OpenDocument workbook; save it as CSV"),
        (b"%PDF-1.7", "FR", "This is a PDF"),
    ],
)
def test_what_could_be_other_letters_is_not_guessed(content: bytes, country: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        menu_files.decoded(content, country)
