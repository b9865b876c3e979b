"""`manage.py availability RESTAURANT …`: what a kitchen says about itself, in this region."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog import actions
from catalog.menus import menu_of
from catalog.models import kitchen_of
from core.errors import Refused
from regions import topology


class Command(BaseCommand):
    help = "Pause a kitchen, mark a dish as sold out, say that it is busy; or show what holds now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restaurant", help="its id: the last part of its address")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--pause", action="store_true", help="take no orders")
        what.add_argument("--resume", action="store_true", help="take orders again")
        what.add_argument("--sold-out", metavar="DISH")
        what.add_argument("--back", metavar="DISH", help="a dish that was sold out")
        what.add_argument("--busy", type=int, metavar="MINUTES", help="every order takes so much longer; 0: as usual")

    def handle(self, *, restaurant: str, **options: Any) -> None:
        try:
            profile, dishes = menu_of(restaurant)
            self._change(restaurant, options, {str(dish.id) for dish in dishes})
        except Refused as error:
            raise CommandError(error.detail) from error
        except PynamoDBException as error:
            raise CommandError(f"The tables of {topology.here()} do not answer; nothing was changed.") from error
        kitchen = kitchen_of(profile)
        sold_out = sorted(str(dish.id) for dish in dishes if kitchen.is_sold_out(dish))
        self.stdout.write(
            f"{profile.name}: {'paused' if kitchen.paused else 'takes orders'}, {kitchen.busy_minutes} minutes busier than "
            f"usual, sold out: {', '.join(sold_out) or 'nothing'}"
        )

    def _change(self, restaurant: str, options: dict[str, Any], dishes: set[str]) -> None:
        dish = options["sold_out"] or options["back"]
        if dish and dish not in dishes:
            raise CommandError(f"There is no dish “{dish}” on the menu; there are {', '.join(sorted(dishes))}.")
        if dish:
            actions.set_sold_out(restaurant, dish, sold_out=bool(options["sold_out"]))
        elif options["pause"]:
            actions.pause(restaurant)
        elif options["resume"]:
            actions.resume(restaurant)
        elif options["busy"] is not None:
            actions.set_busy(restaurant, minutes=options["busy"])
