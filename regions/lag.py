"""How far behind are the copies, per table and pair of regions: the worst of three ages, now and over the last hours.

- heartbeat: the age of the oldest of the home's heartbeats as the region holds them (the clock writes them every minute, on
  a laptop every 2 seconds);
- iterator: how old they were when the home's worker had read them out of its stream, of the slowest of them;
- backlog: how long the oldest entry for the region has waited.

Where one of them is not known the lag is not: nothing that is missing, or left unanswered, counts as zero.

Each region samples what it holds by the clock and keeps a day of it in its own `operations` table, so that the lag of a home
that is lost goes on being drawn.
"""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from core.events import WARNING, event
from regions import aws, backlog, heartbeat, topology
from regions.aws import OPERATIONS
from regions.replication import rules, table_of

REPORT_SECONDS = 5.0  # a worker says at most so often, per table and heartbeat, that it has read it
SILENT_MS = 150_000  # a worker that has not read a heartbeat for so long is behind by that time
WINDOW_MS = 600_000  # samples of ten minutes share an item
KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Lag:
    """One table of one home, as one region holds it; ages in milliseconds, None where nobody knows."""

    table: str
    home: str
    region: str
    heartbeat_age_ms: int | None  # None: one of this home's heartbeats has never arrived
    iterator_age_ms: int | None  # None: the home does not answer, or its worker has not yet read one of them
    backlog_age_ms: int | None  # None: the home does not answer, or does not know; 0: nothing waits

    @property
    def worst_ms(self) -> int | None:
        """None when any of the three is not known."""
        return heartbeat.oldest([self.heartbeat_age_ms, self.iterator_age_ms, self.backlog_age_ms])

    @property
    def at_least_ms(self) -> int | None:
        """What the lag is at least, by the ages that are known. None without heartbeats: of what never came, nothing is known."""
        if self.heartbeat_age_ms is None:
            return None
        return max(self.heartbeat_age_ms, self.iterator_age_ms or 0, self.backlog_age_ms or 0)


@dataclass(frozen=True)
class Sample:
    """What the lags were at least at a moment, by (table, home). Of a home that is lost, too: its heartbeats go on ageing."""

    at_ms: int
    at_least_ms: Mapping[tuple[str, str], int | None]


@dataclass(frozen=True)
class _Home:
    """What a home says about its own side: by table, in milliseconds; None where it does not know."""

    iterator_age_ms: Mapping[str, int | None]
    backlog_age_ms: Mapping[str, int | None]


def lags(region: str) -> list[Lag]:
    """The lag of every table and home that `region` holds copies of; raises when its store does not answer.

    Costs a few BatchGets there, and one BatchGet and one look at a queue in each other region, side by side: a home that does not
    answer costs 1.5 seconds.
    """
    pulses = [pulse for pulse in heartbeat.pulses(region) if pulse.home != region]
    homes = sorted({pulse.home for pulse in pulses})
    with ThreadPoolExecutor(max(1, len(homes))) as pool:
        said = dict(zip(homes, pool.map(lambda home: _ask(home, region), homes), strict=True))
    found = []
    for pulse in pulses:
        home = said[pulse.home]
        iterator = home.iterator_age_ms[pulse.table] if home else None
        waiting = home.backlog_age_ms[pulse.table] if home else None
        found.append(Lag(pulse.table, pulse.home, region, pulse.age_ms, iterator, waiting))
    return found


def sample() -> None:
    """Keep this region's lags of now; older samples go by TTL."""
    now_ms = clock.now_ms()
    known = [[lag.table, lag.home, lag.at_least_ms] for lag in lags(topology.here())]
    aws.client("dynamodb", topology.here()).update_item(
        TableName=OPERATIONS,
        Key={"key": {"S": _window_key(now_ms)}},
        UpdateExpression="SET samples = list_append(if_not_exists(samples, :none), :one), expires_at = :expires",
        ExpressionAttributeValues={
            ":none": {"L": []},
            ":one": {"L": [{"S": json.dumps([now_ms, known])}]},
            ":expires": {"N": str(clock.expires_at(KEPT_SECONDS))},
        },
    )


def history(region: str, *, minutes: int = 60) -> list[Sample]:
    """The samples that a region took in the last minutes, oldest first; one BatchGet. Raises when it does not answer."""
    now_ms = clock.now_ms()
    since_ms = now_ms - minutes * 60_000
    windows = range(since_ms // WINDOW_MS, now_ms // WINDOW_MS + 1)
    items = aws.operations_items(region, [_window_key(window * WINDOW_MS) for window in windows])
    samples = []
    for item in items.values():
        for text in item["samples"]["L"]:
            at_ms, known, *_ = json.loads(text["S"])  # a newer release may say more
            if at_ms >= since_ms:
                samples.append(Sample(at_ms, {(table, home): age for table, home, age, *_ in known}))
    return sorted(samples, key=lambda taken: taken.at_ms)


class Reader:
    """Says how old this region's heartbeats were when its worker read them out of the streams. One per process."""

    def __init__(self) -> None:
        self._reported: dict[tuple[str, int], float] = {}

    def report(self, records: Sequence[Mapping[str, Any]]) -> None:
        """To be called after a batch (all of one table) is done. Never raises: it only reports.

        Each heartbeat is an attribute of its own, so that those who read other shards do not overwrite it.
        """
        table, now_ms, now = table_of(records[-1]), clock.now_ms(), time.monotonic()
        beats = {
            number: written_ms
            for number, written_ms in heartbeat.beats_in(records)
            if now - self._reported.get((table, number), -REPORT_SECONDS) >= REPORT_SECONDS
        }
        if not beats:
            return
        self._reported |= {(table, number): now for number in beats}
        try:
            aws.client("dynamodb", topology.here()).update_item(
                TableName=OPERATIONS,
                Key={"key": {"S": _reader_key(table)}},
                UpdateExpression="SET " + ", ".join(f"#{number} = :{number}" for number in beats),
                ExpressionAttributeNames={f"#{number}": str(number) for number in beats},
                ExpressionAttributeValues={
                    f":{number}": {"L": [{"N": str(min(written_ms, now_ms))}, {"N": str(now_ms)}]}
                    for number, written_ms in beats.items()
                },
            )
        except (BotoCoreError, ClientError) as error:
            event("iterator age not kept", level=WARNING, table=table, error=aws.error_code(error))


def _ask(home: str, region: str) -> _Home | None:
    """What a home knows about copies to a region; None when it does not answer."""
    mark = backlog.mark_key(region)
    try:
        items = aws.operations_items(home, [*map(_reader_key, rules()), mark])
        waits = backlog.count(region, home=home) > 0
    except (BotoCoreError, ClientError):
        return None
    now_ms = clock.now_ms()
    since_ms = backlog.marks_of(items.get(mark, {}))
    waiting: dict[str, int | None] = dict.fromkeys(rules(), 0)
    if waits:
        # Without any mark something waits, and nobody knows since when.
        waiting = {table: max(0, now_ms - since_ms.get(table, now_ms)) if since_ms else None for table in rules()}
    return _Home({table: _iterator_age_ms(items.get(_reader_key(table), {}), now_ms) for table in rules()}, waiting)


def _iterator_age_ms(item: Mapping[str, Any], now_ms: int) -> int | None:
    """Of the heartbeat that was read the latest; None when one has never been."""
    ages: list[int | None] = []
    for number in range(topology.current().heartbeats):
        if str(number) not in item:
            return None
        written_ms, read_ms = (int(value["N"]) for value in item[str(number)]["L"][:2])
        ages.append((read_ms if now_ms - read_ms < SILENT_MS else now_ms) - written_ms)
    return heartbeat.oldest(ages)


def _reader_key(table: str) -> str:
    return f"iterator#{table}"


def _window_key(at_ms: int) -> str:
    return f"lag#{at_ms // WINDOW_MS}"
