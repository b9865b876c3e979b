"""`manage.py import_restaurants FILE…`: restaurants from OpenStreetMap into the catalogue."""

from collections import Counter
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog import actions
from catalog.imports import osm
from catalog.models import Restaurant, menu_of
from core.errors import Refused
from regions import topology

SHOWN_REFUSALS = 200


class Command(BaseCommand):
    help = "Read restaurants from Overpass JSON or GeoJSON files. The same file twice changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--menus", action="store_true", help="a sample menu by cuisine for those without a menu")

    def handle(self, *, files: list[Path], menus: bool, **options: Any) -> None:
        try:
            actions.check_master()
            # Every file is read and checked before the first is written.
            readings = {file: self._read(file) for file in files}
            for file, reading in readings.items():
                self._write(file, reading, menus=menus)
        except Refused as error:
            raise CommandError(error.detail) from error
        except (PynamoDBException, BotoCoreError) as error:
            master = topology.current().master
            raise CommandError(
                f"The catalogue's master, {master}, does not answer. What was imported so far is kept; "
                "run the same command again when it is back."
            ) from error

    def _read(self, file: Path) -> osm.Reading:
        try:
            if file.stat().st_size > osm.MAX_FILE_BYTES:
                raise CommandError(f"{file} is larger than {osm.MAX_FILE_BYTES // 2**20} MB; split it.")
            return osm.read(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Refused as error:
            raise CommandError(f"{file}: {error.detail} Nothing was imported.") from error

    def _write(self, file: Path, reading: osm.Reading, *, menus: bool) -> None:
        outcomes: Counter[str] = Counter()
        for number, restaurant in enumerate(reading.restaurants, 1):
            outcomes[actions.put_restaurant(restaurant)] += 1
            if menus:
                outcomes["menus given"] += self._give_menu(restaurant)
            if number % 25 == 0:
                self.stdout.write(f"  {number} of {len(reading.restaurants)} …")
        counts = {outcome: outcomes[outcome] for outcome in (*actions.Outcome, *(["menus given"] if menus else []))}
        self.stdout.write(
            f"{file.name}: {_listed(counts)}, {len(reading.refusals)} refused; hours: {_listed(reading.hours)}"
        )
        for refusal in reading.refusals[:SHOWN_REFUSALS]:
            self.stdout.write(f"  refused {refusal.element}: {refusal.why}")
        if len(reading.refusals) > SHOWN_REFUSALS:
            self.stdout.write(f"  … and {len(reading.refusals) - SHOWN_REFUSALS} more refused")

    def _give_menu(self, restaurant: Restaurant) -> int:
        from catalog.samples.dishes import menu_for  # not deployed

        if menu_of(restaurant.id)[1]:
            return 0
        sections, dishes = menu_for(restaurant)
        actions.put_menu(restaurant.id, sections=sections, dishes=dishes)
        return 1


def _listed(counts: dict[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
