"""What may be done with an order once it is placed. Only its home does it."""

from typing import Any

from core import clock
from orders import status
from orders.models import Order
from orders.status import Role, Status, Verb


def change(order: Order, verb: Verb, *, by: Role, twin_home: str | None = None) -> Order:
    """Move an order on; `twin_home` says of a duplicate where its twin goes on.

    Raises `WrongRegion` outside its home, `NotPossibleNow`, `Forbidden`, or `Conflict` when it changed since it was read.
    """
    order.check_home()
    following = status.check_verb(order.state, verb, kind=order.fulfilment, by=by)
    now_ms = clock.now_ms()
    changes: list[Any] = [
        Order.status.set(following),
        Order.history.set([*order.history, {"status": following, "at": now_ms}]),
    ]
    if following == Status.ACCEPTED:
        changes.append(Order.accepted_at.set(now_ms))
    if twin_home and following == Status.DUPLICATE:
        changes.append(Order.twin_home.set(twin_home))
    if status.is_final(following):
        changes.append(Order.ended_at.set(now_ms))
    order.update(changes)
    return order
