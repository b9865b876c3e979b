"""The catalogue's actions, availability, the list near a place, and the sample."""

from typing import Any

import pytest

from catalog import actions
from catalog.actions import Outcome
from catalog.cities import CITIES
from catalog.menus import menu_of
from catalog.models import Availability, Card, CatalogRecord, Kitchen
from core import geo
from core.errors import Invalid, NotFound
from regions import aws
from tests.conftest import region
from tests.factories import make_dish, make_restaurant, save_restaurant


def cards() -> dict[tuple[str, str], Card]:
    return {(row.pk, row.sk): row for row in CatalogRecord.scan() if isinstance(row, Card)}


def test_a_restaurant_is_new_then_unchanged_then_changed(tables: None) -> None:
    assert actions.put_restaurant(make_restaurant()) == Outcome.NEW
    assert actions.put_restaurant(make_restaurant()) == Outcome.UNCHANGED
    assert actions.put_restaurant(make_restaurant(delivery_fee_minor=0)) == Outcome.CHANGED
    assert {card.delivery_fee_minor for card in cards().values()} == {0}


def test_a_restaurant_has_a_card_in_every_cell_it_delivers_to(tables: None) -> None:
    restaurant = save_restaurant()
    keys = {pk.removeprefix("cell#") for pk, _ in cards()}
    assert keys == set(geo.cells_within(restaurant.position, 3.0))
    assert all(restaurant.delivers_to(cell) for cell in keys)
    beyond = set(geo.cells_within(restaurant.position, 6.0)) - keys
    assert beyond
    assert not any(restaurant.delivers_to(cell) for cell in beyond)


def test_a_restaurant_that_moves_leaves_no_card_behind(tables: None) -> None:
    actions.put_restaurant(make_restaurant(radius_m=3000))
    before = set(cards())
    actions.put_restaurant(make_restaurant(radius_m=3000, latitude=40.76))
    after = cards()
    assert set(after) == set(Card.keys_of(make_restaurant(latitude=40.76)))
    rows = aws.client("dynamodb", "us-east-1").scan(TableName=Card.Meta.table_name)["Items"]
    buried = {(row["pk"]["S"], row["sk"]["S"]) for row in rows if "deleted_at" in row}
    assert buried == before - set(after)
    actions.put_restaurant(make_restaurant(radius_m=3000))
    assert set(cards()) == before, "a card is made again over its tombstone"


def test_an_attribute_that_goes_away_is_removed(tables: None) -> None:
    actions.put_restaurant(make_restaurant(phone="1"))
    actions.put_restaurant(make_restaurant(phone=None))
    assert menu_of("lucette")[0].phone is None


@pytest.mark.parametrize("radius_m", [0, -1, 6001])
def test_a_radius_has_a_named_limit(tables: None, radius_m: int) -> None:
    with pytest.raises(Invalid, match="at most 6 km"):
        actions.put_restaurant(make_restaurant(radius_m=radius_m))
    assert list(CatalogRecord.scan()) == []


def test_the_largest_change_fits_into_one_transaction() -> None:
    """A move by more than its area: new cards, tombstones of the old ones and the profile, in every sample city."""
    for city in CITIES:
        here = len(geo.cells_within((city.latitude, city.longitude), geo.MAX_RADIUS_KM))
        there = len(geo.cells_within((city.latitude + 0.5, city.longitude), geo.MAX_RADIUS_KM))
        assert 1 + here + there <= 100, city.name


def test_a_menu_is_made_exactly_like_this(tables: None) -> None:
    restaurant = save_restaurant(dishes=[make_dish(), make_dish("diavola", position=2)])
    changed = [make_dish(price_minor=1300), make_dish("bianca", position=3)]
    assert actions.put_menu("lucette", sections=restaurant.sections, dishes=changed) == Outcome.CHANGED
    assert [(dish.id, dish.price_minor) for dish in menu_of("lucette")[1]] == [("margherita", 1300), ("bianca", 1200)]
    again = [make_dish(price_minor=1300), make_dish("bianca", position=3)]
    assert actions.put_menu("lucette", sections=restaurant.sections, dishes=again) == Outcome.UNCHANGED


def test_a_menu_needs_its_restaurant_and_has_a_limit(tables: None) -> None:
    with pytest.raises(NotFound):
        actions.put_menu("nobody", sections=[], dishes=[])
    with pytest.raises(Invalid, match="at most 500"):
        actions.put_menu("lucette", sections=[], dishes=[make_dish(f"d{n}") for n in range(501)])


def said(name: str, *, at: int, **things: Any) -> Availability:
    words = {thing: {"value": value, "changed_at": at} for thing, value in things.items() if thing != "sold_out"}
    sold_out = {dish: {"value": value, "changed_at": at} for dish, value in things.get("sold_out", {}).items()}
    return Availability(key=f"{name}#r", home=name, restaurant="r", sold_out=sold_out, **words)


def test_the_newest_word_counts_on_each_thing_by_itself() -> None:
    east = said("us-east-1", at=10, paused=True, sold_out={"a": True, "b": True})
    west = said("us-west-2", at=20, paused=False, sold_out={"b": False, "c": True})
    for order in ([east, west], [west, east]):
        assert Kitchen.of(order) == Kitchen(paused=False, sold_out=frozenset({"a", "c"}), back_at={"b": 20})
    assert Kitchen.of([]) == Kitchen()


def test_two_hands_at_once_both_count(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    actions.set_sold_out("lucette", "a", sold_out=True)
    original = Availability.batch_get
    interrupted: list[bool] = []

    def another_hand(keys: Any, **details: Any) -> Any:
        found = list(original(keys, **details))
        if not interrupted:
            interrupted.append(True)
            actions.set_sold_out("lucette", "b", sold_out=True)
        return iter(found)

    monkeypatch.setattr(Availability, "batch_get", another_hand)
    actions.set_sold_out("lucette", "c", sold_out=True)
    monkeypatch.undo()
    assert Kitchen.of(Availability.scan()).sold_out == {"a", "b", "c"}


def test_availability_is_said_by_each_region_for_itself(tables: None) -> None:
    actions.pause("lucette")
    with region("us-west-2"):
        actions.resume("lucette")
        actions.set_busy("lucette", minutes=20)
    assert {record.key for record in Availability.scan()} == {"us-east-1#lucette", "us-west-2#lucette"}
    assert Kitchen.of(Availability.scan()) == Kitchen(paused=False, busy_minutes=20)
    with pytest.raises(Invalid):
        actions.set_busy("lucette", minutes=500)
