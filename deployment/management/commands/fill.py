"""`manage.py fill REGION`: have every other home copy to a region what it lacks, before it takes traffic."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account
from deployment.filling import ON_A_LAPTOP, ON_AWS, NotFilled, check_streams, fill
from regions import topology


class Command(BaseCommand):
    help = (
        "Fill a region that was away for long, or whose tables are new: the workers of all other regions compare what has its "
        "home with them, and copy what is missing there. `deploy` does it for a region that takes no traffic yet. A run that was "
        "ended goes on where it stopped."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", choices=list(topology.current().regions))

    def handle(self, *, region: str, **options: Any) -> None:
        way = ON_A_LAPTOP if topology.current().aws_endpoints else ON_AWS
        if way is ON_AWS:
            account.use_own_credentials()
        homes = [name for name in topology.current().regions if name != region]
        try:
            self.stdout.write(fill(region, homes, way, self.stdout.write))
            check_streams(region, homes, way)
        except NotFilled as error:
            raise CommandError(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"Some part of AWS does not answer: {error}. The same command goes on.") from error
        self.stdout.write(f"{region} is filled, and what the others write arrives there.")
