"""`manage.py doubtful_hours`: the restaurants whose opening hours a person should look at."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError
from django.core.management.base import BaseCommand, CommandError
from pynamodb.exceptions import PynamoDBException

from catalog import hours, hours_doubts
from catalog.models import Restaurant


class Command(BaseCommand):
    help = (
        "List the restaurants whose hours were not understood, are not certain, have remarks or no end, or mean something "
        "else by their letter: id, name, what is stored → how it is read, why. Reads the whole catalogue of this region."
    )

    def handle(self, **options: Any) -> None:
        count = doubtful = 0
        try:
            for restaurant in scan_for_hours():
                count += 1
                stored = str(restaurant.opening_hours or restaurant.opening_hours_text)
                understood = hours.understood(stored) if restaurant.opening_hours else None
                if hours_doubts.doubts(stored, understood):
                    doubtful += 1
                    self.stdout.write(f"{restaurant.id}  {restaurant.name}: {hours_doubts.report(stored, understood)}")
        except (PynamoDBException, BotoCoreError) as error:
            raise CommandError("The catalogue does not answer; nothing was changed. Try again in a moment.") from error
        self.stdout.write(f"{doubtful} of {count} restaurants with hours")


def scan_for_hours() -> Iterator[Restaurant]:
    """Every restaurant that has hours of any kind, in no order. It reads every record of the catalogue: dishes and cards too."""
    for restaurant in Restaurant.scan():
        if not restaurant.is_tombstone and (restaurant.opening_hours or restaurant.opening_hours_text):
            yield restaurant
