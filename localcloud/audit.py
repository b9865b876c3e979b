"""The truth about a running cloud, from its tables: does every region hold what the homes say, and is any order doubled?"""

from collections import Counter
from functools import cache
from typing import Any

from localcloud import aws
from localcloud.layout import Layout
from orders.models import Order
from orders.status import Status
from regions import topology
from regions.heartbeat import is_heartbeat
from regions.models import MASTER
from regions.replication import Image, Rule, copies_of, rules

ORDERS = Order.Meta.table_name


def items(layout: Layout, region: str, table: str) -> list[dict[str, Any]]:
    """All items of a region's table but the heartbeats, which are always on their way."""
    pages = aws.client("dynamodb", layout, region).get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    key = rules()[table].key_names if table in rules() else ("key",)
    return [item for page in pages for item in page["Items"] if not is_heartbeat([item[name]["S"] for name in key])]


def differences(layout: Layout) -> list[str]:
    """Every way in which some region differs from what the homes say it should hold; also a write outside its home."""
    found = []
    for rule in rules().values():
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


def doubled(orders: dict[str, dict[str, Any]]) -> list[str]:
    """The ids that more than one home goes on with."""
    living = Counter(order["id"]["S"] for order in orders.values() if order["status"]["S"] != Status.DUPLICATE)
    return [order_id for order_id, count in living.items() if count > 1]


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
