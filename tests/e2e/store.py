"""What the regions' tables hold, looked at from outside."""

import time
from collections.abc import Callable
from typing import Any

from regions import topology
from regions.heartbeat import is_heartbeat
from regions.replication import copies_of, rules
from tests.cloud import Cloud
from tests.conftest import region


def items(cloud: Cloud, in_region: str, table: str) -> list[dict[str, Any]]:
    pages = cloud.dynamodb(in_region).get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    # Heartbeats are always on their way.
    return [
        item for page in pages for item in page["Items"] if not is_heartbeat([item.get("sk", item.get("key"))["S"]])
    ]


def differences(cloud: Cloud) -> list[str]:
    """Every way in which some region differs from what the homes say it should hold."""
    found = []
    for rule in rules().values():
        held = {
            name: {_key(rule, item): item for item in items(cloud, name, rule.table)}
            for name in topology.current().regions
        }
        wanted: dict[str, dict[Any, Any]] = {name: {} for name in held}
        for home, records in held.items():
            with region(home):
                for image in records.values():
                    for copy in copies_of(image, rule=rule, topology=topology.current()):
                        wanted[copy.region][copy.key] = copy.image
        for name, records in held.items():
            foreign = {key: item for key, item in records.items() if _home(item) != name}
            if foreign != wanted[name]:
                keys = [
                    key for key in foreign.keys() | wanted[name].keys() if foreign.get(key) != wanted[name].get(key)
                ]
                found.append(f"{rule.table} in {name}: {len(keys)} differ, the first is {keys[0]}")
    return found


def eventually(check: Callable[[], Any], *, seconds: float = 30) -> Any:
    """The first truthy answer; fails after the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer or time.monotonic() > deadline:
            assert answer
            return answer
        time.sleep(0.2)


def eventually_equal(cloud: Cloud, *, seconds: float = 60) -> None:
    """Every replica is what its home says, within the time."""
    deadline = time.monotonic() + seconds
    while found := differences(cloud):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)


def _key(rule: Any, item: dict[str, Any]) -> tuple[str, ...]:
    return tuple(item[name]["S"] for name in rule.key_names)


def _home(item: dict[str, Any]) -> str:
    home: str = item["home"]["S"]
    return topology.current().master if home == "master" else home
