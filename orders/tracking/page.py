"""What an order's page shows: where it stands, what it was, and what may still be done with it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock
from core.actor import Role
from orders.links import order_url
from orders.models import Order
from orders.reading import Sight, twin_that_goes_on
from orders.status import PROGRESS, Kind, Payment, Status, Verb, can, is_final
from regions import topology
from regions.topology import Region

SAYINGS: dict[str, Any] = {
    Status.PLACED: _("The restaurant has your order and will confirm it shortly."),
    Status.ACCEPTED: _("The restaurant has accepted your order."),
    Status.PREPARING: _("Your food is being prepared."),
    Status.READY: _("Your food is ready."),
    Status.ON_THE_WAY: _("Your food is on its way to you."),
    Status.DELIVERED: _("Delivered. Enjoy your meal!"),
    Status.COLLECTED: _("Picked up. Enjoy your meal!"),
    Status.REJECTED: _("The restaurant could not take this order. There is nothing to pay."),
    Status.CANCELLED: _("This order was cancelled. There is nothing to pay."),
    Status.DUPLICATE: _("We received this order twice during an outage. The other one stands; this one is void."),
}
SAYINGS_FOR_LATER: dict[str, Any] = {
    Status.PLACED: _("The restaurant has your order for later and will confirm it."),
    Status.ACCEPTED: _("The restaurant has accepted your order and will have it ready on time."),
}
SAYING_OF_A_REJECTED_TWIN = _(
    "We received this order twice during an outage. The restaurant rejected this one; the other one stands."
)
SAYING_OF_A_NEWER_RELEASE = _("Your order is in progress. For details, call the restaurant.")
LATE_MINUTES = 10
"""So much later than expected, the page says that it is late and whom to call."""


@dataclass(frozen=True)
class Step:
    """A state on the way, and when it was reached in milliseconds (None: not yet)."""

    status: str
    at: int | None
    is_done: bool


@dataclass(frozen=True)
class OrderPage:
    """`seen_version` is the newest that the reader has been shown; with an older copy the page says so instead."""

    sight: Sight
    access: str
    seen_version: int = 0

    @property
    def order(self) -> Order:
        return self.sight.order

    @property
    def steps(self) -> list[Step]:
        """The whole way while all is well; else, or when nobody here knows that way, what was reached and how it stands."""
        reached, state = self.order.reached, self.order.state
        way: tuple[str, ...] = PROGRESS.get(self.order.fulfilment, ())
        if state not in way:
            way = (*(status for status in reached if status != state), state)
        passed = way.index(state)
        # A kitchen may skip a state; what lies before the present one is done all the same.
        return [Step(status, reached.get(status), place <= passed) for place, status in enumerate(way)]

    @property
    def saying(self) -> str:
        if self.order.state == Status.REJECTED and self.twin_url:
            return str(SAYING_OF_A_REJECTED_TWIN)
        later = SAYINGS_FOR_LATER.get(self.order.state) if self.order.scheduled_for else None
        return str(later or SAYINGS.get(self.order.state, SAYING_OF_A_NEWER_RELEASE))

    @property
    def is_late(self) -> bool:
        return not self.final and clock.now_ms() > int(self.order.expected_at) + LATE_MINUTES * 60_000

    @property
    def payment(self) -> str:
        """How it is, was or will be paid: at the door or at the counter, until orders are paid by card."""
        if self.failed and self.twin_url:
            return gettext("There is nothing to pay for this one. The other one stands.")
        if self.failed:
            return gettext("There is nothing to pay.")
        if self.order.payment != Payment.ON_RECEIPT:
            return gettext("The payment method can’t be shown right now.")
        if self.is_delivery:
            return gettext("Paid at the door.") if self.final else gettext("To be paid at the door.")
        return gettext("Paid when it was picked up.") if self.final else gettext("To be paid when you pick it up.")

    @property
    def is_delivery(self) -> bool:
        return self.order.fulfilment == Kind.DELIVERY

    @property
    def final(self) -> bool:
        return is_final(self.order.state)

    @property
    def failed(self) -> bool:
        return self.final and self.order.state not in (Status.DELIVERED, Status.COLLECTED)

    @property
    def home(self) -> Region:
        return topology.current().region(self.order.home_region)

    @property
    def can_cancel(self) -> bool:
        order = self.order
        return order.is_understood and can(order.state, Verb.CANCEL, kind=order.fulfilment, by=Role.CUSTOMER)

    @property
    def cancel_url(self) -> str:
        """On the home's own endpoint: only there is it changed."""
        path = reverse("cancel-order", kwargs={"home": self.home.name, "order_id": self.order.id})
        return topology.current().region_url(self.home.name) + path

    @property
    def url(self) -> str:
        return order_url(self.home.name, self.order.id, access=self.access)

    @property
    def receipt_url(self) -> str:
        return order_url(self.home.name, self.order.id, page="receipt", access=self.access)

    @property
    def again_path(self) -> str:
        """On the endpoint that one is at: any region can fill a basket."""
        return reverse("order-again", kwargs={"home": self.home.name, "order_id": self.order.id})

    @cached_property
    def twin_url(self) -> str | None:
        """Where the same checkout goes on, if that region is known; its access secret is the same: both come from the token.

        One more round trip for an order that was rejected: it is final, whatever has become of a twin.
        """
        is_rejected = self.order.state == Status.REJECTED
        twin_home = self.order.twin_home or (twin_that_goes_on(self.order) if is_rejected else None)
        if twin_home not in topology.current().regions:
            return None
        return order_url(str(twin_home), self.order.id, access=self.access)

    @property
    def is_behind(self) -> bool:
        return self.sight.as_of_ms is not None and self.sight.as_of_ms < self.seen_version

    @property
    def shown_until(self) -> str:
        """Of when the newest state is that the reader has seen, as ISO 8601: versions are milliseconds."""
        return clock.from_ms(self.seen_version).isoformat(timespec="milliseconds")

    @property
    def seen(self) -> str:
        """What the live part shows, in short: while it stays the same, there is nothing to send again."""
        if self.is_behind:
            return f"{self.seen_version}.behind.{topology.here()}"
        return f"{int(self.order.version)}.{self.sight.as_of_ms or 0}.{topology.here()}"

    @property
    def live_url(self) -> str:
        path = reverse("order", kwargs={"home": self.home.name, "order_id": self.order.id})
        return f"{path}?{urlencode({'access': self.access, 'seen': self.seen})}"
