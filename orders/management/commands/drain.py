"""`manage.py drain [REGION]`: lead new traffic away from a region, and see when nothing is left to be done there."""

import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from core.clock import from_ms
from orders.models import Order
from regions import draining, health, topology
from regions.aws import error_code

LOOK_SECONDS = 30
FAILURES = (BotoCoreError, ClientError, PynamoDBException)


class Command(BaseCommand):
    help = (
        "Let a region take no new traffic: its health check says so, and the domain's names lead to its siblings. Its own "
        "endpoint goes on, so that kitchens and customers end what has its home there; an order that is placed there, from a "
        "page that is still open, is taken too. Through `zappa manage` a stage drains its own region only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", nargs="?", default=topology.here(), choices=list(topology.current().regions))
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--back", action="store_true", help="let it take traffic again")
        what.add_argument("--wait", action="store_true", help="until no order is open there any more")

    def handle(self, *, region: str, back: bool, wait: bool, **options: Any) -> None:
        try:
            if back:
                draining.take_back(region)
                self.stdout.write(f"{region} takes traffic again, as soon as it is asked for its health.")
                return
            draining.drain(region)
        except draining.LastRegion as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        except FAILURES as error:
            raise CommandError(
                f"{region} was not changed: {error_code(error)}. From a stage only its own region can be; with credentials "
                "of your own, any that answers."
            ) from error
        self._tell_since(region)
        while (left := self._open_orders(region)) and wait:
            time.sleep(LOOK_SECONDS)
        if not left:
            self.stdout.write("No order is open there: nothing is left to be done.")

    def _tell_since(self, region: str) -> None:
        drained_at_ms = health.state_of(region).drained_at_ms
        since = f" since {from_ms(drained_at_ms):%Y-%m-%d %H:%M} UTC" if drained_at_ms else ""
        self.stdout.write(
            f"{region} is drained{since}. Its health check fails from now on; Route 53 leads nobody there after three times of "
            "asking, and names that are remembered elsewhere last another minute."
        )

    def _open_orders(self, region: str) -> int:
        try:
            expected = [int(order.expected_at) for order in Order.scan_for_open(region)]
        except FAILURES as error:
            raise CommandError(
                f"How many orders are open there is not known: {error_code(error)}. It takes reading the whole table, which "
                f"the pages' role may not: manage.py drain {region} with credentials of your own."
            ) from error
        if expected:
            self.stdout.write(
                f"{len(expected)} open there, the last expected {from_ms(max(expected)):%Y-%m-%d %H:%M} UTC."
            )
        return len(expected)
