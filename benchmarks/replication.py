"""How many records a second reach a region that is 20 ms away: the replicator against one put after the other.

`python -m benchmarks.replication`: starts one embedded AWS as the target behind a proxy that delays every answer, and copies the
same records twice, into an empty table each time. The result is a ratio; both ways must leave the same items.
"""

import asyncio
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from localcloud import aws as embedded
from localcloud.layout import Layout
from localcloud.processes import is_free
from orders.models import Order
from regions import aws, topology
from regions.replication import rule_of
from regions.replicator import Replicator

RECORDS = 2_000
ROUND_TRIP_SECONDS = 0.020
TARGET = "us-west-2"


async def _delayed(source: asyncio.StreamReader, sink: asyncio.StreamWriter, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await source.read(65_536):
        loop.call_later(seconds, sink.write, data)
    loop.call_later(seconds, sink.close)


async def _serve(port: int, target_port: int) -> None:
    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", target_port)
        await asyncio.gather(_delayed(reader, there_writer, 0), _delayed(there_reader, writer, ROUND_TRIP_SECONDS))

    async with await asyncio.start_server(connect, "127.0.0.1", port) as server:
        await server.serve_forever()


def _run_proxy(port: int, target_port: int) -> None:
    asyncio.run(_serve(port, target_port))


def start_proxy(port: int, target_port: int) -> None:
    """In a process of its own, as a network is: what comes back is delayed by a round trip, however much is under way."""
    multiprocessing.Process(target=_run_proxy, args=(port, target_port), daemon=True).start()
    while is_free(port):
        time.sleep(0.05)


def record(number: int) -> dict[str, Any]:
    image = {
        "key": {"S": f"us-east-1#{number}"}, "home": {"S": "us-east-1"}, "version": {"N": str(number + 1)},
        "status": {"S": "placed"}, "lines": {"S": "x" * 600},
    }  # fmt: skip
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{Order.Meta.table_name}/stream/1"
    return {"eventSourceARN": arn, "dynamodb": {"NewImage": image}}


def one_after_the_other(records: list[dict[str, Any]]) -> None:
    for entry in records:
        aws.client("dynamodb", TARGET).put_item(TableName=Order.Meta.table_name, Item=entry["dynamodb"]["NewImage"])


def by_the_replicator(records: list[dict[str, Any]]) -> None:
    here = topology.current()
    pair = replace(here, here="us-east-1", regions={name: here.regions[name] for name in ("us-east-1", TARGET)})
    rule = rule_of(Order)
    replicator = Replicator(topology=pair, rules={rule.table: rule})
    for start in range(0, len(records), 200):
        report = replicator.replicate(records[start : start + 200])
        if report.missed:
            raise SystemExit("the target did not take everything")


def measure(layout: Layout, way: Callable[[list[dict[str, Any]]], None]) -> tuple[float, list[Any]]:
    """Records a second, and the items that are there afterwards; the table is emptied."""
    records = [record(number) for number in range(RECORDS)]
    began = time.perf_counter()
    way(records)
    rate = RECORDS / (time.perf_counter() - began)
    direct = embedded.client("dynamodb", layout, TARGET)
    items = [
        x for page in direct.get_paginator("scan").paginate(TableName=Order.Meta.table_name) for x in page["Items"]
    ]
    for item in items:
        direct.delete_item(TableName=Order.Meta.table_name, Key={"key": item["key"]})
    return rate, sorted(items, key=lambda item: item["key"]["S"])


def main() -> None:
    os.environ |= {"AWS_ACCESS_KEY_ID": "laptop", "AWS_SECRET_ACCESS_KEY": "laptop"}
    port = next(port for port in range(19_000, 20_000, 50) if all(is_free(port + n) for n in range(12)))
    with tempfile.TemporaryDirectory() as folder:
        layout = Layout(port=port, data=Path(folder))
        child = embedded.start(layout, TARGET)
        try:
            embedded.wait_and_deploy(layout, TARGET, child)
            start_proxy(port, layout.aws_port(TARGET))
            far = replace(topology.current(), aws_endpoints={TARGET: f"http://127.0.0.1:{port}"})
            topology.current = lambda: far  # type: ignore[assignment]
            loop_rate, loop_items = measure(layout, one_after_the_other)
            rate, items = measure(layout, by_the_replicator)
        finally:
            child.stop(seconds=30)
    if items != loop_items:
        raise SystemExit("the two ways left different items")
    print(f"one after the other  {loop_rate:8.0f} records a second")
    print(f"the replicator       {rate:8.0f} records a second")
    print(f"ratio                {rate / loop_rate:8.1f}   (round trip {ROUND_TRIP_SECONDS * 1000:.0f} ms, same items)")


if __name__ == "__main__":
    main()
