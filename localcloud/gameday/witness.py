"""Who sees every write of a game day: the streams of all replicated tables in all regions, read beside the workers.

What the streams tell is judged by pure functions: how late each copy was, and whether anything was written that its home has
not written.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import clock
from localcloud import audit, aws
from localcloud.layout import Layout
from orders.models import Order
from regions import topology
from regions.heartbeat import is_heartbeat
from regions.replication import Image, Rule, copies_of, rules

LOOK_SECONDS = 0.05
PAGE = 1000


@dataclass(frozen=True)
class Seen:
    """One write in one region, seen at a time (milliseconds since 1970); `image` is None when an item was removed."""

    region: str
    table: str
    key: tuple[str, ...]
    at_ms: int
    image: Image | None

    @property
    def version(self) -> int:
        return int(self.image["version"]["N"]) if self.image else 0

    @property
    def is_at_home(self) -> bool:
        return self.image is not None and audit.home_of(self.image) == self.region


@dataclass(frozen=True)
class Lag:
    """From the moment that a home wrote an order (milliseconds since 1970) until it, or a newer version, was elsewhere."""

    home: str
    region: str
    written_ms: int
    lag_ms: int


Written = dict[tuple[str, tuple[str, ...], int], Image]
"""Table, key, version → what its home wrote."""


class Witness:
    """Orders are looked at all the time, to know how late their copies are; the other tables at the end."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.seen: list[Seen] = []
        self.written: Written = {}
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._places: dict[tuple[str, str], str] = {}

    def begin(self) -> None:
        regions = topology.current().regions
        self._places = {(region, table): self._end_of_stream(region, table) for region in regions for table in rules()}
        for region in regions:
            self._remember_homes(region)
        self._threads = [threading.Thread(target=self._look_on, args=[region]) for region in regions]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()
        for region, table in self._places:
            while self._look(region, table):
                pass
        self.written |= {(s.table, s.key, s.version): s.image for s in self.seen if s.is_at_home and s.image}

    def lags(self) -> list[Lag]:
        with self._lock:
            return lags([seen for seen in self.seen if seen.table == Order.Meta.table_name])

    def foreign(self) -> list[str]:
        return foreign(self.seen, self.written)

    def _look_on(self, region: str) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._look(region, Order.Meta.table_name)

    def _look(self, region: str, table: str) -> int:
        streams = aws.client("dynamodbstreams", self.layout, region)
        page = streams.get_records(ShardIterator=self._places[region, table], Limit=PAGE)
        self._places[region, table] = page["NextShardIterator"]
        at_ms = clock.now_ms()
        found = [_seen(region, table, record["dynamodb"], at_ms) for record in page["Records"]]
        with self._lock:
            self.seen += [seen for seen in found if not is_heartbeat(seen.key)]
        return len(page["Records"])

    def _end_of_stream(self, region: str, table: str) -> str:
        arn = aws.client("dynamodb", self.layout, region).describe_table(TableName=table)["Table"]["LatestStreamArn"]
        streams = aws.client("dynamodbstreams", self.layout, region)
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        place: str = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]  # fmt: skip
        return place

    def _remember_homes(self, region: str) -> None:
        """What was there before is copied, too: by comparisons and out of backlogs."""
        for rule in rules().values():
            for image in audit.items(self.layout, region, rule.table):
                if audit.home_of(image) == region:
                    self.written[rule.table, _key(rule, image), int(image["version"]["N"])] = image


def lags(seen: Iterable[Seen]) -> list[Lag]:
    """For every write at home and every other region, when it arrived there; what has not arrived is missing.

    A version gives the time of its writing: see `regions.models`.
    """
    arrivals: dict[tuple[str, tuple[str, ...]], list[tuple[int, int]]] = {}
    at_home: list[Seen] = []
    for one in seen:
        if one.is_at_home:
            at_home.append(one)
        elif one.image:
            arrivals.setdefault((one.region, one.key), []).append((one.version, one.at_ms))
    found = []
    for written in at_home:
        for region in topology.seen_from(written.region).others():
            times = [at_ms for version, at_ms in arrivals.get((region, written.key), []) if version >= written.version]
            if times:
                found.append(Lag(written.region, region, written.version, max(0, min(times) - written.version)))
    return found


def foreign(seen: Iterable[Seen], written: Mapping[tuple[str, tuple[str, ...], int], Image]) -> list[str]:
    """Writes that no home has made: something else than a copy of what the home wrote, or a version that fell."""
    newest: dict[tuple[str, str, tuple[str, ...]], int] = {}
    found = []
    for one in seen:
        place = (one.region, one.table, one.key)
        if one.image is None:
            newest.pop(place, None)
            continue
        name = f"{one.table} {'/'.join(one.key)} in {one.region}, version {one.version}"
        if one.version <= newest.get(place, 0):
            found.append(f"{name}: after version {newest[place]}")
        newest[place] = one.version
        origin = written.get((one.table, one.key, one.version))
        if origin is None:
            found.append(f"{name}: never written at home")
        elif not one.is_at_home and one.image != _copy(one, origin):
            found.append(f"{name}: not what its home wrote")
    return found


def _copy(one: Seen, origin: Image) -> Image | None:
    there = topology.seen_from(audit.home_of(origin))
    copies = copies_of(origin, rule=rules()[one.table], topology=there, to=[one.region])
    return copies[0].image if copies else None


def _seen(region: str, table: str, change: Mapping[str, Any], at_ms: int) -> Seen:
    key = tuple(change["Keys"][name]["S"] for name in rules()[table].key_names)
    return Seen(region, table, key, at_ms, change.get("NewImage"))


def _key(rule: Rule, image: Image) -> tuple[str, ...]:
    return tuple(str(image[name]["S"]) for name in rule.key_names)
