"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog import models as _catalog  # noqa: F401 - defines the tables that are replicated
from orders import rate
from orders.actions import settle_twins
from orders.models import Order
from orders.status import Status
from regions import heartbeat, lag, topology
from regions.replication import rules, table_of
from regions.replicator import Replicator

replicator = Replicator(topology=topology.current(), rules=rules())
reader = lag.Reader()


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """What Lambda calls, as infrastructure/worker.yaml has it: a batch of a stream, or `{"clock": …}`."""
    if "Records" in event:
        handler(event, context)
    else:
        {"beat": beat, "drain": drain, "settle": settle}[event["clock"]](event, context)


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of a stream. Fails only when the backlog or this region's own table does; Lambda then hands it over again."""
    replicator.replicate(event["Records"])
    for order_id in may_have_twins(event["Records"]):
        settle_twins(order_id)
    reader.has_read(event["Records"])
    rate.count(event["Records"])


def may_have_twins(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of orders that may have two homes now: copied here by a sibling, or new here.

    Of the new ones a sibling's copy may have come, and have been settled in vain, while they were being placed.
    """
    topo = topology.current()
    found: dict[str, None] = {}
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if image is None or table_of(record) != Order.Meta.table_name or "id" not in image:
            continue  # a removal by TTL, another table; a tombstone or a heartbeat
        home = image["home"]["S"]
        is_new = home == topo.here and image["status"]["S"] == Status.PLACED
        if is_new or (home != topo.here and home in topo.members(topo.jurisdiction)):
            found[image["id"]["S"]] = None
    return list(found)


def beat(event: dict[str, Any], context: object) -> None:
    """By the clock: this region's heartbeat, and a sample of how far behind its copies are."""
    heartbeat.beat()
    lag.sample()


def drain(event: dict[str, Any], context: object) -> None:
    """By the clock: copy what waits for regions that are back."""
    for region in replicator.topology.others():
        replicator.drain(region)


def settle(event: dict[str, Any], context: object) -> None:
    """By the clock: settle the twins whose copies came while this region's stream was lost. Reads the whole table of orders."""
    for order_id in Order.scan_for_twins():
        settle_twins(order_id)
