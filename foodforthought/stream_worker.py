"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

from typing import Any

from catalog import models as _catalog  # noqa: F401 - defines the tables that are replicated
from orders import models as _orders  # noqa: F401
from regions import topology
from regions.replication import rules
from regions.replicator import Replicator

replicator = Replicator(topology=topology.current(), rules=rules())


def handler(event: dict[str, Any], context: object) -> None:
    """A batch of a stream. Fails only when the backlog fails; Lambda then hands the batch over again."""
    replicator.replicate(event["Records"])


def drain(event: dict[str, Any], context: object) -> None:
    """By the clock: copy what waits for regions that are back."""
    for region in replicator.topology.others():
        replicator.drain(region)
