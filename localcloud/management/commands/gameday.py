"""`manage.py gameday [SCENARIO]`: orders in all regions of the running laptop cloud while something goes wrong; the report."""

import os
import signal
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud import faults
from localcloud.gameday.picture import picture
from localcloud.gameday.report import report
from localcloud.gameday.run import GameDay, Options
from localcloud.gameday.scenarios import SCENARIOS, default_region, sentence
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.management.commands.region import router_status
from localcloud.processes import CloudError, say
from regions import topology

MAX_ORDERS = 100_000


class Command(BaseCommand):
    help = "Order in all regions at once while something goes wrong, and say what was lost, doubled or late."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", nargs="?", choices=list(SCENARIOS), default="stop")
        parser.add_argument("--list", action="store_true", help="explain each scenario in a sentence")
        parser.add_argument("--orders", type=int, default=Options.orders)
        parser.add_argument("--rate", type=float, default=Options.rate, help="orders a second, as a Poisson process")
        parser.add_argument("--seed", type=int, default=Options.seed)
        parser.add_argument(
            "--region", choices=list(topology.current().regions), help="the one that the fault is about"
        )
        parser.add_argument(
            "--throughout", action="store_true", help="the fault begins before the first order and ends after the last"
        )
        parser.add_argument("--picture", type=Path, help="where to write the SVG; default: gameday.svg beside the data")

    def handle(
        self,
        *,
        scenario: str,
        list: bool,
        orders: int,
        rate: float,
        seed: int,
        region: str | None,
        throughout: bool,
        picture: Path | None,
        **options: Any,
    ) -> None:
        if list:
            self.stdout.write("\n".join(f"{name:<10} {sentence(kind)}" for name, kind in SCENARIOS.items()))
            return
        if not 1 <= orders <= MAX_ORDERS or rate <= 0:
            raise CommandError(f"Ask for 1 to {MAX_ORDERS} orders, at a rate above 0.")
        state = running_state(Layout())
        if state is None:
            raise CommandError("No laptop cloud is running; start one with `make run`.")
        away = [name for name, is_healthy in router_status(state["port"]).items() if not is_healthy]
        if away:
            raise CommandError(f"Not healthy: {', '.join(away)}. Bring it back first: manage.py region start {away[0]}")
        kind = SCENARIOS[scenario]
        asked = Options(kind, region or default_region(kind), orders, rate, seed, throughout)
        self._run(Layout(port=state["port"]), asked, picture)

    def _run(self, layout: Layout, asked: Options, file: Path | None) -> None:
        lock = faults.game_day(layout.faults_file).take()
        if lock is None:
            raise CommandError("Another game day is on; wait for its end.")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _end)
        try:
            result = GameDay(layout, asked).run()
        except CloudError as error:
            raise CommandError(str(error)) from error
        finally:
            os.close(lock)
        self.stdout.write(report(result))
        file = file or layout.data / "gameday.svg"
        file.write_text(picture(result))
        self.stdout.write(f"A picture of it: {file}")
        if result.is_lost:
            raise CommandError("The game day was lost; see above.")


def _end(number: int, frame: FrameType | None) -> None:
    """At once, whatever customers and kitchens are waiting for: the cloud sees that this process is gone, and repairs."""
    say("The game day was ended; the laptop cloud repairs what it had broken.")
    os._exit(128 + number)
