"""What regions hold, compared by key and version: reading it, and what differs from what this home says."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

from regions import aws
from regions.heartbeat import is_heartbeat
from regions.replication import Copy, Image, Rule, copies_of, key_of
from regions.topology import Topology

PAGE_ITEMS = 500  # what is held in memory at a time

Key = tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """One record as a region holds it."""

    version: int
    is_tombstone: bool


@dataclass(frozen=True)
class Standing:
    """A record of which some region holds a newer version than its home, or which its home does not hold at all.

    `at_home` is the home's version or None; `held` is what each of the regions that were asked holds.
    """

    table: str
    key: Key
    at_home: int | None
    held: Mapping[str, Held]

    @property
    def is_orphan(self) -> bool:
        return self.at_home is None

    @property
    def newest(self) -> int:
        return max(held.version for held in self.held.values())


def copies_to_compare(images: Sequence[Image], rule: Rule, topology: Topology, region: str) -> list[Copy]:
    """What a region should hold of these; heartbeats, which are always on their way, are left out.

    So is what nobody can read (written by another hand than ours): copying it fails loudly.
    """
    copies: list[Copy] = []
    for image in images:
        try:
            copies += copies_of(image, rule=rule, topology=topology, to=[region])
        except (KeyError, ValueError):
            continue
    return [copy for copy in copies if not is_heartbeat(copy.key)]


def behind(copies: Sequence[Copy], held: Mapping[Key, Held]) -> list[Copy]:
    """Those that are missing or older there."""
    return [copy for copy in copies if copy.key not in held or held[copy.key].version < copy.version]


def scan(region: str, rule: Rule, *, after: Mapping[str, Any] | None = None, whole: bool) -> Iterator[dict[str, Any]]:
    """All items of a region's table, or their keys, homes and versions only, in DynamoDB's answers of `PAGE_ITEMS` each.

    Whole items are read consistently. `after` is the `LastEvaluatedKey` of the answer after which to go on.
    """
    arguments: dict[str, Any] = {"ConsistentRead": True} if whole else _projection(rule)
    if after:
        arguments["ExclusiveStartKey"] = after
    paginator = aws.client("dynamodb", region).get_paginator("scan")
    yield from paginator.paginate(
        TableName=rule.table,
        PaginationConfig={"PageSize": PAGE_ITEMS},
        ReturnConsumedCapacity="TOTAL",
        **arguments,
    )


def read_ahead(pages: Iterator[dict[str, Any]], pool: Executor) -> Iterator[dict[str, Any]]:
    """Each page, while the next one is being read."""
    following = pool.submit(next, pages, None)
    while (page := following.result()) is not None:
        following = pool.submit(next, pages, None)
        yield page


def count_of(region: str, rule: Rule) -> int:
    """How many items a region's table holds, as of when AWS last counted."""
    return int(aws.client("dynamodb", region).describe_table(TableName=rule.table)["Table"]["ItemCount"])


def current_images(region: str, rule: Rule, keys: Sequence[Key]) -> list[Image]:
    """The items of these keys as they are now; what is not there is missing from the answer."""
    pages = _batch_get(region, rule, keys, {"ConsistentRead": True})
    return [item for page in pages for item in page["Responses"].get(rule.table, [])]


def versions_in(
    region: str, rule: Rule, keys: Sequence[Key], *, consistent: bool = False
) -> tuple[dict[Key, Held], float]:
    """What a region holds of these keys, and the capacity units that it cost to ask.

    What the region does not hold is missing from the answer.
    """
    held: dict[Key, Held] = {}
    spent = 0.0
    for page in _batch_get(region, rule, keys, {**_projection(rule), "ConsistentRead": consistent}):
        spent += units(page)
        for item in page["Responses"].get(rule.table, []):
            held[key_of(item, rule)] = held_as(item)
    return held, spent


def held_as(item: Image) -> Held:
    """What nobody can read counts as the oldest there can be: it is told, and copied again."""
    try:
        version = int(item["version"]["N"])
    except (KeyError, ValueError):
        version = 0
    return Held(version, "deleted_at" in item)


def units(answer: Mapping[str, Any]) -> float:
    """The capacity units of DynamoDB's answer."""
    spent = answer.get("ConsumedCapacity") or []
    return float(sum(part.get("CapacityUnits", 0.0) for part in (spent if isinstance(spent, list) else [spent])))


def _projection(rule: Rule) -> dict[str, Any]:
    names = {f"#{name}": name for name in (*rule.key_names, "home", "version", "deleted_at")}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def _batch_get(region: str, rule: Rule, keys: Sequence[Key], details: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """DynamoDB's answers, until it has answered for every key; raises when it does not."""
    for start in range(0, len(keys), aws.BATCH_GET_KEYS):
        wanted: list[Any] = [
            {name: {"S": value} for name, value in zip(rule.key_names, key, strict=True)}
            for key in keys[start : start + aws.BATCH_GET_KEYS]
        ]
        yield from aws.batch_get(aws.client("dynamodb", region), {rule.table: {"Keys": wanted, **details}})
