"""What may be done with an order once it is placed, and by whom. Only its home does it."""

from collections.abc import Mapping
from typing import Any

from core import clock
from core.actor import Actor, Role
from core.errors import Conflict, Forbidden, Invalid
from core.messages import say
from orders import status
from orders.models import Order
from orders.status import Status, Verb
from orders.texts import MAX_REASON, check_text

MAX_MINUTES = 240
"""The longest that a kitchen may say from its acceptance to the food."""


def change(
    order: Order,
    verb: Verb,
    *,
    by: Actor,
    minutes: int | None = None,
    reason: str | None = None,
    twin_home: str | None = None,
) -> Order:
    """Move an order on. What may be said with which verb is in `orders.status.TAKES`.

    `minutes` from now until the food is there, as a kitchen accepts; the `reason` of who rejects or cancels, for the other side
    to read; `twin_home` is where the twin of a duplicate goes on.

    What the same actor has done already, with the same details, is answered again: with the order as it is now, whatever has
    become of it since, and nothing is written. The answer to the first time may have been lost on its way.

    Raises `WrongRegion` outside its home, `Forbidden`, `NotPossibleNow`, `NotUnderstood`, `Invalid` for details that do not fit,
    or `Conflict` when it changed since it was read.
    """
    order.check_home()
    check_theirs(order, by)
    details = _details(verb, minutes=minutes, reason=reason, twin_home=twin_home)
    done: dict[str, Any] = {"verb": verb.value, "by": by.signature, **details}
    if _holds(order, done):
        return order
    order.check_understood()
    following = status.check_verb(order.state, verb, kind=order.fulfilment, by=by.role)
    try:
        order.update(_changes(order, following, done))
    except Conflict:
        # The order is now as the store has it: perhaps the same request, sent twice at once, was faster.
        if not _holds(order, done):
            raise
    return order


def is_theirs(order: Order, by: Actor) -> bool:
    """A kitchen's are the orders of its restaurant, a guest's is the one that its secret has opened."""
    match by.role:
        case Role.KITCHEN:
            return by.restaurant == order.restaurant
        case Role.CUSTOMER:
            return by.guest_of == order.key
        case Role.SYSTEM:
            return True


def check_theirs(order: Order, by: Actor) -> None:
    if not is_theirs(order, by):
        raise Forbidden(say("This order is somebody else’s; nothing was changed."))


def _changes(order: Order, following: Status, done: Mapping[str, Any]) -> list[Any]:
    now_ms = clock.now_ms()
    changes: list[Any] = [
        Order.status.set(following),
        Order.history.set([*order.entries, {"status": following.value, "at": now_ms, **done}]),
    ]
    if following == Status.ACCEPTED:
        changes.append(Order.accepted_at.set(now_ms))
    if "minutes" in done:
        # What is ordered for later is not brought before that.
        changes.append(Order.expected_at.set(max(now_ms + done["minutes"] * 60_000, int(order.scheduled_for or 0))))
    if "twin_home" in done:
        changes.append(Order.twin_home.set(done["twin_home"]))
    if status.is_final(following):
        changes.append(Order.ended_at.set(now_ms))
    return changes


def _details(verb: Verb, **given: Any) -> dict[str, Any]:
    """What was said with the verb, checked."""
    details = {name: value for name, value in given.items() if value is not None}
    for name in details:
        if name != status.TAKES.get(verb):
            raise Invalid(say("“%(verb)s” takes no `%(name)s`; nothing was changed.", verb=verb, name=name))
    if not 1 <= details.get("minutes", 1) <= MAX_MINUTES:
        raise Invalid(say("Enter 1 to %(most)d minutes. Nothing was changed.", most=MAX_MINUTES))
    if "reason" in details:
        check_text(details["reason"], MAX_REASON)
    return details


def _holds(order: Order, done: dict[str, Any]) -> bool:
    """Was exactly this done with the order before?"""
    return any(
        {name: value for name, value in entry.items() if name not in ("status", "at")} == done
        for entry in order.entries
    )
