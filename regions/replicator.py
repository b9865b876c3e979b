"""Making the copies that `regions.replication` plans. Nothing here waits for a region that is away.

What a region does not take becomes an entry of its backlog, and the batch is done. Draining copies the home's current record,
under the same condition; comparing finds what a region lacks. So a region that is down, a record that cannot be written and a
repair are one mechanism.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby, repeat
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from regions import aws, backlog
from regions.backlog import Entry
from regions.breaker import Breaker
from regions.heartbeat import is_heartbeat
from regions.replication import CONDITION, Copy, Image, Rule, copies_of, newest, plan
from regions.topology import Topology

logger = logging.getLogger(__name__)

PARALLEL_PUTS = 24  # per target region
BREAKER_SECONDS = 5.0
PROBE_SECONDS = 0.5
_BATCH_GET_KEYS = 100

OF_THE_RECORD = {"ValidationException", "ItemCollectionSizeLimitExceededException", "AccessDeniedException"}
"""Errors that lie with one record; after any other the whole region is left alone for a while."""


@dataclass
class Report:
    """What came of a batch, counted per target region; `missed` is in the backlog."""

    written: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)


@dataclass
class Comparison:
    """What a comparison found. A replica that is `ahead` of its home is told, never overwritten: somebody has to decide."""

    compared: int = 0
    read_units: float = 0.0  # DynamoDB's capacity units, in both regions together
    behind: list[Entry] = field(default_factory=list)
    ahead: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)


def put(copy: Copy) -> bool:
    """Write one replica; False when the region holds that version or a newer one already."""
    try:
        aws.client("dynamodb", copy.region, attempts=1).put_item(
            TableName=copy.table,
            Item=copy.image,
            ConditionExpression=CONDITION,
            ExpressionAttributeValues={":version": {"N": str(copy.version)}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False
    return True


class Replicator:
    """Copies what has its home in `topology.here` to the other regions. One per process; keeps its threads."""

    def __init__(self, *, topology: Topology, rules: Mapping[str, Rule]) -> None:
        self.topology = topology
        self.rules = rules
        self.breakers = {region: Breaker(open_seconds=BREAKER_SECONDS) for region in topology.others()}
        self._empty: set[str] = set()  # the regions whose backlog was seen to be empty, and has given nothing since
        self._targets = ThreadPoolExecutor(len(topology.regions), thread_name_prefix="target")
        self._puts = {
            region: ThreadPoolExecutor(PARALLEL_PUTS, thread_name_prefix=region) for region in topology.others()
        }

    def replicate(self, records: Iterable[Mapping[str, Any]]) -> Report:
        """Copy a batch of stream records. Raises only when neither a region nor the backlog took a copy."""
        report = Report()
        copies = newest(copy for record in records for copy in plan(record, rules=self.rules, topology=self.topology))
        by_region: dict[str, list[Copy]] = {}
        for copy in copies:
            by_region.setdefault(copy.region, []).append(copy)
        list(self._targets.map(self._copy_or_keep, by_region, by_region.values(), repeat(report)))
        return report

    def drain(self, region: str) -> Report:
        """Copy what waits in a region's backlog, until it is empty, all of it is hidden, or the region is away."""
        report = Report()
        if self.breakers[region].has_failed and not answers(region):
            # Said anew at every turn of the clock, so that no batch of a stream has to find it out by waiting.
            self.breakers[region].failed()
            return report
        self.breakers[region].succeeded()
        left: list[Entry] = []
        while self.breakers[region].allows() and (entries := backlog.receive(region)):
            self._empty.discard(region)
            missed = {(found.table, found.key) for found in self._copy_again(region, entries, report)}
            left += [found for found in entries if (found.table, found.key) in missed]
            backlog.settle(region, [found for found in entries if (found.table, found.key) not in missed])
        if region not in self._empty and backlog.remember(region, left):
            self._empty.add(region)
        return report

    def compare(self, region: str) -> Comparison:
        """What a region holds against what this home says it should.

        Reads all replicated tables of this region and the versions there. Raises when the region does not answer.
        """
        found = Comparison()
        for rule in self.rules.values():
            for page in scan_for_replication(rule, self.topology.here):
                found.read_units += _units(page)
                copies = [
                    copy
                    for image in page["Items"]
                    for copy in copies_of(image, rule=rule, topology=self.topology, to=[region])
                    if not is_heartbeat(copy.key)
                ]
                versions, units = versions_in(region, rule, [copy.key for copy in copies])
                found.read_units += units
                found.compared += len(copies)
                for copy in copies:
                    held = versions.get(copy.key)
                    if held is None or held < copy.version:
                        reason = "missing" if held is None else "older than at home"
                        found.behind.append(backlog.entry(rule.table, copy.key, f"found {reason} by a comparison"))
                    elif held > copy.version:
                        found.ahead.append((rule.table, copy.key))
        return found

    def catch_up(self, region: str) -> Report:
        """Copy at once what a comparison finds; raises when the region does not answer."""
        report = Report()
        missed = self._copy_again(region, self.compare(region).behind, report)
        backlog.add(region, missed)
        return report

    def _copy_or_keep(self, region: str, copies: list[Copy], report: Report) -> None:
        missed = self._put_all(region, copies, report)
        # A heartbeat that is lost is followed by the next.
        backlog.add(region, [found for found in missed if not is_heartbeat(found.key)])

    def _copy_again(self, region: str, entries: Sequence[Entry], report: Report) -> list[Entry]:
        """Copy the home's current records of these entries; those that were not taken."""
        missed: list[Entry] = []
        for table, group in groupby(sorted(entries, key=lambda found: found.table), lambda found: found.table):
            rule = self.rules[table]
            images = current_images(self.topology.here, rule, sorted({found.key for found in group}))
            copies = [c for image in images for c in copies_of(image, rule=rule, topology=self.topology, to=[region])]
            missed += self._put_all(region, copies, report)
        return missed

    def _put_all(self, region: str, copies: Sequence[Copy], report: Report) -> list[Entry]:
        """Put what the region takes; the rest as entries for its backlog."""
        breaker = self.breakers[region]

        def attempt(copy: Copy) -> bool | Entry:
            if not breaker.allows():
                return backlog.entry(copy.table, copy.key, f"{region} is away")
            try:
                return put(copy)
            except (BotoCoreError, ClientError) as error:
                reason = _reason(error)
                # The kind only: a message of the store may quote the item.
                logger.warning("copy failed", extra={"fields": {"target": region, "error": reason}})
                if reason not in OF_THE_RECORD:
                    breaker.failed()
                return backlog.entry(copy.table, copy.key, reason)

        missed: list[Entry] = []
        for outcome in self._puts[region].map(attempt, copies):
            if isinstance(outcome, Entry):
                missed.append(outcome)
            else:
                (report.written if outcome else report.stale)[region] += 1
        if missed:
            report.missed[region] += len(missed)
        return missed


def answers(region: str) -> bool:
    """Does the region's store answer, and soon?"""
    client = aws.client(
        "dynamodb", region, connect_timeout_seconds=PROBE_SECONDS, read_timeout_seconds=PROBE_SECONDS, attempts=1
    )
    try:
        client.list_tables(Limit=1)
    except (BotoCoreError, ClientError):
        return False
    return True


def scan_for_replication(rule: Rule, here: str) -> Iterator[dict[str, Any]]:
    """All items of this region's table, in the pages of DynamoDB's answer, read consistently."""
    paginator = aws.client("dynamodb", here).get_paginator("scan")
    yield from paginator.paginate(TableName=rule.table, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")


def current_images(region: str, rule: Rule, keys: Sequence[tuple[str, ...]]) -> list[Image]:
    """The items of these keys as they are now; what is not there is missing from the answer."""
    pages = _batch_get(region, rule, keys, {"ConsistentRead": True})
    return [item for page in pages for item in page["Responses"].get(rule.table, [])]


def versions_in(region: str, rule: Rule, keys: Sequence[tuple[str, ...]]) -> tuple[dict[tuple[str, ...], int], float]:
    """The versions that a region holds of these keys, and the capacity units that it cost to ask.

    What the region does not hold is missing from the answer.
    """
    names = {f"#{name}": name for name in (*rule.key_names, "version")}
    projection = {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
    versions: dict[tuple[str, ...], int] = {}
    units = 0.0
    for page in _batch_get(region, rule, keys, projection):
        units += _units(page)
        for item in page["Responses"].get(rule.table, []):
            versions[tuple(item[name]["S"] for name in rule.key_names)] = int(item["version"]["N"])
    return versions, units


def _batch_get(
    region: str, rule: Rule, keys: Sequence[tuple[str, ...]], details: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    """DynamoDB's answers, until it has answered for every key."""
    for start in range(0, len(keys), _BATCH_GET_KEYS):
        wanted: list[Any] = [
            {name: {"S": value} for name, value in zip(rule.key_names, key, strict=True)}
            for key in keys[start : start + _BATCH_GET_KEYS]
        ]
        while wanted:
            request = {rule.table: {"Keys": wanted, **details}}
            answer = aws.client("dynamodb", region).batch_get_item(RequestItems=request, ReturnConsumedCapacity="TOTAL")
            yield answer
            wanted = answer.get("UnprocessedKeys", {}).get(rule.table, {}).get("Keys", [])


def _units(answer: dict[str, Any]) -> float:
    """The capacity units of a Scan's or a BatchGetItem's answer."""
    spent = answer.get("ConsumedCapacity") or []
    return float(sum(part.get("CapacityUnits", 0.0) for part in (spent if isinstance(spent, list) else [spent])))


def _reason(error: BotoCoreError | ClientError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else type(error).__name__
