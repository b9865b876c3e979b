"""Looking at an order from a region that is not its home."""

from collections.abc import Iterator
from typing import Any

import pytest
from pynamodb.exceptions import GetError

from core import ids
from core.actor import GUEST
from core.errors import NotFound, Unavailable, WrongJurisdiction, WrongRegion
from orders import placing, reading
from orders.models import Order
from orders.pricing import Choice
from orders.review import Wish
from orders.status import Kind
from orders.texts import Contact
from regions import aws, topology
from regions.replication import copies_of, rule_of
from regions.replicator import put
from tests.conftest import region
from tests.factories import make_token, save_restaurant

HOME, SIBLING = "us-east-1", "us-west-2"


@pytest.fixture
def placed(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Order, str]]:
    """An order in us-east-1, and us-west-2's own table, which a process there would read."""
    restaurant = save_restaurant()
    token = make_token()
    wish = Wish(restaurant.id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP)
    order, _ = placing.place(token=token, wish=wish, contact=Contact("Ada", "+1 212 555 0100"), by=GUEST)
    at_home = Order.in_region(HOME, timeout_seconds=reading.HOME_TIMEOUT_SECONDS)
    sibling = Order.in_region(SIBLING)
    sibling.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    monkeypatch.setattr(sibling, "in_region", lambda name, **_: at_home)
    monkeypatch.setattr(reading, "Order", sibling)
    reading._breaker.cache_clear()
    yield order, ids.access_secret_from(token)
    reading._breaker.cache_clear()


def replicate(order: Order) -> None:
    image = aws.client("dynamodb", HOME).get_item(TableName=Order.Meta.table_name, Key={"key": {"S": order.key}})[
        "Item"
    ]
    for copy in copies_of(image, rule=rule_of(Order), topology=topology.current(), to=[SIBLING]):
        put(copy)


def home_is_away(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []

    def times_out(key: str, **details: Any) -> Any:
        asked.append(key)
        raise GetError("timed out")

    monkeypatch.setattr(reading.Order.in_region(HOME), "get", times_out)
    return asked


def test_the_home_is_asked_before_the_copy_has_arrived(placed: tuple[Order, str]) -> None:
    order, access = placed
    with region(SIBLING):
        sight = reading.see(HOME, order.id, access=access)
    assert (sight.order.key, sight.as_of_ms) == (order.key, None)


def test_a_home_that_is_away_is_replaced_by_the_copy_with_its_age(
    placed: tuple[Order, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order, access = placed
    replicate(order)
    asked = home_is_away(monkeypatch)
    with region(SIBLING):
        for _ in range(3):
            sight = reading.see(HOME, order.id, access=access)
            assert sight.as_of_ms == order.version
    assert len(asked) == 1, "the breaker keeps the others from waiting"
    monkeypatch.setattr(reading._breaker(HOME), "_closed_again_at", 0.0)
    with region(SIBLING):
        reading.see(HOME, order.id, access=access)
    assert len(asked) == 2


def test_a_just_placed_order_is_never_said_not_to_exist(
    placed: tuple[Order, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order, access = placed
    home_is_away(monkeypatch)
    with region(SIBLING), pytest.raises(Unavailable, match="order is safe"):
        reading.see(HOME, order.id, access=access)


def test_the_copy_opens_with_the_secret_only(placed: tuple[Order, str], monkeypatch: pytest.MonkeyPatch) -> None:
    order, _ = placed
    replicate(order)
    home_is_away(monkeypatch)
    with region(SIBLING), pytest.raises(NotFound):
        reading.see(HOME, order.id, access="guess")


def test_an_order_is_not_shown_in_another_jurisdiction(placed: tuple[Order, str]) -> None:
    order, access = placed
    with region("eu-west-1"), pytest.raises(WrongJurisdiction) as refusal:
        reading.see(HOME, order.id, access=access)
    assert refusal.value.jurisdiction == "na"


def test_who_wants_to_change_an_order_is_sent_to_its_home_before_anything_is_read(
    placed: tuple[Order, str], calls: list[str]
) -> None:
    order, access = placed
    calls.clear()
    with region(SIBLING), pytest.raises(WrongRegion) as elsewhere:
        reading.see_at_home(HOME, order.id, access=access)
    with region("eu-west-1"), pytest.raises(WrongJurisdiction) as abroad:
        reading.see_at_home(HOME, order.id, access=access)
    assert (elsewhere.value.home, abroad.value.jurisdiction) == (HOME, "na")
    assert calls == []


def test_who_has_seen_more_than_the_copy_knows_is_not_shown_less(
    placed: tuple[Order, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order, access = placed
    replicate(order)
    home_is_away(monkeypatch)
    seen = int(order.version)
    with region(SIBLING):
        assert reading.see(HOME, order.id, access=access, seen_version=seen).as_of_ms == seen
        with pytest.raises(reading.Behind, match="older than what you have already seen") as refusal:
            reading.see(HOME, order.id, access=access, seen_version=seen + 1)
        with pytest.raises(NotFound):
            reading.see(HOME, order.id, access="guess", seen_version=seen + 1)
    assert refusal.value.sight.order.key == order.key


def test_a_key_that_the_store_would_refuse_does_not_make_the_home_look_away(
    placed: tuple[Order, str], calls: list[str]
) -> None:
    calls.clear()
    with region(SIBLING), pytest.raises(NotFound):
        reading.see(HOME, "A" * 2_100, access="x")
    assert calls == []
    assert reading._breaker(HOME).allows()
