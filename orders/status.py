"""The life of an order. No Django, no DynamoDB: just the rules.

What is stored may be of a newer release: a status or a kind that is in no table here is no error. It is not known to be final,
and nothing can be done in it.
"""

from collections.abc import Mapping
from enum import StrEnum

from core.actor import Role
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


class Kind(StrEnum):
    DELIVERY = "delivery"
    PICKUP = "pickup"


class Payment(StrEnum):
    ON_RECEIPT = "on_receipt"  # at the door or at the counter


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

TRANSITIONS: Mapping[str, Mapping[Verb, tuple[Status, Role]]] = {
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

TAKES: Mapping[Verb, str] = {
    Verb.ACCEPT: "minutes",
    Verb.REJECT: "reason",
    Verb.CANCEL: "reason",
    Verb.SUPERSEDE: "twin_home",
}
"""What may be said with a verb: in how many minutes the food is there; why; where the twin goes on."""

PROGRESS: Mapping[str, tuple[Status, ...]] = {
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


FINAL = frozenset(status for status in Status if status not in TRANSITIONS)


def is_final(status: str) -> bool:
    return status in FINAL


def check_verb(status: str, verb: Verb, *, kind: str, by: Role) -> Status:
    """The state that follows; raises `NotPossibleNow` or `Forbidden`."""
    possible = TRANSITIONS.get(status, {})
    if verb not in possible or ONLY_FOR.get(verb, kind) != kind:
        raise NotPossibleNow(
            say(
                "This order is %(status)s, so “%(verb)s” is not possible now.",
                status=say(status.replace("_", " ")),
                verb=verb,
            )
        )
    following, role = possible[verb]
    if by != role:
        raise Forbidden(say("Only the %(role)s may do “%(verb)s”.", role=say(role), verb=verb))
    return following


def can(status: str, verb: Verb, *, kind: str, by: Role) -> bool:
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
