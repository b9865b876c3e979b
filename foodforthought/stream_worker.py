"""The stream worker's entry point on Lambda: batches of stream records in, copies in the other regions out."""

from typing import Any

from catalog import models as _catalog  # noqa: F401 - defines the tables that are replicated
from orders import models as _orders  # noqa: F401
from regions import topology
from regions.replication import rules
from regions.replicator import Replicator, Report

replicator = Replicator(topology=topology.current(), rules=rules())


class NotCopied(Exception):
    """Some region did not take its copies; Lambda hands the batch over again, and the condition makes that harmless."""


def handler(event: dict[str, Any], context: object) -> None:
    report: Report = replicator.replicate(event["Records"])
    if report.missed:
        raise NotCopied(", ".join(f"{region}: {count}" for region, count in report.missed.items()))
