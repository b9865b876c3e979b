"""`manage.py fill REGION`: have every home copy to a new region what it lacks, before it takes traffic."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment.filling import NotFilled, by_process, by_worker, check_streams, fill
from regions import topology


class Command(BaseCommand):
    help = (
        "Fill a region that is new, or was away for long: the workers of all other regions compare what has its home with them "
        "and copy what is missing there, until nothing is. A run that was ended goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", choices=list(topology.current().regions))

    def handle(self, *, region: str, **options: Any) -> None:
        is_laptop_cloud = bool(topology.current().aws_endpoints)
        try:
            count = fill(region, ask=by_process if is_laptop_cloud else by_worker, say=self.stdout.write)
            check_streams(region)
        except NotFilled as error:
            raise CommandError(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"Some part of AWS does not answer: {error}. The same command goes on.") from error
        self.stdout.write(f"{region} holds all {count} records that the other homes have for it, and what comes arrives.")
