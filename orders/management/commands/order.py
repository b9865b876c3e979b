"""`manage.py order HOME ID [VERB]`: show an order, or do the kitchen's part of it, in the order's home region."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import formats, ids, phone_numbers
from core.actor import Actor, Role
from core.clock import from_ms
from core.errors import Refused, WrongRegion
from orders import lifecycle
from orders.models import Order
from orders.status import FOR_PEOPLE, Verb
from regions import topology

KITCHEN_VERBS = [verb.value for verb in FOR_PEOPLE if verb != Verb.CANCEL]
ACCOUNT = "laptop"
"""What the history names, until kitchens have accounts."""


class Command(BaseCommand):
    help = "Show an order, or move it on as the kitchen would: " + ", ".join(KITCHEN_VERBS)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("home", help="the order's home region; it is the first part of its address")
        parser.add_argument("id")
        parser.add_argument("verb", nargs="?", choices=KITCHEN_VERBS)
        parser.add_argument("--minutes", type=int, help="with accept: from now until the food is there")
        parser.add_argument("--reason", help="with reject: why, for the customer to read")
        parser.add_argument("--restaurant", metavar="ID", help="whose kitchen you are; without it, the order's own")

    def handle(self, *, home: str, id: str, verb: str | None, restaurant: str | None, **options: Any) -> None:
        try:
            order = self._find(topology.current().region(home).name, id)
            if verb:
                kitchen = Actor(Role.KITCHEN, account=ACCOUNT, restaurant=restaurant or order.restaurant)
                details = {name: options[name] for name in ("minutes", "reason")}
                order = lifecycle.change(order, Verb(verb), by=kitchen, **details)
        except WrongRegion as error:
            raise CommandError(f"{error.detail} AWS_REGION={error.home} before the command acts there.") from error
        except Refused as error:
            raise CommandError(f"{error.title()}: {error.detail}") from error
        self._show(order)

    def _find(self, home: str, order_id: str) -> Order:
        try:
            order = Order.get(Order.key_of(home, order_id), consistent_read=True) if ids.is_order_id(order_id) else None
        except Order.DoesNotExist:
            order = None
        if order is None or order.is_tombstone:
            raise CommandError(f"{topology.here()} holds no order {order_id} of {home}.")
        return order

    def _show(self, order: Order) -> None:
        self.stdout.write(f"{order.id} at {order.restaurant_name}: {order.status}")
        if order.scheduled_for:
            zone = ZoneInfo(order.time_zone)
            wanted = from_ms(int(order.scheduled_for)).astimezone(zone)
            self.stdout.write(f"  wanted for {wanted:%A %Y-%m-%d %H:%M} ({zone})")
        for entry in order.entries:
            by = " ".join(f"{value}" for value in entry.get("by", {}).values())
            self.stdout.write(f"  {from_ms(entry['at']):%Y-%m-%d %H:%M:%S} UTC  {entry['status']}  {by}".rstrip())
            if entry.get("reason"):
                self.stdout.write(f"    “{entry['reason']}”")
        for line in _ticket(order):
            self.stdout.write(f"  {line}".rstrip())


def _ticket(order: Order) -> Iterator[str]:
    """What a kitchen cooks, and for whom a courier brings it where."""
    yield ""
    for sold in order.lines:
        options = ", ".join(sold.get("option_names", ()))
        yield f"{sold['quantity']} × {sold['name']}" + (f" ({options})" if options else "")
    yield f"total {formats.price(int(order.total_minor), order.currency)}, {order.payment}"
    if order.note:
        yield from ("note: " + order.note).splitlines()
    yield ""
    yield f"{order.kind}: {order.contact_name}, {phone_numbers.shown(order.contact_phone, order.restaurant_country)}"
    destination = order.destination
    if order.address and destination and not destination.is_verified:
        yield "ADDRESS NOT VERIFIED: call before you drive"
    yield from (order.address or "").splitlines()
    if order.map_uri:
        yield order.map_uri
