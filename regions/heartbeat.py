"""How far behind is a copy? Every replicated table holds heartbeats of each home, written by the clock and copied like a record.

A heartbeat's version is the time it was written, so its age in another region bounds the age of all that came the same way.
Ways there are several: a table's stream has shards, a shard may be read by several workers at once, and each can stand still
alone. A hash of the partition key, which AWS keeps to itself, decides which way an item takes, and no record says which way
it came. So a home writes several heartbeats under different keys, and the oldest counts: `topology.HEARTBEATS` says how
many, and what they miss.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from core import clock
from regions import aws, topology
from regions.models import MASTER
from regions.replication import CONDITION, Image, Rule, home_of, key_of, rules, table_of

NAME = "heartbeat"
_KEY = re.compile(rf"[^#]+#{NAME}(?:#(\d+))?")  # without a number: of an earlier release


@dataclass(frozen=True)
class Pulse:
    """The age of the oldest heartbeat of a home in one table of one region; None when one of them has never arrived."""

    table: str
    home: str
    age_ms: int | None


def beat() -> None:
    """Write this region's heartbeats into its own tables: into the catalogue only as its master."""
    # That last: while the master is being changed it is refused, and the others are to be written all the same.
    for rule in sorted(rules().values(), key=lambda rule: rule.homed_at_master):
        if topology.here() in _homes(rule):
            for number in _numbers():
                _write(rule, _image(rule, topology.here(), number, clock.now_ms()))


def pulses(region: str) -> list[Pulse]:
    """All homes' heartbeats as a region holds them, by a few BatchGets; raises when it does not answer for all of them."""
    wanted = [
        (rule, _image(rule, home, number, 0))
        for rule in rules().values()
        for home in _homes(rule)
        for number in _numbers()
    ]
    written_ms: dict[tuple[str, tuple[str, ...]], int] = {}
    for start in range(0, len(wanted), aws.BATCH_GET_KEYS):
        request: dict[str, Any] = {}
        for rule, image in wanted[start : start + aws.BATCH_GET_KEYS]:
            asked = request.setdefault(rule.table, {"Keys": [], "ConsistentRead": True})
            asked["Keys"].append({name: image[name] for name in rule.key_names})
        for answer in aws.batch_get(aws.impatient("dynamodb", region), request, attempts=aws.IMPATIENT_ATTEMPTS):
            for table, items in answer["Responses"].items():
                written_ms |= {(table, key_of(item, rules()[table])): int(item["version"]["N"]) for item in items}
    now_ms = clock.now_ms()
    ages_ms: dict[tuple[str, str], list[int | None]] = {}
    for rule, image in wanted:
        at_ms = written_ms.get((rule.table, key_of(image, rule)))
        home = home_of(image, topology.current())
        ages_ms.setdefault((rule.table, home), []).append(None if at_ms is None else max(0, now_ms - at_ms))
    return [Pulse(table, home, oldest(ages)) for (table, home), ages in ages_ms.items()]


def oldest(ages_ms: Iterable[int | None]) -> int | None:
    """The highest of some ages; None when one of them is not known: it may be the highest."""
    known: list[int] = []
    for age_ms in ages_ms:
        if age_ms is None:
            return None
        known.append(age_ms)
    return max(known)


def key(home: str, number: int = 0) -> str:
    """The first part of the key of one of a home's heartbeats, as its own records would have it."""
    return f"{home}#{NAME}#{number}"


def is_heartbeat(key: Sequence[str]) -> bool:
    """By the values of an item's key."""
    return _KEY.fullmatch(key[0]) is not None and tuple(key[1:]) in ((), (NAME,))


def beats_in(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, int]]:
    """Number and time of this home's heartbeats among the records of a stream."""
    for record in records:
        try:
            image = record["dynamodb"]["NewImage"]
            key, version = key_of(image, rules()[table_of(record)]), int(image["version"]["N"])
            home = home_of(image, topology.current())
        except (KeyError, ValueError):
            continue  # a removal by TTL, or what nobody can read
        found = _KEY.fullmatch(key[0])
        if found and found[1] and is_heartbeat(key) and home == topology.here():
            yield int(found[1]), version


def _write(rule: Rule, image: Image) -> None:
    try:
        aws.client("dynamodb", topology.here()).put_item(
            TableName=rule.table,
            Item=image,
            ConditionExpression=CONDITION,
            ExpressionAttributeValues={":version": image["version"]},
        )
    except ClientError as error:
        # Another process of this region has just beaten.
        if aws.error_code(error) != "ConditionalCheckFailedException":
            raise


def _numbers() -> range:
    return range(topology.current().heartbeats)


def _homes(rule: Rule) -> tuple[str, ...]:
    here = topology.current()
    return (here.master,) if rule.homed_at_master else tuple(here.regions)


def _image(rule: Rule, home: str, number: int, version: int) -> Image:
    """Keys begin with the home, as those of records do: a role may write only its own."""
    said = MASTER if rule.homed_at_master else home
    keys = [key(said, number), *[NAME for _ in rule.key_names[1:]]]
    return {
        **{name: {"S": value} for name, value in zip(rule.key_names, keys, strict=True)},
        "home": {"S": said},
        "version": {"N": str(version)},
    }
