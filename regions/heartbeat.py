"""How far behind is a copy? Every replicated table holds a heartbeat per home, written by the clock and copied like a record.

Its version is the time it was written, so its age in another region bounds the age of everything of that home and table there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from core import clock
from regions import aws, topology
from regions.models import MASTER
from regions.replication import CONDITION, Image, Rule, rules

NAME = "heartbeat"


@dataclass(frozen=True)
class Pulse:
    """The age of a home's heartbeat in one table of one region; None when there is none there yet."""

    table: str
    home: str
    age_ms: int | None


def beat() -> None:
    """Write this region's heartbeat into its own tables: into the catalogue only as its master."""
    for rule in rules().values():
        if topology.here() in _homes(rule):
            image = _image(rule, topology.here(), clock.now_ms())
            try:
                aws.client("dynamodb", topology.here()).put_item(
                    TableName=rule.table,
                    Item=image,
                    ConditionExpression=CONDITION,
                    ExpressionAttributeValues={":version": image["version"]},
                )
            except ClientError as error:
                # Another process of this region has just beaten.
                if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                    raise


def pulses(region: str) -> list[Pulse]:
    """All heartbeats as a region holds them, by one BatchGet; raises when it does not answer."""
    wanted = {(rule.table, home): _image(rule, home, 0) for rule in rules().values() for home in _homes(rule)}
    request: dict[str, Any] = {
        rule.table: {
            "Keys": [_key_of(wanted[rule.table, home], rule) for home in _homes(rule)],
            "ConsistentRead": True,
        }
        for rule in rules().values()
    }
    client = aws.impatient("dynamodb", region)
    found = client.batch_get_item(RequestItems=request)["Responses"]
    now_ms = clock.now_ms()
    ages_ms = {
        (table, item["home"]["S"]): now_ms - int(item["version"]["N"])
        for table, items in found.items()
        for item in items
    }
    return [Pulse(table, home, ages_ms.get((table, image["home"]["S"]))) for (table, home), image in wanted.items()]


def key_of(home: str) -> str:
    """Of a home's heartbeat in a table whose records have a region as their home."""
    return f"{home}#{NAME}"


def is_heartbeat(key: Sequence[str]) -> bool:
    """By the values of an item's key."""
    return tuple(key) == (MASTER, NAME) or (len(key) == 1 and key[0].partition("#")[2] == NAME)


def _homes(rule: Rule) -> tuple[str, ...]:
    here = topology.current()
    return (here.master,) if rule.homed_at_master else tuple(here.regions)


def _key_of(image: Image, rule: Rule) -> dict[str, Any]:
    return {name: image[name] for name in rule.key_names}


def _image(rule: Rule, home: str, version: int) -> Image:
    """Keys begin with the region, as those of records do: a role may write only its own."""
    keys = [MASTER, NAME] if rule.homed_at_master else [key_of(home)]
    return {
        **{name: {"S": value} for name, value in zip(rule.key_names, keys, strict=True)},
        "home": {"S": MASTER if rule.homed_at_master else home},
        "version": {"N": str(version)},
    }
