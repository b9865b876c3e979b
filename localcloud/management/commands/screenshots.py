"""`manage.py screenshots`: of every page of a running laptop cloud, for the docs and for looking at."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud.joining import running_state
from localcloud.layout import DEFAULT_PORT, ROOT, Layout


class Command(BaseCommand):
    help = "Take screenshots of every page at 320 and 1280 px, light and dark; `make run` has to be running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="of the router (that of the cloud that runs)")
        parser.add_argument(
            "--sheets", type=Path, default=ROOT / "docs" / "screenshots", help="where the two sheets go"
        )
        parser.add_argument("--pages", type=Path, help="where each whole page goes (the data directory)")

    def handle(self, *, port: int | None, sheets: Path, pages: Path | None, **options: Any) -> None:
        from playwright.sync_api import Error

        from localcloud.screenshots import take

        state = running_state(Layout())
        layout = Layout(port=port or (state["port"] if state else DEFAULT_PORT))
        try:
            taken = take(layout, (pages or layout.data / "screenshots").resolve(), sheets)
        except (Error, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{len(taken)} pages in {taken[0].parent}, two sheets in {sheets}")
