"""The kitchens of a game day: told what to do on their standard input, as `localcloud.gameday.kitchen` runs in a region."""

import io
import os
from typing import Any

import pytest

from core.actor import GUEST
from localcloud.gameday import kitchen
from orders import lifecycle, placing
from orders.models import Order
from orders.pricing import Choice
from orders.review import Wish
from orders.status import Kind, Verb
from orders.texts import Contact
from tests.factories import kitchen_of, make_token, save_restaurant


@pytest.fixture
def order(tables: None) -> Order:
    restaurant = save_restaurant()
    wish = Wish(restaurant.id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP)
    placed, _ = placing.place(token=make_token(), wish=wish, contact=Contact("Ada", "+1 212 555 0100"), by=GUEST)
    return placed


def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> list[Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in words)))
    capsys.readouterr()
    kitchen.main()
    return [line for line in capsys.readouterr().out.splitlines() if not line.startswith("{")]


def test_a_kitchen_that_lost_an_answer_is_told_once_more_that_it_is_done(
    order: Order, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [
        f"{order.id} accept",
        f"{order.id} accept",
        f"{order.id} finish",
        f"{order.id} accept",
        f"{order.id} hand-over",
    ]
    assert told(monkeypatch, capsys, *words) == ["done"] * 5
    stored = Order.get(order.key)
    assert [entry["status"] for entry in stored.history] == ["placed", "accepted", "ready", "collected"]
    assert stored.history[-1]["by"] == {"role": "kitchen", "account": f"gameday-kitchen-{os.getpid()}"}


def test_what_another_kitchen_has_done_is_refused(
    order: Order, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lifecycle.change(order, Verb.ACCEPT, by=kitchen_of(order))
    assert told(monkeypatch, capsys, f"{order.id} accept") == ["refused"]
