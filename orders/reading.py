"""Reading an order from wherever one is: at home, from the home's table, or from the replica here, with its age."""

from dataclasses import dataclass
from functools import cache

from botocore.exceptions import BotoCoreError
from pynamodb.exceptions import GetError, PynamoDBException

from core import ids
from core.actor import Actor, Role
from core.errors import NotFound, Unavailable, WrongRegion
from core.messages import say
from orders.models import Order
from orders.status import is_final
from orders.twins import SERVED, precedence
from regions import topology
from regions.breaker import Breaker

HOME_TIMEOUT_SECONDS = 0.3
HOME_BREAKER_SECONDS = 5.0


class Behind(Unavailable):
    """What is known here is older than what you have seen.

    Raised for whoever has seen a newer version than the copy here has, while the home does not answer. `sight` is that
    copy: what does not change of an order may be shown of it.
    """

    def __init__(self, sight: "Sight") -> None:
        self.sight = sight
        home = sight.order.home_region
        super().__init__(
            say(
                "We can’t reach %(home)s, where this order is kept, and the copy here is older than what you have "
                "already seen. Your order is safe. Try again in a moment.",
                home=home,
            )
        )


@dataclass(frozen=True)
class Sight:
    """An order as it can be seen here. `as_of_ms` is set when its home could not be asked: the last change known."""

    order: Order
    as_of_ms: int | None


def see(home: str, order_id: str, *, access: str | None, seen_version: int = 0) -> Sight:
    """Look at an order with its access secret; one round trip while the home answers.

    `NotFound` without the right secret, `WrongJurisdiction` outside the home's jurisdiction, `Unavailable` when the home
    is away and its copy has not arrived yet, `Behind` when that copy is older than the version that was seen already:
    for one reader, an order never goes back.
    """
    if not ids.is_order_id(order_id):
        raise _unknown()  # not asked for: a key that the store calls invalid is no sign of a home that is away
    _check_jurisdiction(home)
    sight = _at_home(home, order_id) or _replica(home, order_id)
    customer_of(sight.order, access)
    if sight.as_of_ms is not None and sight.as_of_ms < seen_version:
        raise Behind(sight)
    return sight


def see_at_home(home: str, order_id: str, *, access: str) -> Order:
    """An order that is about to be changed, as only its home does it.

    `WrongRegion` elsewhere and `WrongJurisdiction` abroad, before anything is read; else as `see`.
    """
    _check_jurisdiction(home)
    if home != topology.here():
        raise WrongRegion(home)
    return see(home, order_id, access=access).order


def twin_that_goes_on(order: Order) -> str | None:
    """The home where the same checkout goes on, or was served, though this one was rejected; as far as this region knows."""
    topo = topology.current()
    homes = [home for home in topo.members(topo.jurisdiction) if home != order.home]
    try:
        twins = list(Order.batch_get([Order.key_of(home, order.id) for home in homes]))
    except (PynamoDBException, BotoCoreError):
        return None  # the order itself may have come from elsewhere
    alive = [twin for twin in twins if not twin.is_tombstone and (not is_final(twin.state) or twin.state in SERVED)]
    best = min(alive, key=lambda twin: precedence(twin.as_twin, tuple(topo.regions)), default=None)
    return str(best.home) if best else None


def _check_jurisdiction(home: str) -> None:
    topology.check_jurisdiction(
        topology.current().jurisdiction_of(home),
        detail=say("This order can only be viewed and changed in its own part of the world."),
    )


def customer_of(order: Order, access: str | None) -> Actor:
    """Whoever holds the order's link; `NotFound` when the secret does not open it."""
    if not ids.opens(access, order.access_fingerprint):
        raise _unknown()
    return Actor(Role.CUSTOMER, guest_of=order.key)


def _at_home(home: str, order_id: str) -> Sight | None:
    """The order as its home has it; None when a home elsewhere does not answer in time."""
    key = Order.key_of(home, order_id)
    if home == topology.here():
        return Sight(_get(Order, key), as_of_ms=None)
    breaker = _breaker(home)
    if not breaker.allows():
        return None
    try:
        order = _get(Order.in_region(home, timeout_seconds=HOME_TIMEOUT_SECONDS), key)
    except NotFound:
        breaker.succeeded()  # it answered
        raise
    except (GetError, PynamoDBException, BotoCoreError):
        breaker.failed()
        return None
    breaker.succeeded()
    return Sight(order, as_of_ms=None)


def _replica(home: str, order_id: str) -> Sight:
    try:
        order = _get(Order, Order.key_of(home, order_id))
    except NotFound:
        raise Unavailable(
            say(
                "We can’t reach %(home)s, where this order is kept, and its copy has not arrived here yet. Your "
                "order is safe. Try again in a moment.",
                home=home,
            )
        ) from None
    return Sight(order, as_of_ms=int(order.version))


def _get(model: type[Order], key: str) -> Order:
    try:
        order = model.get(key, consistent_read=True)
    except model.DoesNotExist:
        raise _unknown() from None
    if order.is_tombstone:
        raise _unknown()
    order.check_readable()
    return order


def _unknown() -> NotFound:
    return NotFound(
        say("We can’t find this order, or the link to it is incomplete. Use the full link from your confirmation.")
    )


@cache
def _breaker(region: str) -> Breaker:
    return Breaker(open_seconds=HOME_BREAKER_SECONDS)
