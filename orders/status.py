"""The life of an order. No Django, no DynamoDB: just the rules."""

from collections.abc import Mapping
from enum import StrEnum

from core.errors import Forbidden
from core.messages import say
from orders.errors import NotPossibleNow


class Status(StrEnum):
    PLACED = "placed"
    ACCEPTED = "accepted"
    PREPARING = "preparing"
    READY = "ready"
    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    COLLECTED = "collected"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    DUPLICATE = "duplicate"  # its twin in another home goes on; see orders.twins


class Role(StrEnum):
    CUSTOMER = "customer"
    KITCHEN = "kitchen"
    SYSTEM = "system"


class Kind(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class Verb(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    PREPARE = "prepare"
    FINISH = "finish"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    HAND_OVER = "hand-over"
    CANCEL = "cancel"
    CANCEL_WITH_TWIN = "cancel-with-twin"
    SUPERSEDE = "supersede"


_TWIN = {Verb.SUPERSEDE: (Status.DUPLICATE, Role.SYSTEM), Verb.CANCEL_WITH_TWIN: (Status.CANCELLED, Role.SYSTEM)}
"""What the twin rule may do to every order that has not ended."""

TRANSITIONS: Mapping[Status, Mapping[Verb, tuple[Status, Role]]] = {
    Status.PLACED: {
        Verb.ACCEPT: (Status.ACCEPTED, Role.KITCHEN),
        Verb.REJECT: (Status.REJECTED, Role.KITCHEN),
        Verb.CANCEL: (Status.CANCELLED, Role.CUSTOMER),
        **_TWIN,
    },
    Status.ACCEPTED: {
        Verb.PREPARE: (Status.PREPARING, Role.KITCHEN),
        Verb.FINISH: (Status.READY, Role.KITCHEN),
        Verb.REJECT: (Status.REJECTED, Role.KITCHEN),
        **_TWIN,
    },
    Status.PREPARING: {
        Verb.FINISH: (Status.READY, Role.KITCHEN),
        Verb.REJECT: (Status.REJECTED, Role.KITCHEN),
        **_TWIN,
    },
    Status.READY: {
        Verb.DISPATCH: (Status.ON_THE_WAY, Role.KITCHEN),
        Verb.HAND_OVER: (Status.COLLECTED, Role.KITCHEN),
        **_TWIN,
    },
    Status.ON_THE_WAY: {Verb.DELIVER: (Status.DELIVERED, Role.KITCHEN), **_TWIN},
}
"""State → what may be done in it → the next state, and who may do it. States without a row are final."""

FOR_PEOPLE = tuple(verb for verb in Verb if verb not in _TWIN)
"""What somebody can ask for, from outside."""

ONLY_FOR: Mapping[Verb, Kind] = {
    Verb.DISPATCH: Kind.DELIVERY,
    Verb.DELIVER: Kind.DELIVERY,
    Verb.HAND_OVER: Kind.PICKUP,
}

PROGRESS: Mapping[Kind, tuple[Status, ...]] = {
    Kind.DELIVERY: (
        Status.PLACED,
        Status.ACCEPTED,
        Status.PREPARING,
        Status.READY,
        Status.ON_THE_WAY,
        Status.DELIVERED,
    ),
    Kind.PICKUP: (Status.PLACED, Status.ACCEPTED, Status.PREPARING, Status.READY, Status.COLLECTED),
}
"""The states that an order goes through when all is well, in order."""


def is_final(status: Status) -> bool:
    return status not in TRANSITIONS


def check_verb(status: Status, verb: Verb, *, kind: Kind, by: Role) -> Status:
    """The state that follows; raises `NotPossibleNow` or `Forbidden`."""
    possible = TRANSITIONS.get(status, {})
    if verb not in possible or ONLY_FOR.get(verb, kind) != kind:
        raise NotPossibleNow(
            say(
                "This order is %(status)s; it cannot be changed by “%(verb)s” now.",
                status=say(status.replace("_", " ")),
                verb=verb,
            )
        )
    following, role = possible[verb]
    if by != role:
        raise Forbidden(say("Only the %(role)s may do “%(verb)s”.", role=say(role), verb=verb))
    return following


def can(status: Status, verb: Verb, *, kind: Kind, by: Role) -> bool:
    try:
        check_verb(status, verb, kind=kind, by=by)
    except (NotPossibleNow, Forbidden):
        return False
    return True


def diagram() -> str:
    """The table as a Mermaid state diagram; docs/architecture.md holds it."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.PLACED}"]
    for status, verbs in TRANSITIONS.items():
        lines += [f"    {status} --> {following}: {verb} ({role})" for verb, (following, role) in verbs.items()]
    lines += [f"    {status} --> [*]" for status in Status if is_final(status)]
    return "\n".join(lines)
