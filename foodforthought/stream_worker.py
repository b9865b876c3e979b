"""The replication's entry points on Lambda: batches of stream records in, copies in the other regions out."""

import base64
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from orders import orders_per_minute
from orders.models import Order
from orders.settling import may_have_twins, settle_again, settle_all, settle_later
from regions import failures, heartbeat, lag, topology
from regions.reconciliation import Progress, Reconciliation
from regions.replication import rules
from regions.replicator import Replicator

replicator = Replicator(topology=topology.current(), rules=rules())
reader = lag.Reader()

RECONCILE_ENDS_MS = 60_000  # a page takes seconds, even to a region that does not answer


class OutOfTime(Exception):
    """Lambda would soon end this; the place is kept."""


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any] | None:
    """What Lambda calls, as infrastructure/worker.yaml has it: a batch of a stream, or `{"clock": …}`.

    Or somebody by hand, with `{"reconcile": [regions]}`.
    """
    if "Records" in event:
        for record in event["Records"]:
            record["dynamodb"] = {name: as_stored(value) for name, value in record["dynamodb"].items()}
        handler(event, context)
    elif "reconcile" in event:
        return reconcile(event, context)
    else:
        {"beat": beat, "drain": drain, "settle": settle}[event["clock"]](event, context)
    return None


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
    """A batch of a stream. Fails only when the backlog or this region's own table does; Lambda then hands it over again.

    Or by a mistake of ours. So Lambda halves the batch and gives up at last, and `drain` fetches what it gave up on.
    """
    replicator.replicate(event["Records"])
    settle_all(may_have_twins(event["Records"]))
    reader.report(event["Records"])
    orders_per_minute.count(event["Records"])


def beat(event: dict[str, Any], context: object) -> None:
    """By the clock: this region's heartbeat, and a sample of how far behind its copies are."""
    heartbeat.beat()
    lag.sample()


def drain(event: dict[str, Any], context: object) -> None:
    """By the clock: copy what waits for regions that are back, side by side, settle what waits here, and fetch what failed."""
    with ThreadPoolExecutor() as pool:
        turns: list[Future[Any]] = [pool.submit(replicator.drain, name) for name in replicator.topology.others()]
        turns.append(pool.submit(settle_again))
        turns.append(pool.submit(failures.drain, settle_later))
    for turn in turns:
        turn.result()


def reconcile(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """A slice of `manage.py reconcile`, by the role that may write far tables; for the regions named (none: all others).

    It copies what they lack; what they hold that home does not, the command finds.
    The answer says how far it is, and whether it is `done`; if not, the same event goes on there.
    """
    targets = event["reconcile"] or list(replicator.topology.others())
    if unknown := set(targets) - set(replicator.topology.others()):
        raise ValueError(f"{', '.join(sorted(unknown))}: not a region other than this")

    def check_time(progress: Progress) -> None:
        if context.get_remaining_time_in_millis() < RECONCILE_ENDS_MS:
            raise OutOfTime

    run = Reconciliation(
        topology=replicator.topology, rules=replicator.rules, targets=targets, replicator=replicator,
        standing=None, progress=check_time,
    )  # fmt: skip
    with suppress(OutOfTime):
        run.run()
        return {"done": True, **asdict(run.progress)}
    return {"done": False, **asdict(run.progress)}


def settle(event: dict[str, Any], context: object) -> None:
    """By the clock: settle the twins whose copies came while this region's stream was lost. Reads the whole table of orders."""
    settle_all(Order.scan_for_twins())
