"""Orders are counted where they are placed, by the minute."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from core import clock
from orders import orders_per_minute
from regions import aws, topology

ORDERS = "foodforthought-orders"


def placed(home: str = "us-east-1", number: int = 1, **values: Any) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{ORDERS}/stream/1"
    image = {"key": {"S": f"{home}#{number}"}, "home": {"S": home}}
    return {"eventName": "INSERT", "eventSourceARN": arn, "dynamodb": {"NewImage": image}, **values}


def at(monkeypatch: pytest.MonkeyPatch, time: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-24T{time}").replace(tzinfo=clock.ZONE_UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_the_last_hour_spans_two_items(tables: None, monkeypatch: pytest.MonkeyPatch, calls: list[str]) -> None:
    at(monkeypatch, "11:58:30")
    orders_per_minute.count([placed(), placed(number=2)])
    at(monkeypatch, "12:03:00")
    orders_per_minute.count([placed(number=3)])
    orders_per_minute.count([placed(number=4)])
    calls.clear()
    counts = orders_per_minute.last_hour("us-east-1")
    assert calls == ["BatchGetItem"]
    assert len(counts) == 60
    assert counts[-6:] == [2, 0, 0, 0, 0, 2]
    at(monkeypatch, "12:57:00")
    assert sum(orders_per_minute.last_hour("us-east-1")) == 4
    at(monkeypatch, "12:58:00")
    assert sum(orders_per_minute.last_hour("us-east-1")) == 2


def test_replicas_changes_heartbeats_and_removals_do_not_count(tables: None, calls: list[str]) -> None:
    beat = placed()
    beat["dynamodb"]["NewImage"]["key"]["S"] = "us-east-1#heartbeat#0"
    other_table = placed(eventSourceARN="arn:aws:dynamodb:us-east-1:1:table/foodforthought-availability/stream/1")
    removed = {**placed(), "eventName": "REMOVE", "dynamodb": {"Keys": {}}}
    calls.clear()
    orders_per_minute.count([placed("us-west-2"), placed(eventName="MODIFY"), beat, other_table, removed])
    assert calls == []


def test_a_count_that_is_not_taken_does_not_fail_the_batch(tables: None, caplog: pytest.LogCaptureFixture) -> None:
    aws.client("dynamodb", topology.here()).delete_table(TableName=aws.OPERATIONS)
    orders_per_minute.count([placed()])
    assert "orders not counted" in caplog.text


def test_what_a_throttled_table_leaves_out_is_asked_for_again_and_never_counted_as_none(
    tables: None, monkeypatch: pytest.MonkeyPatch, leaves_out: Callable[[int], None]
) -> None:
    at(monkeypatch, "11:58:30")
    orders_per_minute.count([placed(), placed(number=2)])
    at(monkeypatch, "12:03:00")
    leaves_out(2)
    assert sum(orders_per_minute.last_hour("us-east-1")) == 2
    leaves_out(100)
    with pytest.raises(BotoCoreError, match="left out"):
        orders_per_minute.last_hour("us-east-1")
