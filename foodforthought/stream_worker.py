"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

import base64
import logging
import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from core.errors import Refused
from orders import rate
from orders.actions import settle_twins
from orders.models import Order
from orders.status import Status
from regions import backlog, heartbeat, lag, topology
from regions.replication import rules, table_of
from regions.replicator import DRAIN_SECONDS, Replicator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")
logger = logging.getLogger(__name__)
replicator = Replicator(topology=topology.current(), rules=rules())
reader = lag.Reader()

UNSETTLED = (Refused, PynamoDBException, BotoCoreError, ClientError, ValueError, TypeError, LookupError, AttributeError)
"""What an order that cannot be settled, or not be read, may raise. It must not hold the stream for all others."""


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """What Lambda calls, as infrastructure/worker.yaml has it: a batch of a stream, or `{"clock": …}`."""
    if "Records" in event:
        for record in event["Records"]:
            record["dynamodb"] = {name: as_stored(value) for name, value in record["dynamodb"].items()}
        handler(event, context)
    else:
        {"beat": beat, "drain": drain, "settle": settle}[event["clock"]](event, context)


def as_stored(value: Any) -> Any:
    """Lambda hands bytes over as base64; a copy has to hold the bytes. `value`: a part of DynamoDB's JSON."""
    if isinstance(value, list):
        return [as_stored(part) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and isinstance(value.get("B"), str):
        return {"B": base64.b64decode(value["B"])}
    if len(value) == 1 and isinstance(value.get("BS"), list):
        return {"BS": [base64.b64decode(part) for part in value["BS"]]}
    return {name: as_stored(part) for name, part in value.items()}


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of a stream. Fails only when the backlog or this region's own table does; Lambda then hands it over again."""
    replicator.replicate(event["Records"])
    settle_all(may_have_twins(event["Records"]))
    reader.report(event["Records"])
    rate.count(event["Records"])


def may_have_twins(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of orders that may have two homes now: copied here by a sibling, or new here.

    Of the new ones a sibling's copy may have come, and have been settled in vain, while they were being placed.
    """
    topo = topology.current()
    found: dict[str, None] = {}
    for record in records:
        if table_of(record) != Order.Meta.table_name:
            continue
        try:
            order_id, home, status = (record["dynamodb"]["NewImage"][name]["S"] for name in ("id", "home", "status"))
        except KeyError:
            continue  # a removal by TTL; a tombstone or a heartbeat, or what nobody can read
        is_new = home == topo.here and status == Status.PLACED
        if is_new or (home != topo.here and home in topo.members(topo.jurisdiction)):
            found[order_id] = None
    return list(found)


def beat(event: dict[str, Any], context: object) -> None:
    """By the clock: this region's heartbeat, and a sample of how far behind its copies are."""
    heartbeat.beat()
    lag.sample()


def drain(event: dict[str, Any], context: object) -> None:
    """By the clock: copy what waits for regions that are back, side by side, and settle what waits here."""
    with ThreadPoolExecutor() as pool:
        turns: list[Future[Any]] = [pool.submit(replicator.drain, name) for name in replicator.topology.others()]
        turns.append(pool.submit(settle_again))
    for turn in turns:
        turn.result()


def settle(event: dict[str, Any], context: object) -> None:
    """By the clock: settle the twins whose copies came while this region's stream was lost. Reads the whole table of orders."""
    settle_all(Order.scan_for_twins())


def settle_all(order_ids: Iterable[str]) -> None:
    """Settle each; one that cannot be settled waits in this region's backlog for itself, and holds nothing for the others."""
    unsettled = []
    for order_id in order_ids:
        try:
            settle_twins(order_id)
        except UNSETTLED as error:
            logger.warning("twins not settled", extra={"fields": {"error": type(error).__name__}})
            key = Order.key_of(topology.here(), order_id)
            reason = f"twins not settled: {type(error).__name__}"
            unsettled.append(backlog.entry(Order.Meta.table_name, (key,), reason))
    backlog.add(topology.here(), unsettled)


def settle_again() -> None:
    """Settle the twins that wait in this region's backlog for itself, for as long as a turn of draining may take."""
    left = []
    until = time.monotonic() + DRAIN_SECONDS
    while time.monotonic() < until and (entries := backlog.receive(topology.here())):
        for entry in entries:
            if time.monotonic() < until and _is_settled(entry):
                # At once: while a slow one is tried, the queue shows the others again.
                backlog.settle(topology.here(), [entry])
            else:
                left.append(entry)
    backlog.renew(topology.here(), left)


def _is_settled(entry: backlog.Entry) -> bool:
    """Try it. What names no order (of another release, or damaged) stays, and is seen, until somebody decides."""
    order_id = entry.key[0].partition("#")[2] if len(entry.key) == 1 else ""
    if entry.table != Order.Meta.table_name or not order_id:
        return False
    try:
        settle_twins(order_id)
    except UNSETTLED as error:
        logger.warning("twins not settled", extra={"fields": {"error": type(error).__name__}})
        return False
    return True
