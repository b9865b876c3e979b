"""Batches, regions that are away, and catching up."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError

from catalog.models import Availability
from regions import aws, replicator, topology
from regions.replication import Copy, copies_of, rule_of
from regions.replicator import Replicator

RULE = rule_of(Availability)
TABLE = RULE.table


@pytest.fixture
def everywhere(tables: None) -> Iterator[Replicator]:
    """The table in every region."""
    for name in topology.current().others():
        Availability.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    yield Replicator(topology=topology.current(), rules={TABLE: RULE})
    Availability.in_region.cache_clear()


def image(number: int, version: int = 5, home: str = "us-east-1") -> dict[str, Any]:
    return {
        "key": {"S": f"{home}#{number}"}, "home": {"S": home}, "version": {"N": str(version)},
        "restaurant": {"S": str(number)}, "of_a_later_release": {"S": "kept"},
    }  # fmt: skip


def record(number: int, version: int = 5) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{TABLE}/stream/1"
    return {"eventSourceARN": arn, "dynamodb": {"NewImage": image(number, version)}}


def held(region: str) -> dict[str, Any]:
    answer = aws.client("dynamodb", region).scan(TableName=TABLE)
    return {item["key"]["S"]: item for item in answer["Items"]}


def fails_in(monkeypatch: pytest.MonkeyPatch, region: str) -> list[Copy]:
    asked: list[Copy] = []
    original = replicator.put

    def put(copy: Copy) -> bool:
        if copy.region == region:
            asked.append(copy)
            raise ConnectTimeoutError(endpoint_url="http://away")
        return original(copy)

    monkeypatch.setattr(replicator, "put", put)
    return asked


def test_an_attribute_that_this_release_does_not_know_is_copied(everywhere: Replicator) -> None:
    report = everywhere.replicate([record(1)])
    assert report.written == dict.fromkeys(topology.current().others(), 1)
    assert held("eu-west-1") == held("us-west-2") == {"us-east-1#1": image(1)}


def test_of_a_batch_only_the_newest_of_an_item_is_copied(everywhere: Replicator) -> None:
    report = everywhere.replicate([record(1, 7), record(1, 9), record(1, 8), record(2, 5)])
    assert report.written["eu-west-1"] == 2
    assert held("eu-west-1")["us-east-1#1"]["version"] == {"N": "9"}


def test_what_is_older_than_the_replica_is_stale_not_an_error(everywhere: Replicator) -> None:
    everywhere.replicate([record(1, 9)])
    report = everywhere.replicate([record(1, 8), record(2)])
    assert (report.stale["eu-west-1"], report.written["eu-west-1"], sum(report.missed.values())) == (1, 1, 0)


def test_a_region_that_is_away_keeps_nobody_waiting(everywhere: Replicator, monkeypatch: pytest.MonkeyPatch) -> None:
    fails_in(monkeypatch, "eu-west-1")
    report = everywhere.replicate([record(number) for number in range(30)])
    assert report.missed == {"eu-west-1": 30}
    assert len(held("us-west-2")) == len(held("eu-central-1")) == 30


def test_a_region_known_to_be_away_is_not_asked(everywhere: Replicator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fails_in(monkeypatch, "eu-west-1")
    report = everywhere.replicate([record(1)], skip={"eu-west-1"})
    assert report.missed == {"eu-west-1": 1}
    assert asked == []


def test_catching_up_copies_what_is_missing_or_older_and_nothing_else(everywhere: Replicator) -> None:
    store = aws.client("dynamodb", "us-east-1")
    for number in range(120):
        store.put_item(TableName=TABLE, Item=image(number))
    store.put_item(TableName=TABLE, Item=image(500, home="us-west-2"))
    far = aws.client("dynamodb", "eu-west-1")
    far.put_item(TableName=TABLE, Item=image(0))
    far.put_item(TableName=TABLE, Item=image(1, version=4))
    report = everywhere.catch_up("eu-west-1")
    assert (report.written["eu-west-1"], sum(report.missed.values())) == (119, 0)
    assert held("eu-west-1") == {f"us-east-1#{number}": image(number) for number in range(120)}
    again = everywhere.catch_up("eu-west-1")
    assert (again.written, again.stale, again.missed) == ({}, {}, {})


def test_copies_of_a_copy_are_not_made() -> None:
    assert copies_of(image(1, home="eu-west-1"), rule=RULE, topology=topology.current()) == []
