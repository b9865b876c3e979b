"""How far behind are the copies, per table and pair of regions: the worst of three ages, now and over the last hours.

- heartbeat: the age of the home's heartbeat as the region holds it (the clock writes one every minute; a laptop every 2 seconds);
- iterator: how old the last record was when the home's worker had read it out of its stream;
- backlog: how long the oldest entry for the region has waited.

Each region samples what it holds by the clock and keeps a day of it in its own `operations` table, so that the lag of a home
that is lost goes on being drawn.
"""

import json
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from regions import aws, backlog, heartbeat, topology
from regions.aws import OPERATIONS
from regions.replication import rules, table_of

logger = logging.getLogger(__name__)

REPORT_SECONDS = 5.0  # a worker says at most so often, per table, how far it has read
SILENT_MS = 150_000  # a worker that has read nothing for so long, heartbeats included, is behind by that time
WINDOW_MS = 600_000  # samples of ten minutes share an item
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Lag:
    """One table of one home, as one region holds it; ages in milliseconds, None where nobody knows."""

    table: str
    home: str
    region: str
    heartbeat_age_ms: int | None  # None: no heartbeat of this home has ever arrived
    iterator_age_ms: int | None  # None: the home does not answer, or its worker has not reported yet
    backlog_age_ms: int | None  # None: the home does not answer; 0: nothing waits

    @property
    def worst_ms(self) -> int | None:
        known = [age for age in (self.heartbeat_age_ms, self.iterator_age_ms, self.backlog_age_ms) if age is not None]
        return max(known, default=None)


@dataclass(frozen=True)
class Sample:
    """The worst ages at a moment, by (table, home)."""

    at_ms: int
    worst_ms: Mapping[tuple[str, str], int | None]


@dataclass(frozen=True)
class _Home:
    """What a home says about its own side: by table, in milliseconds."""

    iterator_age_ms: Mapping[str, int]
    backlog_age_ms: Mapping[str, int]


def lags(region: str) -> list[Lag]:
    """The lag of every table and home that `region` holds copies of; raises when its store does not answer.

    Costs one BatchGet there, and one BatchGet and one look at a queue in each other region, side by side: a home that does not
    answer costs 1.5 seconds.
    """
    pulses = [pulse for pulse in heartbeat.pulses(region) if pulse.home != region]
    homes = sorted({pulse.home for pulse in pulses})
    with ThreadPoolExecutor(max(1, len(homes))) as pool:
        said = dict(zip(homes, pool.map(lambda home: _ask(home, region), homes), strict=True))
    found = []
    for pulse in pulses:
        home = said[pulse.home]
        iterator = home.iterator_age_ms.get(pulse.table) if home else None
        waiting = home.backlog_age_ms.get(pulse.table, 0) if home else None
        found.append(Lag(pulse.table, pulse.home, region, pulse.age_ms, iterator, waiting))
    return found


def sample() -> None:
    """Keep this region's lags of now; older samples go by TTL."""
    now_ms = clock.now_ms()
    worst = [[lag.table, lag.home, lag.worst_ms] for lag in lags(topology.here())]
    aws.client("dynamodb", topology.here()).update_item(
        TableName=OPERATIONS,
        Key={"key": {"S": _window_key(now_ms)}},
        UpdateExpression="SET samples = list_append(if_not_exists(samples, :none), :one), expires_at = :expires",
        ExpressionAttributeValues={
            ":none": {"L": []},
            ":one": {"L": [{"S": json.dumps([now_ms, worst])}]},
            ":expires": {"N": str(now_ms // 1000 + KEPT_SECONDS)},
        },
    )


def history(region: str, *, minutes: int = 60) -> list[Sample]:
    """The samples that a region took in the last minutes, oldest first; one BatchGet. Raises when it does not answer."""
    now_ms = clock.now_ms()
    since_ms = now_ms - minutes * 60_000
    windows = range(since_ms // WINDOW_MS, now_ms // WINDOW_MS + 1)
    items = _items(region, [_window_key(window * WINDOW_MS) for window in windows])
    samples = []
    for item in items.values():
        for text in item["samples"]["L"]:
            at_ms, worst = json.loads(text["S"])
            if at_ms >= since_ms:
                samples.append(Sample(at_ms, {(table, home): age for table, home, age in worst}))
    return sorted(samples, key=lambda taken: taken.at_ms)


class Reader:
    """Says how far this region's worker has read each stream. One per process."""

    def __init__(self) -> None:
        self._reported: dict[str, float] = {}

    def has_read(self, records: Sequence[Mapping[str, Any]]) -> None:
        """To be called after a batch (all of one table) is done. Never raises: it only reports."""
        table, now_ms = table_of(records[-1]), clock.now_ms()
        if time.monotonic() - self._reported.get(table, -REPORT_SECONDS) < REPORT_SECONDS:
            return
        self._reported[table] = time.monotonic()
        item = {
            "key": {"S": _reader_key(table)},
            "read_ms": {"N": str(now_ms)},
        }
        try:
            item["created_ms"] = {"N": str(min(now_ms, created_ms(records[-1])))}
            aws.client("dynamodb", topology.here()).put_item(TableName=OPERATIONS, Item=item)
        except (BotoCoreError, ClientError, ValueError) as error:  # a version that is no number, too
            logger.warning("iterator age not kept", extra={"fields": {"table": table, "error": type(error).__name__}})


def created_ms(record: Mapping[str, Any]) -> int:
    """When a stream record came to be: DynamoDB says it in seconds; a version is the milliseconds of its write."""
    version = int(record["dynamodb"].get("NewImage", {}).get("version", {}).get("N", "0"))
    created = record["dynamodb"].get("ApproximateCreationDateTime")
    if created is None:
        return version
    seconds = created.timestamp() if isinstance(created, datetime) else float(created)
    return max(clock.from_real_ms(int(seconds * 1000)), version)


def _ask(home: str, region: str) -> _Home | None:
    """What a home knows about copies to a region; None when it does not answer."""
    readers = {_reader_key(table): table for table in rules()}
    try:
        items = _items(home, [*readers, backlog.mark_key(region)])
        waits = backlog.count(region, home=home) > 0
    except (BotoCoreError, ClientError):
        return None
    now_ms = clock.now_ms()
    iterator = {table: _iterator_age_ms(items[key], now_ms) for key, table in readers.items() if key in items}
    since = backlog.marks_of(items.get(backlog.mark_key(region), {})) if waits else {}
    return _Home(iterator, {table: max(0, now_ms - at_ms) for table, at_ms in since.items()})


def _iterator_age_ms(item: Mapping[str, Any], now_ms: int) -> int:
    read_ms, created = int(item["read_ms"]["N"]), int(item["created_ms"]["N"])
    return (read_ms if now_ms - read_ms < SILENT_MS else now_ms) - created


def _items(region: str, keys: Iterable[str]) -> dict[str, Any]:
    """Items of a region's `operations` table, by key. What a throttled table leaves out is missing."""
    client = aws.impatient("dynamodb", region)
    answer = client.batch_get_item(RequestItems={OPERATIONS: {"Keys": [{"key": {"S": key}} for key in keys]}})
    return {item["key"]["S"]: item for item in answer["Responses"].get(OPERATIONS, [])}


def _reader_key(table: str) -> str:
    return f"iterator#{table}"


def _window_key(at_ms: int) -> str:
    return f"lag#{at_ms // WINDOW_MS}"
