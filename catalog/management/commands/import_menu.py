"""`manage.py import_menu RESTAURANT FILE`: a restaurant's menu becomes the one in the file."""

from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog import actions
from catalog.imports import menu_files
from catalog.menus import menu_of
from core.errors import Refused
from regions import topology


class Command(BaseCommand):
    help = "Make a menu be the one in a file, schema.org JSON-LD or CSV. The same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restaurant", help="its id: the last part of its address")
        parser.add_argument("file", type=Path, metavar="FILE")

    def handle(self, *, restaurant: str, file: Path, **options: Any) -> None:
        try:
            actions.check_master()
            profile, _ = menu_of(restaurant)
            draft = menu_files.load(file, profile)
        except Refused as error:
            raise CommandError(f"{file.name}: {error.detail} Nothing was imported.") from error
        except (PynamoDBException, BotoCoreError) as error:
            raise self._unanswered() from error
        try:
            outcome = actions.put_menu(restaurant, sections=draft.sections, dishes=draft.dishes)
        except Refused as error:
            raise CommandError(error.detail) from error
        except (PynamoDBException, BotoCoreError) as error:
            raise self._unanswered() from error
        self.stdout.write(f"{profile.name}: {outcome}; {len(draft.dishes)} dishes in {len(draft.sections)} sections.")

    def _unanswered(self) -> CommandError:
        return CommandError(
            f"The catalogue's master, {topology.current().master}, does not answer. Run the same command again when it "
            "is back: it completes what was begun."
        )
