"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

import base64
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from orders import orders_per_minute
from orders.models import Order
from orders.settling import may_have_twins, settle_again, settle_all
from regions import heartbeat, lag, topology
from regions.replication import rules
from regions.replicator import Replicator

logger = logging.getLogger(__name__)
replicator = Replicator(topology=topology.current(), rules=rules())
reader = lag.Reader()


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
    orders_per_minute.count(event["Records"])


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
