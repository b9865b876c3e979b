"""The list near a place: filters, search, order and cursors within the window, and what keeps the cards searchable."""

from datetime import timedelta
from typing import Any

import pytest

from catalog import actions, browse
from catalog.actions import Outcome
from catalog.browse import Listing, Sort, Wanted
from catalog.menus import menu_of
from catalog.models import Card, CatalogRecord
from catalog.samples.restaurants import sample_records
from core import clock
from core.errors import Invalid
from regions import aws
from tests.factories import cell_of, make_dish, make_restaurant, save_restaurant

CELL = cell_of(make_restaurant())
CLOSED = "2099 Mo-Su 10:00-12:00"


def put(restaurant_id: str, **values: Any) -> None:
    actions.put_restaurant(make_restaurant(restaurant_id, radius_m=300, **values))


def many(count: int, **values: Any) -> None:
    for number in range(count):
        put(f"r{number:03}", name=f"Place {number}", **values)


def look(cursor: str = "", **wanted: Any) -> Listing:
    return browse.near(CELL, at=clock.now(), wanted=Wanted(**wanted), cursor=cursor)


def ids(listing: Listing) -> list[str]:
    return [row.card.restaurant for row in listing.rows]


def to_the_end(**wanted: Any) -> tuple[list[str], list[Listing]]:
    seen: list[str] = []
    pages = []
    cursor: str | None = ""
    while cursor is not None:
        pages.append(look(cursor, **wanted))
        seen += ids(pages[-1])
        cursor = pages[-1].next_cursor
    return seen, pages


def test_open_ones_come_first_then_the_nearest_page_by_page(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "PAGE", 3)
    put("a-closed", opening_hours=CLOSED)
    many(5)
    seen, pages = to_the_end()
    assert seen == ["r000", "r001", "r002", "r003", "r004", "a-closed"]
    assert [(page.first, page.last, page.found, page.looked_at) for page in pages] == [(1, 3, 6, 6), (4, 6, 6, 6)]
    assert [page.is_last_of_window for page in pages] == [False, True]


def test_cuisines_are_any_of_diets_all_of_and_a_paused_kitchen_is_last(tables: None) -> None:
    many(2)
    put("curry", name="Rangoli", cuisines=["indian"], diets=["vegetarian", "vegan"])
    put("sushi", name="Umi", cuisines=["sushi"], diets=["vegetarian"])
    actions.pause("r000")
    assert ids(look(cuisines=("indian",))) == ["curry"]
    assert set(ids(look(cuisines=("indian", "sushi", "nowhere")))) == {"curry", "sushi"}
    assert ids(look(diets=("vegan", "vegetarian"))) == ["curry"]
    assert ids(look(words="RANGOLI ind")) == ["curry"]
    assert look(words="nothing like it").rows == ()
    listing = look()
    assert ids(listing)[-1] == "r000", "who has paused comes last"
    assert listing.cuisines == (("italian", 2), ("pizza", 2), ("indian", 1), ("sushi", 1))
    assert listing.diets == (("vegetarian", 2), ("vegan", 1))


def test_fee_and_time_sort_the_open_ones_first(tables: None) -> None:
    put("dear", delivery_fee_minor=500, preparation_minutes=10)
    put("cheap", delivery_fee_minor=0, preparation_minutes=30)
    put("closed", delivery_fee_minor=0, preparation_minutes=1, opening_hours=CLOSED)
    assert ids(look(sort=Sort.FEE)) == ["cheap", "dear", "closed"]
    assert ids(look(sort=Sort.TIME)) == ["dear", "cheap", "closed"]
    actions.set_busy("dear", minutes=60)
    assert ids(look(sort=Sort.TIME)) == ["cheap", "dear", "closed"], "by what the kitchen takes right now"
    assert ids(look(sort=Sort.FEE, only_open=True)) == ["cheap", "dear"]


def test_a_dish_is_found_and_named(tables: None) -> None:
    save_restaurant(dishes=[make_dish("crème brûlée", diets=[]), make_dish("diavola", diets=["vegan"], position=2)])
    put("other", name="Other")
    (row,) = look(words="creme brulee").rows
    assert (row.card.restaurant, row.dish) == ("lucette", "Crème Brûlée")
    assert [row.dish for row in look(words="lucette").rows] == [None]
    assert ids(look(words="lucette diavola")) == ids(look(diets=("vegan",))) == ["lucette"]


def test_other_names_of_a_restaurant_are_found(tables: None) -> None:
    put("pekin", name="北京饭店", names={"fr": "Hôtel de Pékin"})
    assert ids(look(words="pekin")) == ids(look(words="京饭")) == ["pekin"]
    assert look(words="fr").rows == ()


def test_a_window_says_what_it_looked_at_and_the_next_goes_on_behind_it(
    tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.models.WINDOW", 4)
    monkeypatch.setattr(browse, "PAGE", 3)
    many(9)
    put("z-curry", cuisines=["indian"])
    seen, pages = to_the_end()
    assert sorted(seen) == sorted([*(f"r{number:03}" for number in range(9)), "z-curry"])
    assert [(p.looked_at, p.is_nearest, p.goes_on, len(p.rows)) for p in pages] == [
        (4, True, True, 3), (4, True, True, 1), (4, False, True, 3), (4, False, True, 1), (2, False, False, 2),
    ]  # fmt: skip
    found, pages = to_the_end(cuisines=("indian",), only_open=True)
    assert found == ["z-curry"]
    assert [(p.found, p.goes_on) for p in pages] == [(0, True), (0, True), (1, False)], (
        "an empty window is said to be one"
    )


def test_a_cursor_belongs_to_its_question_and_to_its_day(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "PAGE", 2)
    many(5)
    cursor = look(words="place").next_cursor
    assert cursor
    assert ids(look(cursor, words="place")) == ["r002", "r003"]
    for question in ({"words": "other"}, {"words": "place", "only_open": True}, {"words": "place", "sort": Sort.FEE}):
        with pytest.raises(Invalid, match="not one that this list gave out"):
            look(cursor, **question)
    for hours in (25, -1):
        with pytest.raises(Invalid, match="too old"):
            browse.near(CELL, at=clock.now() + timedelta(hours=hours), wanted=Wanted(words="place"), cursor=cursor)


@pytest.mark.parametrize(
    "cursor", ["~", "~~~", "x", "~0~0~", "~-1~0~abcdefgh", "~²~1~x", "#" * 300, "~" + "9" * 10 + "~1~x", "a~b~c~d"]
)
def test_what_is_no_cursor_is_refused(tables: None, cursor: str) -> None:
    with pytest.raises(Invalid):
        look(cursor)


def test_who_closes_between_two_pages_is_not_skipped(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "PAGE", 2)
    noon = clock.now().replace(year=2026, month=11, day=24, hour=12)
    for number in range(5):
        put(f"r{number}", opening_hours="Mo-Su 00:00-13:00" if number < 2 else "24/7", time_zone="UTC")
    wanted = Wanted(only_open=True)
    first = browse.near(CELL, at=noon, wanted=wanted)
    later = noon + timedelta(hours=2)
    second = browse.near(CELL, at=later, wanted=wanted, cursor=first.next_cursor or "")
    assert ids(first) + ids(second) == ["r0", "r1", "r2", "r3"], "two have closed since, and nobody was passed over"
    assert [row.is_open for row in second.rows] == [True, True]


def cards_say() -> set[str | None]:
    return {row.dish_names for row in CatalogRecord.scan() if isinstance(row, Card)}


def test_a_menu_changes_what_the_cards_say_and_a_new_profile_keeps_it(tables: None) -> None:
    restaurant = save_restaurant(dishes=[make_dish()])
    assert cards_say() == {"Margherita"}
    assert actions.put_restaurant(make_restaurant(delivery_fee_minor=0)) == Outcome.CHANGED
    assert cards_say() == {"Margherita"}
    assert [section["id"] for section in menu_of("lucette")[0].sections] == ["pizza"]
    actions.put_restaurant(make_restaurant(latitude=40.76))
    assert cards_say() == {"Margherita"}, "new cells learn it too"
    changed = [make_dish(diets=["halal"]), make_dish("bianca", position=2)]
    assert actions.put_menu("lucette", sections=restaurant.sections, dishes=changed) == Outcome.CHANGED
    assert cards_say() == {"Margherita\nBianca"}
    assert {tuple(row.diets) for row in CatalogRecord.scan() if isinstance(row, Card)} == {("halal", "vegetarian")}
    actions.put_menu("lucette", sections=[], dishes=[])
    assert cards_say() == {None}


def test_a_change_of_the_menu_is_one_transaction_of_profile_and_cards(tables: None, calls: list[str]) -> None:
    restaurant = save_restaurant(dishes=[make_dish()])
    same = [make_dish(price_minor=1300)]
    calls.clear()
    actions.put_menu("lucette", sections=restaurant.sections, dishes=same)
    assert "TransactWriteItems" not in calls, "a price is on no card"
    calls.clear()
    actions.put_menu("lucette", sections=restaurant.sections, dishes=[make_dish("bianca")])
    assert calls.count("TransactWriteItems") == 1


def test_the_sample_can_be_searched() -> None:
    cards = [record for record in sample_records(20) if isinstance(record, Card)]
    assert all(card.dish_names and card.diets for card in cards)


def test_a_cell_of_four_thousand_is_honest_from_its_first_page(tables: None, calls: list[str]) -> None:
    """At a tenth of it here; the whole is measured by `python -m benchmarks.near`."""
    client = aws.client("dynamodb", "us-east-1")
    for number in range(400):
        hours = "24/7" if number % 3 else CLOSED
        restaurant = make_restaurant(
            f"r{number:03}", name=f"Place {number}", opening_hours=hours, radius_m=300,
            cuisines=["rare"] if number == 350 else ["pizza"],
            dish_names="Margherita\nCrème brûlée" if number % 50 == 0 else None,
        )  # fmt: skip
        (card,) = Card.all_of(restaurant)
        card.sk = f"{number:05d}#{restaurant.id}"
        item = card.serialize() | {"version": {"N": "1"}}
        client.put_item(TableName=Card.Meta.table_name, Item=item)
    calls.clear()
    first = look(only_open=True)
    assert calls == ["Query", "BatchGetItem"]
    assert (first.found, first.looked_at, first.goes_on, first.looked_at_km) == (200, 300, True, (0.0, 0.299))
    assert len(first.rows) == 50
    assert all(row.is_open for row in first.rows)
    dishes = look(words="creme", only_open=True)
    assert ids(dishes) == ["r050", "r100", "r200", "r250"]
    assert dishes.goes_on, "r350 and r400 are farther away"
    rare = look(cuisines=("rare",))
    assert (rare.found, rare.goes_on, rare.next_cursor is not None) == (0, True, True)
    assert ids(look(rare.next_cursor or "", cuisines=("rare",))) == ["r350"]
