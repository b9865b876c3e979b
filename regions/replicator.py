"""Making the copies that `regions.replication` plans: conditional puts, and the comparison that catches up a region."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from regions import aws
from regions.replication import CONDITION, Copy, Image, Rule, copies_of, newest, plan
from regions.topology import Topology

logger = logging.getLogger(__name__)

PARALLEL_PUTS = 8  # per target region
_BATCH_GET_KEYS = 100


@dataclass
class Report:
    """What came of a batch, counted per target region; `missed` names the regions that did not take everything."""

    written: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)


def put(copy: Copy) -> bool:
    """Write one replica; False when the region holds that version or a newer one already."""
    try:
        aws.client("dynamodb", copy.region).put_item(
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
    """Copies what has its home in `topology.here` to the other regions. One per process; keeps its threads.

    A region that fails once in a batch is left alone for the rest of it: no region waits for another.
    """

    def __init__(self, *, topology: Topology, rules: Mapping[str, Rule]) -> None:
        self.topology = topology
        self.rules = rules
        self._targets = ThreadPoolExecutor(len(topology.regions), thread_name_prefix="target")
        self._puts = {
            region: ThreadPoolExecutor(PARALLEL_PUTS, thread_name_prefix=region) for region in topology.others()
        }

    def replicate(self, records: Iterable[Mapping[str, Any]], *, skip: Iterable[str] = ()) -> Report:
        """Copy a batch of stream records. `skip` names regions known to be away: counted as missed, not asked."""
        report = Report()
        skipped = set(skip)
        copies = newest(copy for record in records for copy in plan(record, rules=self.rules, topology=self.topology))
        by_region: dict[str, list[Copy]] = {}
        for copy in copies:
            if copy.region in skipped:
                report.missed[copy.region] += 1
            else:
                by_region.setdefault(copy.region, []).append(copy)
        list(self._targets.map(self._put_all, by_region, by_region.values(), repeat(report)))
        return report

    def catch_up(self, region: str) -> Report:
        """Compare everything that has its home here with what `region` holds, and copy what it lacks.

        Reads all replicated tables of this region and the versions in the other: for a region that was away or is new.
        """
        report = Report()
        for rule in self.rules.values():
            for page in scan_for_replication(rule, self.topology.here):
                copies = [c for image in page for c in copies_of(image, rule=rule, topology=self.topology, to=[region])]
                versions = _versions_in(region, rule, [copy.key for copy in copies])
                self._put_all(region, [c for c in copies if versions.get(c.key, -1) < c.version], report)
                if report.missed:
                    return report
        return report

    def _put_all(self, region: str, copies: list[Copy], report: Report) -> None:
        failed = False

        def attempt(copy: Copy) -> bool | None:
            nonlocal failed
            if failed:
                return None
            try:
                return put(copy)
            except (BotoCoreError, ClientError) as error:
                # The kind only: a message of the store may quote the item.
                logger.warning("copy failed", extra={"fields": {"target": region, "error": type(error).__name__}})
                failed = True
                return None

        for outcome in self._puts[region].map(attempt, copies):
            if outcome is None:
                report.missed[region] += 1
            else:
                (report.written if outcome else report.stale)[region] += 1


def scan_for_replication(rule: Rule, here: str) -> Iterator[list[Image]]:
    """All items of this region's table, a page at a time, read consistently."""
    paginator = aws.client("dynamodb", here).get_paginator("scan")
    for page in paginator.paginate(TableName=rule.table, ConsistentRead=True):
        yield page["Items"]


def _versions_in(region: str, rule: Rule, keys: list[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """The versions that another region holds of these keys; what it does not hold is missing from the answer."""
    versions: dict[tuple[str, ...], int] = {}
    names = {f"#{name}": name for name in (*rule.key_names, "version")}
    for start in range(0, len(keys), _BATCH_GET_KEYS):
        wanted: list[Any] = [
            {name: {"S": value} for name, value in zip(rule.key_names, key, strict=True)}
            for key in keys[start : start + _BATCH_GET_KEYS]
        ]
        while wanted:
            answer = aws.client("dynamodb", region).batch_get_item(
                RequestItems={
                    rule.table: {
                        "Keys": wanted,
                        "ProjectionExpression": ", ".join(names),
                        "ExpressionAttributeNames": names,
                    }
                }
            )
            for item in answer["Responses"].get(rule.table, []):
                versions[tuple(item[name]["S"] for name in rule.key_names)] = int(item["version"]["N"])
            wanted = answer.get("UnprocessedKeys", {}).get(rule.table, {}).get("Keys", [])
    return versions
