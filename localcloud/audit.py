"""The truth about a running cloud, from its tables: does every region hold what the homes say, and is any order doubled?"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core import ids
from localcloud import aws
from localcloud.layout import Layout
from orders.models import Order
from orders.status import Status
from regions import topology
from regions.heartbeat import is_heartbeat
from regions.models import MASTER
from regions.replication import Image, Rule, copies_of, rules

ORDERS = Order.Meta.table_name
ENDED_UNMADE = {Status.DUPLICATE, Status.REJECTED, Status.CANCELLED}


@dataclass(frozen=True)
class Verdict:
    """What is wrong with the orders, as their homes have them."""

    lost: list[str]  # acknowledged, and not there, or nothing but duplicates of it
    doubled: list[str]  # ids that more than one home goes on with
    forgotten: list[str]  # changes that were acknowledged and are not there
    misjudged: list[str]  # twins of which an accepted one gave way to one that nobody has accepted
    twins: int  # ids that more than one home has taken

    @property
    def is_bad(self) -> bool:
        return bool(self.lost or self.doubled or self.forgotten or self.misjudged)


def items(layout: Layout, region: str, table: str) -> list[dict[str, Any]]:
    """All items of a region's table but the heartbeats, which are always on their way."""
    pages = aws.client("dynamodb", layout, region).get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    key = rules()[table].key_names if table in rules() else ("key",)
    return [item for page in pages for item in page["Items"] if not is_heartbeat([item[name]["S"] for name in key])]


def differences(layout: Layout, tables: Collection[str] = ()) -> list[str]:
    """Every way in which some region differs from what the homes say it should hold; without `tables`, in all of them."""
    found = []
    for rule in [rule for rule in rules().values() if not tables or rule.table in tables]:
        held = {
            name: {_key(rule, item): item for item in items(layout, name, rule.table)}
            for name in topology.current().regions
        }
        wanted: dict[str, dict[tuple[str, ...], Image]] = {name: {} for name in held}
        for home, records in held.items():
            for image in records.values():
                for copy in copies_of(image, rule=rule, topology=topology.seen_from(home)):
                    wanted[copy.region][copy.key] = copy.image
        for name, records in held.items():
            foreign: dict[tuple[str, ...], Image] = {key: x for key, x in records.items() if home_of(x) != name}
            keys = [key for key in foreign.keys() | wanted[name].keys() if foreign.get(key) != wanted[name].get(key)]
            if keys:
                found.append(f"{rule.table} in {name}: {len(keys)} differ, the first is {'/'.join(keys[0])}")
    return found


def orders_at_home(layout: Layout) -> dict[str, dict[str, Any]]:
    """Key → order, of all regions, each from its home."""
    found: dict[str, dict[str, Any]] = {}
    for name in topology.current().regions:
        found |= {item["key"]["S"]: item for item in items(layout, name, ORDERS) if item["home"]["S"] == name}
    return found


def placed_with(tokens: Iterable[str], orders: Mapping[str, Image]) -> dict[str, Image]:
    """Of all orders those of one run: a token decides an order's id, in every home."""
    own = {ids.order_id_from(token) for token in tokens}
    return {key: order for key, order in orders.items() if order["id"]["S"] in own}


def judge(orders: Mapping[str, Image], *, acknowledged: Collection[str], done: Mapping[str, str]) -> Verdict:
    """`orders` of one run by key, as homes have them; `acknowledged` keys; `done` the verb that was acknowledged of a key."""
    by_id = _by_id(orders)
    return Verdict(
        lost=[key for key in acknowledged if key not in orders or not _goes_on(by_id[key.partition("#")[2]])],
        doubled=doubled(orders),
        forgotten=[f"{key} {verb}" for key, verb in done.items() if not _shows(orders.get(key), verb)],
        misjudged=[
            order_id
            for order_id, twins in by_id.items()
            if any("accepted_at" in twin for twin in twins if _status(twin) == Status.DUPLICATE)
            and any("accepted_at" not in twin for twin in twins if _status(twin) not in ENDED_UNMADE)
        ],
        twins=sum(len(twins) > 1 for twins in by_id.values()),
    )


def doubled(orders: Mapping[str, Image]) -> list[str]:
    """The ids that more than one home goes on with."""
    living = {i: [t for t in twins if _status(t) not in ENDED_UNMADE] for i, twins in _by_id(orders).items()}
    return [order_id for order_id, twins in living.items() if len(twins) > 1]


def _by_id(orders: Mapping[str, Image]) -> dict[str, list[Image]]:
    found: dict[str, list[Image]] = {}
    for order in orders.values():
        found.setdefault(order["id"]["S"], []).append(order)
    return found


def _goes_on(twins: list[Image]) -> bool:
    return any(_status(twin) != Status.DUPLICATE for twin in twins)


def _shows(order: Image | None, verb: str) -> bool:
    """Does an order show that this was done with it, whatever came after?"""
    following = {"accept": Status.ACCEPTED, "reject": Status.REJECTED, "cancel": Status.CANCELLED}[verb]
    return order is not None and f'"status": "{following}"' in order["history"]["S"]


def _status(order: Image) -> str:
    return str(order["status"]["S"])


def home_of(image: Image) -> str:
    home = str(image["home"]["S"])
    return topology.current().master if home == MASTER else home


def _key(rule: Rule, item: Image) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in rule.key_names)


def has_order(layout: Layout, region: str, key: str) -> bool:
    client = _client(layout, region)
    return "Item" in client.get_item(TableName=ORDERS, Key={"key": {"S": key}}, ProjectionExpression="home")


@cache
def _client(layout: Layout, region: str) -> Any:
    return aws.client("dynamodb", layout, region)
