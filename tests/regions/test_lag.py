"""The lag per table and pair of regions: the worst of three ages, from what the regions really say."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from tests.regions.conftest import held, records_of

ORDERS = Order.Meta.table_name
AVAILABILITY = Availability.Meta.table_name
KEY = ("us-east-1#1",)


@pytest.fixture(autouse=True)
def one_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The times that queues name here are those of our clock, whatever it is set to."""
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


def record(written_ms: int, number: int = 0, *, home: str = "us-east-1") -> dict[str, Any]:
    """A heartbeat in the stream of the orders."""
    image = heartbeat._image(rules()[ORDERS], home, number, written_ms)
    return records_of("us-east-1", ORDERS, [dict(image)])[0]


def test_the_worst_of_heartbeat_iterator_and_backlog_counts(two_regions: None, now: Any) -> None:
    now(1_000_003_000)
    assert lag_of(ORDERS) == Lag(ORDERS, "us-east-1", "us-west-2", 3_000, None, 0)
    assert (lag_of(ORDERS).worst_ms, lag_of(ORDERS).at_least_ms) == (None, 3_000), "the worker has not reported"
    Reader().report([record(999_000_000), record(999_996_000)])
    assert (lag_of(ORDERS).iterator_age_ms, lag_of(ORDERS).worst_ms) == (7_000, 7_000)
    backlog.add("us-west-2", [backlog.entry(ORDERS, KEY, "away")])
    now(1_000_023_000)
    assert (lag_of(ORDERS).backlog_age_ms, lag_of(ORDERS).worst_ms) == (20_000, 23_000)
    now(1_000_600_000)
    backlog.add("us-west-2", [backlog.entry(ORDERS, KEY, "still away")])
    assert lag_of(ORDERS).backlog_age_ms == 597_000, "since the first, not the last"
    assert lag_of(AVAILABILITY).backlog_age_ms == 0


def test_a_worker_that_reads_nothing_any_more_falls_behind_by_that_time(two_regions: None, now: Any) -> None:
    Reader().report([record(1_000_000_000)])
    now(1_000_100_000)
    assert lag_of(ORDERS).iterator_age_ms == 0
    now(1_000_200_000)
    assert lag_of(ORDERS).iterator_age_ms == 200_000


def test_a_home_that_does_not_answer_is_known_by_its_heartbeat_only(two_regions: None) -> None:
    assert lag_of(ORDERS, home="eu-west-1") == Lag(ORDERS, "eu-west-1", "us-west-2", None, None, None)
    assert lag_of(ORDERS, home="eu-west-1").worst_ms is None
    assert lag_of(ORDERS, home="eu-west-1").at_least_ms is None
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
    assert history[0].at_least_ms[ORDERS, "us-east-1"] == 29 * 60_000
    assert history[0].at_least_ms[ORDERS, "eu-west-1"] is None
    items = aws.client("dynamodb", "us-west-2").scan(TableName=aws.OPERATIONS)["Items"]
    assert len(items) == 10
    real_seconds = 1_000_000 - clock.offset_ms() // 1000
    assert all(int(item["expires_at"]["N"]) - real_seconds in range(86_000, 93_000) for item in items)
    assert max(len(str(item)) for item in items) < 8_000


@pytest.mark.parametrize("ages", [(None, 0, 0), (0, None, 0), (0, 0, None), (None, None, 0)])
def test_what_is_not_known_is_not_zero(ages: tuple[int | None, int | None, int | None]) -> None:
    assert Lag(ORDERS, "us-east-1", "us-west-2", *ages).worst_ms is None


def test_a_pair_that_never_replicated_has_no_lag_though_nothing_waits(two_regions: None) -> None:
    client = aws.client("dynamodb", "us-west-2")
    for key in held("us-west-2", ORDERS):
        client.delete_item(TableName=ORDERS, Key={"key": {"S": key[0]}})
    Reader().report([record(1_000_000_000)])
    assert lag_of(ORDERS) == Lag(ORDERS, "us-east-1", "us-west-2", None, 0, 0)
    assert (lag_of(ORDERS).worst_ms, lag_of(ORDERS).at_least_ms) == (None, None)


def test_of_what_waits_without_a_mark_nobody_knows_since_when(two_regions: None) -> None:
    backlog.add("us-west-2", [backlog.entry(ORDERS, KEY, "away")])
    aws.client("dynamodb", "us-east-1").delete_item(
        TableName=aws.OPERATIONS, Key={"key": {"S": backlog.mark_key("us-west-2")}}
    )
    assert lag_of(ORDERS).backlog_age_ms is None


def test_a_home_whose_table_leaves_keys_out_is_not_known(
    two_regions: None, leaves_out: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    Reader().report([record(1_000_000_000)])
    assert lag_of(ORDERS).worst_ms == 0
    pulses = heartbeat.pulses("us-west-2")
    monkeypatch.setattr(heartbeat, "pulses", lambda region: pulses)
    leaves_out(100)
    assert lag_of(ORDERS) == Lag(ORDERS, "us-east-1", "us-west-2", 0, None, None)
    assert lag_of(ORDERS).worst_ms is None


class Stream:
    """A stream of several shards, as DynamoDB has it: all items of a partition key are in one, each is read by itself."""

    SHARDS = 4

    def __init__(self, table: str) -> None:
        self.table = table
        self.standing_still: set[int] = set()
        self.readers = [Reader() for _ in range(self.SHARDS)]  # each a process of its own
        self.waiting: list[list[dict[str, Any]]] = [[] for _ in range(self.SHARDS)]

    def beat(self) -> None:
        """Once by the clock; then every reader reads what there is, has it copied, and says so."""
        heartbeat.beat()
        for key, image in held("us-east-1", self.table).items():
            self.waiting[zlib.crc32(key[0].encode()) % self.SHARDS].append(image)
        for shard in set(range(self.SHARDS)) - self.standing_still:
            if images := self.waiting[shard]:
                for image in images:
                    for copy in copies_of(
                        image, rule=rules()[self.table], topology=topology.current(), to=["us-west-2"]
                    ):
                        put(copy)
                self.readers[shard].report(records_of("us-east-1", self.table, images))
                self.waiting[shard] = []


@pytest.mark.parametrize("table", [ORDERS, CatalogRecord.Meta.table_name])
def test_one_shard_that_stands_still_is_seen(
    two_regions: None, now: Any, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    monkeypatch.setattr(lag, "REPORT_SECONDS", 0.0)
    seen = replace(topology.current(), heartbeats=topology.HEARTBEATS)
    monkeypatch.setattr(topology, "current", lambda: seen)
    assert lag_of(table).worst_ms is None, "most heartbeats have never come"
    stream = Stream(table)
    for minute in range(1, 4):
        now(1_000_000_000 + minute * 60_000)
        stream.beat()
    assert lag_of(table).worst_ms == 0
    stream.standing_still = {2}
    for minute in range(4, 8):
        now(1_000_000_000 + minute * 60_000)
        stream.beat()
    found = lag_of(table)
    assert found == Lag(table, "us-east-1", "us-west-2", 4 * 60_000, 4 * 60_000, 0), "the other three go on"
    assert found.worst_ms == 4 * 60_000
    stream.standing_still = set()
    now(1_000_000_000 + 8 * 60_000)
    stream.beat()
    assert lag_of(table).worst_ms == 0


def test_the_heartbeats_of_others_and_what_nobody_can_read_are_not_this_workers(two_regions: None) -> None:
    foreign, damaged, removed = record(1, home="us-west-2"), record(1), record(1)
    damaged["dynamodb"]["NewImage"]["version"] = {"N": "1.5"}
    removed["dynamodb"] = {"Keys": {}}
    Reader().report([foreign, damaged, removed])
    assert lag_of(ORDERS).iterator_age_ms is None


def test_the_worker_does_not_fail_when_its_place_cannot_be_kept(tables: None, calls: list[str]) -> None:
    aws.client("dynamodb", "us-east-1").delete_table(TableName=aws.OPERATIONS)
    calls.clear()
    Reader().report([record(1)])
    assert calls == ["UpdateItem"], "it was tried"
