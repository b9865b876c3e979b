"""`manage.py export_menu RESTAURANT`: a restaurant's menu as a file that `import_menu` reads."""

from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog.imports import menu_files
from catalog.menus import menu_of
from core.errors import Refused


class Command(BaseCommand):
    help = "Write a menu to the standard output, as schema.org JSON-LD or CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("restaurant", help="its id: the last part of its address")
        parser.add_argument("--format", choices=sorted(menu_files.FORMATS), default="jsonld")

    def handle(self, *, restaurant: str, format: str, **options: Any) -> None:
        try:
            profile, dishes = menu_of(restaurant)
        except Refused as error:
            raise CommandError(error.detail) from error
        except (PynamoDBException, BotoCoreError) as error:
            raise CommandError("The catalogue does not answer; try again in a moment.") from error
        self.stdout.write(menu_files.written(profile, dishes, kind=format), ending="")
