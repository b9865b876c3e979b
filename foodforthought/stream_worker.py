"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

from typing import Any

from catalog import models as _catalog  # noqa: F401 - defines the tables that are replicated
from orders import rate
from orders.actions import settle_twin
from orders.models import Order
from regions import heartbeat, lag, topology
from regions.heartbeat import is_heartbeat
from regions.replication import rules, table_of
from regions.replicator import Replicator

replicator = Replicator(topology=topology.current(), rules=rules())
reader = lag.Reader()


def lambda_handler(event: dict[str, Any], context: object) -> None:
    """What Lambda calls, as infrastructure/worker.yaml has it: a batch of a stream, or `{"clock": "beat" | "drain"}`."""
    if "Records" in event:
        handler(event, context)
    else:
        {"beat": beat, "drain": drain}[event["clock"]](event, context)


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of a stream. Fails only when the backlog or this region's own table does; Lambda then hands it over again."""
    replicator.replicate(event["Records"])
    for record in event["Records"]:
        if table_of(record) == Order.Meta.table_name and "NewImage" in record["dynamodb"]:
            settle_if_sibling(record["dynamodb"]["NewImage"])
    reader.has_read(event["Records"])
    rate.count(event["Records"])


def settle_if_sibling(image: dict[str, Any]) -> None:
    """An order that a sibling has copied here may be the twin of one of ours."""
    home = image["home"]["S"]
    topo = topology.current()
    is_order = "deleted_at" not in image and not is_heartbeat([image["key"]["S"]])
    if is_order and home != topo.here and home in topo.members(topo.jurisdiction):
        settle_twin(Order.from_raw_data(image))


def beat(event: dict[str, Any], context: object) -> None:
    """By the clock: this region's heartbeat, and a sample of how far behind its copies are."""
    heartbeat.beat()
    lag.sample()


def drain(event: dict[str, Any], context: object) -> None:
    """By the clock: copy what waits for regions that are back."""
    for region in replicator.topology.others():
        replicator.drain(region)
