"""`manage.py order HOME ID [VERB]`: show an order, or do the kitchen's part of it, in the order's home region."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import from_ms
from core.errors import Refused
from orders import lifecycle
from orders.models import Order
from orders.status import FOR_PEOPLE, Role, Verb
from regions import topology

KITCHEN_VERBS = [verb.value for verb in FOR_PEOPLE if verb != Verb.CANCEL]


class Command(BaseCommand):
    help = "Show an order, or move it on as the kitchen would: " + ", ".join(KITCHEN_VERBS)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("home", help="the order's home region; it is the first part of its address")
        parser.add_argument("id")
        parser.add_argument("verb", nargs="?", choices=KITCHEN_VERBS)

    def handle(self, *, home: str, id: str, verb: str | None, **options: Any) -> None:
        try:
            order = Order.get(Order.key_of(topology.current().region(home).name, id), consistent_read=True)
            if verb:
                order = lifecycle.change(order, Verb(verb), by=Role.KITCHEN)
        except Order.DoesNotExist as error:
            raise CommandError(f"{topology.here()} holds no order {id} of {home}.") from error
        except Refused as error:
            raise CommandError(f"{error.title()}: {error.detail}") from error
        self.stdout.write(f"{order.id} at {order.restaurant_name}: {order.status}")
        if order.scheduled_for:
            zone = ZoneInfo(order.time_zone)
            wanted = from_ms(int(order.scheduled_for)).astimezone(zone)
            self.stdout.write(f"  wanted for {wanted:%A %Y-%m-%d %H:%M} ({zone})")
        for entry in order.history:
            self.stdout.write(f"  {from_ms(entry['at']):%Y-%m-%d %H:%M:%S} UTC  {entry['status']}")
