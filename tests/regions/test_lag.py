"""The lag per table and pair of regions: the worst of three ages, from what the regions really say."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from catalog.models import Availability, CatalogRecord
from core import clock
from orders.models import Order
from regions import aws, backlog, heartbeat, lag, replicator, topology
from regions.health import Canary
from regions.lag import Lag, Reader
from regions.replication import copies_of, rules
from regions.replicator import Replicator, put
from tests.conftest import region

ORDERS = Order.Meta.table_name
AVAILABILITY = Availability.Meta.table_name
KEY = ("us-east-1#1",)


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The times that streams name here are those of our clock, whatever it is set to."""
    monkeypatch.setattr(clock, "offset_ms", lambda: 0)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    def set_to(now_ms: int) -> None:
        monkeypatch.setattr(clock, "now_ms", lambda: now_ms)

    set_to(1_000_000_000)
    return set_to


@pytest.fixture
def two_regions(tables: None, now: Any) -> Iterator[None]:
    """Tables and queues of us-east-1 and us-west-2; us-east-1 has just beaten, and the beat has arrived."""
    for model in (CatalogRecord, Availability, Order):
        model.in_region("us-west-2").create_table(billing_mode="PAY_PER_REQUEST", wait=False)
    aws.client("dynamodb", "us-west-2").create_table(
        TableName=Canary.Meta.table_name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
    )  # fmt: skip
    aws.client("sqs", "us-east-1").create_queue(QueueName=backlog.queue_name("us-west-2"))
    backlog._url.cache_clear()
    heartbeat.beat()
    for rule in rules().values():
        for image in aws.client("dynamodb", "us-east-1").scan(TableName=rule.table)["Items"]:
            for copy in copies_of(image, rule=rule, topology=topology.current(), to=["us-west-2"]):
                put(copy)
    yield
    backlog._url.cache_clear()


def lag_of(table: str, home: str = "us-east-1") -> Lag:
    (found,) = [found for found in lag.lags("us-west-2") if (found.table, found.home) == (table, home)]
    return found


def record(written_ms: int, table: str = ORDERS) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{table}/stream/1"
    return {"eventSourceARN": arn, "dynamodb": {"ApproximateCreationDateTime": written_ms / 1000, "NewImage": {}}}


def test_the_worst_of_heartbeat_iterator_and_backlog_counts(two_regions: None, now: Any) -> None:
    now(1_000_003_000)
    assert lag_of(ORDERS) == Lag(ORDERS, "us-east-1", "us-west-2", 3_000, None, 0)
    assert lag_of(ORDERS).worst_ms == 3_000
    Reader().has_read([record(999_000_000), record(999_996_000)])
    assert (lag_of(ORDERS).iterator_age_ms, lag_of(ORDERS).worst_ms) == (7_000, 7_000)
    backlog.add("us-west-2", [backlog.entry(ORDERS, KEY, "away")])
    now(1_000_023_000)
    assert (lag_of(ORDERS).backlog_age_ms, lag_of(ORDERS).worst_ms) == (20_000, 23_000)
    now(1_000_600_000)
    backlog.add("us-west-2", [backlog.entry(ORDERS, KEY, "still away")])
    assert lag_of(ORDERS).backlog_age_ms == 597_000, "since the first, not the last"
    assert lag_of(AVAILABILITY).backlog_age_ms == 0


def test_a_worker_that_reads_nothing_any_more_falls_behind_by_that_time(two_regions: None, now: Any) -> None:
    Reader().has_read([record(1_000_000_000)])
    now(1_000_100_000)
    assert lag_of(ORDERS).iterator_age_ms == 0
    now(1_000_200_000)
    assert lag_of(ORDERS).iterator_age_ms == 200_000


def test_a_home_that_does_not_answer_is_known_by_its_heartbeat_only(two_regions: None) -> None:
    assert lag_of(ORDERS, home="eu-west-1") == Lag(ORDERS, "eu-west-1", "us-west-2", None, None, None)
    assert lag_of(ORDERS, home="eu-west-1").worst_ms is None
    tables = {(found.table, found.home) for found in lag.lags("us-west-2")}
    assert ("foodforthought-catalog", "us-east-1") in tables
    assert ("foodforthought-catalog", "eu-west-1") not in tables, "the catalogue has one home"
    assert not [home for _, home in tables if home == "us-west-2"]


def test_a_region_that_does_not_answer_raises(two_regions: None) -> None:
    with pytest.raises(ClientError):
        lag.lags("eu-central-1")


def test_looking_costs_a_bounded_number_of_calls(two_regions: None, calls: list[str]) -> None:
    calls.clear()
    lag.lags("us-west-2")
    assert calls.count("BatchGetItem") == 4
    assert len(calls) <= 4 + 2 * 3
    assert "Scan" not in calls


def test_the_backlogs_age_ends_when_it_is_drained_and_moves_on_with_what_is_left(
    two_regions: None, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = aws.client("dynamodb", "us-east-1")
    keys = [("us-east-1#1",), ("us-east-1#2",)]
    for number, (key,) in enumerate(keys):
        client.put_item(TableName=ORDERS, Item={"key": {"S": key}, "home": {"S": "us-east-1"}, "version": {"N": "1"}})
        now(1_000_000_000 + number * 50_000)
        backlog.add("us-west-2", [backlog.entry(ORDERS, (key,), "away")])
    copying = Replicator(topology=topology.current(), rules=rules())
    original = replicator.put
    monkeypatch.setattr(replicator, "put", lambda copy: original(copy) if copy.key == keys[0] else raise_poison())
    now(1_000_100_000)
    assert lag_of(ORDERS).backlog_age_ms == 100_000
    copying.drain("us-west-2")
    assert lag_of(ORDERS).backlog_age_ms == 50_000
    monkeypatch.setattr(replicator, "put", original)
    monkeypatch.setattr(backlog, "count", lambda target, home=None: 0)
    copying.drain("us-west-2")
    monkeypatch.undo()
    item = client.get_item(TableName=aws.OPERATIONS, Key={"key": {"S": backlog.mark_key("us-west-2")}})["Item"]
    assert backlog.marks_of(item) == {}


def raise_poison() -> bool:
    from tests.regions.test_replicator import is_poison

    raise is_poison()


def test_an_hour_of_samples_is_kept_in_a_few_small_items_that_expire(two_regions: None, now: Any) -> None:
    with region("us-west-2"):
        for minute in range(90):
            now(1_000_000_000 + minute * 60_000)
            lag.sample()
        history = lag.history("us-west-2")
    assert [taken.at_ms for taken in history] == [1_000_000_000 + minute * 60_000 for minute in range(29, 90)]
    assert history[0].worst_ms[ORDERS, "us-east-1"] == 29 * 60_000
    assert history[0].worst_ms[ORDERS, "eu-west-1"] is None
    items = aws.client("dynamodb", "us-west-2").scan(TableName=aws.OPERATIONS)["Items"]
    assert len(items) == 10
    assert all(int(item["expires_at"]["N"]) - 1_000_000 in range(86_000, 93_000) for item in items)
    assert max(len(str(item)) for item in items) < 8_000


def test_a_records_age_is_told_from_its_version_because_dynamodb_says_whole_seconds() -> None:
    image = {"version": {"N": "5400"}}
    assert lag.created_ms({"dynamodb": {"ApproximateCreationDateTime": 5.0, "NewImage": image}}) == 5_400
    as_boto3_says = datetime.fromtimestamp(6, UTC)
    assert lag.created_ms({"dynamodb": {"ApproximateCreationDateTime": as_boto3_says, "NewImage": image}}) == 6_000
    assert lag.created_ms({"dynamodb": {"Keys": {}}}) == 0


def test_the_worker_does_not_fail_when_its_place_cannot_be_kept(tables: None) -> None:
    aws.client("dynamodb", "us-east-1").delete_table(TableName=aws.OPERATIONS)
    Reader().has_read([record(1)])
