"""`manage.py import_restaurants FILE…`: restaurants from OpenStreetMap into the catalogue."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from pynamodb.exceptions import PynamoDBException

from catalog import actions, hours_doubts
from catalog.actions import MenuFor, Outcome
from catalog.imports import osm
from catalog.menus import menu_of
from catalog.models import Restaurant
from core.errors import Refused
from regions import topology

SHOWN_REFUSALS = 200
SHOWN_REASONS = 20
MENUS_GIVEN = "menus given"


class Command(BaseCommand):
    help = (
        "Read restaurants from OpenStreetMap data: Overpass JSON, GeoJSON or Esri's JSON. The same file twice changes nothing. "
        "Where a file has no ids, a restaurant that was renamed or moved is another one, and the one before stays as well."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--menus", action="store_true", help="a sample menu by cuisine for those without a menu")

        parser.add_argument("--show-hours", action="store_true", help="how the opening hours were understood, in words")

    def handle(self, *, files: list[Path], menus: bool, show_hours: bool, **options: Any) -> None:
        menu_for = _sample_menus() if menus else None
        try:
            actions.check_master()
        except Refused as error:
            raise CommandError(error.detail) from error
        # Every file is read and checked before the first is written.
        readings = {file: self._read(file) for file in files}
        self.written = 0
        for file, reading in readings.items():
            self._write(file, reading, menu_for)
            if show_hours:
                self._show_hours(reading)

    def _read(self, file: Path) -> osm.Reading:
        try:
            if file.stat().st_size > osm.MAX_FILE_BYTES:
                raise CommandError(f"{file} is larger than {osm.MAX_FILE_BYTES // 2**20} MB; split it.")
            reading = osm.read(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: {error}") from error
        except Refused as error:
            raise CommandError(f"{file}: {error.detail} Nothing was imported.") from error
        if not reading.restaurants:
            raise CommandError(f"{file}: {_why_nothing(reading)} Nothing was imported.")
        return reading

    def _write(self, file: Path, reading: osm.Reading, menu_for: MenuFor | None) -> None:
        outcomes: Counter[str] = Counter()
        began = time.monotonic()
        for number, restaurant in enumerate(reading.restaurants, 1):
            outcomes.update(self._put(restaurant, menu_for))
            self._show_progress(number, len(reading.restaurants), began)
        counts = {outcome: outcomes[outcome] for outcome in (*actions.Outcome, *([MENUS_GIVEN] if menu_for else []))}
        self.stdout.write(
            f"{file.name}: {_listed(counts)}, {len(reading.refusals)} refused; hours: {_listed(reading.hours)}"
        )
        if reading.remark:
            self.stdout.write(f"  the file may be incomplete, Overpass says: {reading.remark}")
        if reading.not_kept:
            self.stdout.write(f"  not kept: {_listed(reading.not_kept)}")
        for why, count in [*reading.reasons.items()][:SHOWN_REASONS]:
            self.stdout.write(f"  {count} refused: {why}")
        for refusal in reading.refusals[:SHOWN_REFUSALS]:
            self.stdout.write(f"  refused {refusal.element}: {refusal.why}")
        if len(reading.refusals) > SHOWN_REFUSALS:
            self.stdout.write(f"  … and {len(reading.refusals) - SHOWN_REFUSALS} more")

    def _show_progress(self, number: int, total: int, began: float) -> None:
        if number % max(25, total // 100) == 0:
            left_s = round((time.monotonic() - began) / number * (total - number))
            self.stdout.write(f"  {number} of {total}, about {left_s} s left …")

    def _show_hours(self, reading: osm.Reading) -> None:
        for restaurant in reading.restaurants:
            if given := reading.hours_given.get(str(restaurant.id)):
                self.stdout.write(f"  {restaurant.name}: {hours_doubts.report(given, restaurant.opening_hours)}")

    def _put(self, restaurant: Restaurant, menu_for: MenuFor | None) -> list[str]:
        """What was done, as it is counted."""
        try:
            outcome = actions.put_restaurant(restaurant, menu_for=menu_for)
            done: list[str] = [outcome]
            if menu_for and outcome == Outcome.NEW:
                done.append(MENUS_GIVEN)
            elif menu_for and not _has_menu(str(restaurant.id)):
                sections, dishes = menu_for(restaurant)
                actions.put_menu(restaurant.id, sections=sections, dishes=dishes)
                done.append(MENUS_GIVEN)
        except Refused as error:
            raise CommandError(f"“{restaurant.name}” ({restaurant.id}): {error.detail} {self._kept()}") from error
        except (PynamoDBException, BotoCoreError) as error:
            master = topology.current().master
            raise CommandError(f"The catalogue's master, {master}, does not answer. {self._kept()}") from error
        self.written += 1
        return done

    def _kept(self) -> str:
        return f"Written so far, and kept: {self.written}. Run the same command again for the others."


def _why_nothing(reading: osm.Reading) -> str:
    """Of a file without a restaurant."""
    reasons = [f"{count} × {why}" for why, count in reading.reasons.items()][:SHOWN_REASONS]
    return f"It has nothing that can be taken: {'; '.join(reasons) or reading.remark or 'it is empty'}."


def _sample_menus() -> MenuFor:
    try:
        from catalog.samples.dishes import menu_for  # not part of what is deployed
    except ImportError as error:
        raise CommandError(
            "The sample menus are not part of what is deployed; run this on a developer's machine, or without --menus. "
            "Nothing was imported."
        ) from error
    return menu_for


def _has_menu(restaurant_id: str) -> bool:
    """Is there a whole menu? A release before could leave dishes that no section has, when it was killed."""
    restaurant, dishes = menu_of(restaurant_id)
    return bool(dishes and restaurant.sections)


def _listed(counts: dict[Any, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
