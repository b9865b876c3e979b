"""How fast a region is filled: `python -m benchmarks.filling` starts an embedded AWS for every region.

Every region but the last holds records of its own (the master the catalogue too); the last holds nothing, and is filled as
`manage.py fill` does it, by all homes at once.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import django

from deployment import filling
from localcloud import aws as embedded
from localcloud.layout import Layout
from localcloud.processes import is_free
from regions import topology

TOGETHER = 25  # BatchWriteItem's limit
ORDER_BYTES, CATALOGUE_BYTES = 2_500, 900


def records(home: str, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Table and image: of the master half is catalogue; all else are orders."""
    for number in range(count):
        version = {"version": {"N": str(number + 1)}, "write_id": {"S": f"w{number}"}}
        if home == topology.current().master and number % 2:
            key = {"pk": {"S": f"restaurant#{number // 20}"}, "sk": {"S": f"item#{number}"}, "home": {"S": "master"}}
            yield "foodforthought-catalog", {**key, **version, "kind": {"S": "x" * CATALOGUE_BYTES}}
        else:
            key = {"key": {"S": f"{home}#{number}"}, "id": {"S": str(number)}, "home": {"S": home}}
            words = {"status": {"S": "delivered"}, "restaurant": {"S": "r"}, "lines": {"S": "x" * ORDER_BYTES}}
            yield "foodforthought-orders", {**key, **version, **words}


def load(layout: Layout, home: str, count: int) -> None:
    client = embedded.client("dynamodb", layout, home)
    by_table: dict[str, list[Any]] = {}
    for table, image in records(home, count):
        by_table.setdefault(table, []).append({"PutRequest": {"Item": image}})
    for table, puts in by_table.items():
        for start in range(0, len(puts), TOGETHER):
            client.batch_write_item(RequestItems={table: puts[start : start + TOGETHER]})


def held(layout: Layout, region: str) -> int:
    client = embedded.client("dynamodb", layout, region)
    tables = ("foodforthought-catalog", "foodforthought-orders")
    pages = [client.get_paginator("scan").paginate(TableName=table, Select="COUNT") for table in tables]
    return sum(answer["Count"] for pager in pages for answer in pager)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=24_000)
    options = parser.parse_args()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "foodforthought.settings"}
    *homes, region = topology.current().regions
    each = options.records // len(homes)
    port = next(port for port in range(46_500, 46_900, 50) if all(is_free(port + n) for n in range(12)))
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(port=port, data=Path(folder))
        children = {name: embedded.start(layout, name) for name in (*homes, region)}
        try:
            for name, child in children.items():
                embedded.wait_and_deploy(layout, name, child)
            with ThreadPoolExecutor() as pool:
                list(pool.map(lambda home: load(layout, home, each), homes))
            os.environ |= layout.cloud_environment()
            django.setup()
            print(filling.fill(region, homes, filling.ON_A_LAPTOP, print))
            there = held(layout, region)
        finally:
            for child in children.values():
                child.stop(seconds=30)
    print(f"{there} of {each * len(homes)} are there")


if __name__ == "__main__":
    main()
