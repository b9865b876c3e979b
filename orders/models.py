"""Orders. One item each, lines and history inside, so that an order is replicated whole or not at all.

Patterns served, each one round trip: an order by its key; placing reads its own and the siblings' keys for an id
together with the availability, in one TransactGet.
"""

from collections import Counter
from typing import Any, ClassVar, Self

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from core.actor import Role
from orders.destination import Destination
from orders.errors import NotReadable, NotUnderstood
from orders.status import FINAL, Kind, Payment, Status
from orders.twins import Twin
from regions.models import HomedModel, Leaves, RegionalMeta


class Order(HomedModel):
    """`<home region>#<id>`. What was sold is kept as it was sold."""

    class Meta(RegionalMeta):
        table_name = "foodforthought-orders"

    key = UnicodeAttribute(hash_key=True)
    id = UnicodeAttribute()
    status = UnicodeAttribute()  # orders.status.Status
    kind = UnicodeAttribute()  # orders.status.Kind
    restaurant = UnicodeAttribute()
    restaurant_name = UnicodeAttribute()
    restaurant_phone = UnicodeAttribute(null=True)
    restaurant_address: JSONAttribute = JSONAttribute(default_for_new=dict)
    restaurant_country = UnicodeAttribute(null=True)  # None: of a release that did not keep it
    time_zone = UnicodeAttribute()  # the restaurant's
    currency = UnicodeAttribute()
    subtotal_minor = NumberAttribute()
    delivery_fee_minor = NumberAttribute()
    tax_minor = NumberAttribute()
    tax_included = BooleanAttribute()
    tip_minor = NumberAttribute()
    total_minor = NumberAttribute()
    placed_at = NumberAttribute()  # milliseconds, as all times here
    accepted_at = NumberAttribute(null=True)
    ended_at = NumberAttribute(null=True)
    scheduled_for = NumberAttribute(null=True)  # when the food is wanted; None: as soon as possible
    expected_at = NumberAttribute()
    # [{"status", "at", "by": Actor.signature, "verb", what was said with it}], oldest first; see orders.lifecycle
    history: JSONAttribute = JSONAttribute(default_for_new=list)
    twin_home = UnicodeAttribute(null=True)  # of a duplicate: where the same checkout goes on
    payment = UnicodeAttribute()  # orders.status.Payment

    lines: JSONAttribute = JSONAttribute(default_for_new=list)  # orders.pricing.SoldLine as objects
    contact_name = UnicodeAttribute()
    contact_phone = UnicodeAttribute()  # E.164; before, as it was written
    address = UnicodeAttribute(null=True)
    cell = UnicodeAttribute(null=True)  # where it is delivered to, to about 2 km
    # where its door is: {"latitude", "longitude", "is_verified"}, see `destination`; None: of a release that did not ask
    position: JSONAttribute = JSONAttribute(null=True)
    note = UnicodeAttribute(null=True)
    access_fingerprint = UnicodeAttribute()
    content_fingerprint = UnicodeAttribute()

    leaves_jurisdiction = Leaves.AS_STUB
    stub: ClassVar[frozenset[str]] = frozenset(
        {"id", "status", "restaurant", "placed_at", "accepted_at", "ended_at"},
    )
    operational = stub | {
        "key", "kind", "restaurant_name", "restaurant_phone", "restaurant_address", "restaurant_country",
        "time_zone", "currency",
        "subtotal_minor", "delivery_fee_minor", "tax_minor", "tax_included", "tip_minor", "total_minor",
        "scheduled_for", "expected_at", "payment", "twin_home",
    }  # fmt: skip
    personal = frozenset(
        {
            "history",  # whose account did what, and a reason in somebody's own words
            "lines",
            "contact_name",
            "contact_phone",
            "address",
            "cell",
            "position",
            "note",
            "access_fingerprint",
            "content_fingerprint",
        }
    )

    @classmethod
    def scan_for_twins(cls) -> list[str]:
        """The ids that this region holds of more than one home."""
        seen = Counter(order.id for order in cls.scan(attributes_to_get=["id"]) if order.id)
        return [order_id for order_id, count in seen.items() if count > 1]

    @classmethod
    def scan_for_open(cls, region: str) -> list[Self]:
        """The orders at home in a region that have not ended; of each only `expected_at`. Reads the region's whole table."""
        is_at_home = cls.key.startswith(f"{region}#") & cls.id.exists() & cls.deleted_at.does_not_exist()
        has_ended = cls.status.is_in(*FINAL)  # a word of a newer release is not known to be final
        return list(cls.in_region(region).scan(is_at_home & ~has_ended, attributes_to_get=["expected_at"]))

    @classmethod
    def key_of(cls, home: str, order_id: str) -> str:
        return f"{home}#{order_id}"

    @property
    def as_twin(self) -> Twin:
        accepted_at = None if self.accepted_at is None else int(self.accepted_at)
        return Twin(str(self.home), self.state, int(self.placed_at), accepted_at)

    @property
    def state(self) -> str:
        """A `Status`, or a word of a newer release."""
        return str(self.status)

    @property
    def fulfilment(self) -> str:
        """A `Kind`, or a word of a newer release."""
        return str(self.kind)

    @property
    def entries(self) -> list[dict[str, Any]]:
        """What can be read of the history; what somebody has damaged by hand tells nothing."""
        return [entry for entry in self._history if _is_entry(entry)]

    @property
    def _history(self) -> list[Any]:
        return self.history if isinstance(self.history, list) else [self.history] if self.history else []

    @property
    def destination(self) -> Destination | None:
        """Where a delivery goes, as far as this release can read it."""
        return Destination.read(self.position)

    @property
    def map_uri(self) -> str:
        """`geo:` with the address as its name; empty where its position is not known."""
        name = ", ".join(str(self.address or self.contact_name).splitlines())
        return self.destination.geo_uri(name) if self.destination else ""

    @property
    def reached(self) -> dict[str, int]:
        """The states that it has been in, in their order, and when each began."""
        return {entry["status"]: int(entry["at"]) for entry in self.entries}

    @property
    def reason(self) -> str | None:
        """Why it was rejected or cancelled, in the words of who did it."""
        return self.entries[-1].get("reason") if self.entries else None

    @property
    def is_understood(self) -> bool:
        """Does this release know every word of it? What a newer one wrote is shown and copied here, and not changed."""
        statuses = {self.status, *(entry["status"] for entry in self.entries)}
        roles = {entry["by"].get("role") for entry in self.entries if "by" in entry}
        return (
            not self.unread
            and len(self.entries) == len(self._history)
            and statuses <= set(Status)
            and self.kind in set(Kind)
            and self.payment in set(Payment)
            and roles <= set(Role)
        )

    def check_understood(self) -> None:
        if not self.is_understood:
            raise NotUnderstood

    def check_readable(self) -> None:
        """Raise `NotReadable` when what every order has cannot be read; without its history it can be shown."""
        if self.lacking - {"history"}:
            raise NotReadable


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and isinstance(entry.get("status"), str)
        and isinstance(entry.get("at"), int | float)
        and isinstance(entry.get("by", {}), dict)
    )
