"""Heartbeats: written at home, copied like a record, their age is the lag."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from catalog.models import Availability, CatalogRecord
from core import clock
from orders.models import Order
from regions import aws, heartbeat, topology
from regions.heartbeat import Pulse
from regions.replication import copies_of, key_of, rules
from regions.replicator import put
from tests.conftest import region

TABLES = {"foodforthought-catalog", "foodforthought-availability", "foodforthought-orders"}


def stored() -> list[tuple[str, dict[str, Any]]]:
    client = aws.client("dynamodb", topology.here())
    return [(table, item) for table in TABLES for item in client.scan(TableName=table)["Items"]]


def test_every_replicated_table_gets_one_and_the_catalogue_only_the_masters(tables: None) -> None:
    heartbeat.beat()
    heartbeat.beat()
    assert {table for table, _ in stored()} == TABLES
    assert len(stored()) == 3
    assert all(
        heartbeat.is_heartbeat([item[name]["S"] for name in rules()[table].key_names]) for table, item in stored()
    )
    keys = {item["key"]["S"] for _, item in stored() if "key" in item}
    assert keys == {"us-east-1#heartbeat#0"}, "a role may write keys of its own region only"


def test_a_heartbeat_is_copied_also_out_of_the_jurisdiction(tables: None) -> None:
    heartbeat.beat()
    for table, item in stored():
        copies = copies_of(item, rule=rules()[table], topology=topology.current())
        assert {copy.region for copy in copies} == set(topology.current().others())
        assert all(copy.image == item for copy in copies)


def test_the_age_in_another_region_is_the_lag(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for model in (CatalogRecord, Availability, Order):
        model.in_region("eu-west-1").create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    assert {pulse.age_ms for pulse in heartbeat.pulses("eu-west-1")} == {None}
    monkeypatch.setattr(clock, "now_ms", lambda: 1_000_000)
    heartbeat.beat()
    for table, item in stored():
        for copy in copies_of(item, rule=rules()[table], topology=topology.current(), to=["eu-west-1"]):
            put(copy)
    monkeypatch.setattr(clock, "now_ms", lambda: 1_004_500)
    ages = {(pulse.table, pulse.home): pulse.age_ms for pulse in heartbeat.pulses("eu-west-1")}
    assert {ages[table, "us-east-1"] for table in TABLES} == {4_500}
    assert ages["foodforthought-orders", "us-west-2"] is None
    assert Pulse("foodforthought-catalog", "us-east-1", 4_500) in heartbeat.pulses("eu-west-1")


def test_a_home_beats_in_several_partitions_and_the_oldest_counts(
    tables: None, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    monkeypatch.setattr(topology, "current", lambda: seen)
    seen = replace(topology.load({"AWS_REGION": "us-east-1"}), heartbeats=16)
    monkeypatch.setattr(clock, "now_ms", lambda: 1_000_000)
    heartbeat.beat()
    for table, item in stored():
        assert heartbeat.is_heartbeat(key_of(item, rules()[table]))
    partitions = {(table, item[rules()[table].key_names[0]]["S"]) for table, item in stored()}
    assert len(partitions) == 3 * 16, "items of one partition key are always in one shard"
    assert all(name.startswith(("us-east-1#", "master#")) for _, name in partitions)
    monkeypatch.setattr(clock, "now_ms", lambda: 1_090_000)
    held_back = "us-east-1#heartbeat#11"
    original = heartbeat._write
    monkeypatch.setattr(
        heartbeat, "_write", lambda rule, image: None if held_back in str(image) else original(rule, image)
    )
    heartbeat.beat()
    calls.clear()
    ages = {(pulse.table, pulse.home): pulse.age_ms for pulse in heartbeat.pulses("us-east-1")}
    assert calls == ["BatchGetItem"] * 2, "144 keys, 100 at a time"
    assert ages["foodforthought-orders", "us-east-1"] == ages["foodforthought-availability", "us-east-1"] == 90_000
    assert ages["foodforthought-catalog", "us-east-1"] == 0
    client = aws.client("dynamodb", "us-east-1")
    client.delete_item(TableName="foodforthought-orders", Key={"key": {"S": held_back}})
    assert Pulse("foodforthought-orders", "us-east-1", None) in heartbeat.pulses("us-east-1")


def test_what_a_throttled_store_leaves_out_is_asked_for_again_and_is_no_heartbeat_that_is_not_there(
    tables: None, leaves_out: Callable[[int], None]
) -> None:
    heartbeat.beat()
    leaves_out(2)
    assert Pulse("foodforthought-catalog", "us-east-1", None) not in heartbeat.pulses("us-east-1")
    leaves_out(100)
    with pytest.raises(aws.Unanswered, match="us-east-1 left out 3 keys"):
        heartbeat.pulses("us-east-1")


def test_a_laptop_whose_streams_have_one_shard_has_one_heartbeat_a_home_and_table() -> None:
    assert topology.load({"FFT_DOMAIN": "foodforthought.localhost:8000"}).heartbeats == 1
    assert topology.load({}).heartbeats == topology.HEARTBEATS > 1


def test_a_region_beats_for_itself_only(tables: None) -> None:
    with region("us-west-2"):
        for rule in rules().values():
            assert ("us-west-2" in heartbeat._homes(rule)) == (not rule.homed_at_master)


@pytest.mark.parametrize(
    "key",
    [
        ("restaurant#x", "item#heartbeat"),
        ("cell#1", "00120#cafe-heartbeat"),
        ("a#1heartbeat",),
        ("restaurant#heartbeat", "profile"),
        ("us-east-1#heartbeat#x",),
        ("us-east-1#heartbeats",),
        ("us-east-1#1#heartbeat",),
    ],
)
def test_a_record_that_is_called_like_one_is_none(key: tuple[str, ...]) -> None:
    assert not heartbeat.is_heartbeat(key)
