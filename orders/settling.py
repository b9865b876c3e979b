"""Settling twins: this home's part in what becomes of one checkout that two homes have accepted. See `orders.twins`."""

import time
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from core.actor import SYSTEM
from core.errors import Conflict, Refused
from core.events import WARNING, event
from orders.errors import NotUnderstood
from orders.lifecycle import change
from orders.models import Order
from orders.status import Status, Verb, is_final
from orders.twins import verdict
from regions import backlog, topology
from regions.heartbeat import is_heartbeat
from regions.replication import table_of
from regions.replicator import DRAIN_SECONDS

_ATTEMPTS = 4

UNSETTLED = (Refused, PynamoDBException, BotoCoreError, ClientError, ValueError, TypeError, LookupError, AttributeError)
"""What an order that cannot be settled, or not be read, may raise. It must not hold the stream for all others."""


def settle_twins(order_id: str) -> Order | None:
    """Apply the twin rule to this region's own order of a checkout and to what is here of its siblings'.

    The order that gave way, or None. One read of this region's table, of all of them as they are now: a record of a stream may
    tell of a state that is over. Harmless to repeat.
    """
    topo = topology.current()
    keys = [Order.key_of(region, order_id) for region in topo.members(topo.jurisdiction)]
    for _ in range(_ATTEMPTS):
        twins = {order.home: order for order in Order.batch_get(keys, consistent_read=True) if not order.is_tombstone}
        own = twins.pop(topo.here, None)
        if own is None or not twins or is_final(own.state):
            return None
        if not all(order.is_understood for order in (own, *twins.values())):
            raise NotUnderstood  # a newer release judges; until then it waits
        verdicts = [
            (verdict(own.as_twin, twin.as_twin, regions=tuple(topo.regions)), home) for home, twin in twins.items()
        ]
        verb, twin_home = next((pair for pair in verdicts if pair[0]), (None, None))
        if verb is None:
            return None
        try:
            # Of two that are cancelled, none is to be followed.
            return change(own, verb, by=SYSTEM, twin_home=twin_home if verb == Verb.SUPERSEDE else None)
        except Conflict:
            continue  # the kitchen was faster; look again
    raise Conflict


def may_have_twins(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """The ids of orders that may have two homes now: copied here by a sibling, or new here.

    Of the new ones a sibling's copy may have come, and have been settled in vain, while they were being placed.
    """
    topo = topology.current()
    order_ids: dict[str, None] = {}
    for record in records:
        if table_of(record) != Order.Meta.table_name:
            continue
        try:
            order_id, home, status = (record["dynamodb"]["NewImage"][name]["S"] for name in ("id", "home", "status"))
        except KeyError:
            continue  # a removal by TTL; a tombstone or a heartbeat, or what nobody can read
        is_new = home == topo.here and status == Status.PLACED
        if is_new or (home != topo.here and home in topo.members(topo.jurisdiction)):
            order_ids[order_id] = None
    return list(order_ids)


def settle_all(order_ids: Iterable[str]) -> None:
    """Settle each; one that cannot be settled waits in this region's backlog for itself, and holds nothing for the others."""
    unsettled = []
    for order_id in order_ids:
        try:
            settle_twins(order_id)
        except UNSETTLED as error:
            event("twins not settled", level=WARNING, error=type(error).__name__)
            key = Order.key_of(topology.here(), order_id)
            reason = f"twins not settled: {type(error).__name__}"
            unsettled.append(backlog.entry(Order.Meta.table_name, (key,), reason))
    backlog.add(topology.here(), unsettled)


def settle_later(records: Iterable[Mapping[str, Any]]) -> None:
    """Have all orders settled that these may tell of, by their keys alone: a batch's records with which the worker has failed."""
    topo = topology.current()
    keys: dict[str, None] = {}
    for record in records:
        if table_of(record) == Order.Meta.table_name:
            key = record["dynamodb"]["Keys"]["key"]["S"]
            home, _, order_id = key.partition("#")
            if home in topo.members(topo.jurisdiction) and not is_heartbeat([key]):
                keys[Order.key_of(topo.here, order_id)] = None
    backlog.add(topo.here, [backlog.entry(Order.Meta.table_name, (key,), "its batch failed") for key in keys])


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
        event("twins not settled", level=WARNING, error=type(error).__name__)
        return False
    return True
