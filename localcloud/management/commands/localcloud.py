"""`manage.py localcloud`: the whole system on this machine; what `make run` starts."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud.layout import DEFAULT_PORT, Layout
from localcloud.processes import CloudError
from localcloud.supervisor import SAMPLE_RESTAURANTS, Supervisor
from regions import topology


class Command(BaseCommand):
    help = "Run all regions on this machine until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        default = os.environ.get("PORT") or str(DEFAULT_PORT)  # a text, so that the parser refuses what is no number
        parser.add_argument("--port", type=int, default=default, help="of the router; the others follow it")
        parser.add_argument("--near", default=topology.current().master, help="a region, or “latitude,longitude”")
        parser.add_argument("--restaurants", type=int, default=SAMPLE_RESTAURANTS, help="how many samples, at first")

    def handle(self, *, port: int, near: str, restaurants: int, **options: Any) -> None:
        try:
            Supervisor(Layout(port=port), near=near, restaurants=restaurants).run()
        except (CloudError, ValueError, OSError) as error:  # a clock that is no time, a full disk
            raise CommandError(str(error)) from error
