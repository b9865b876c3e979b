"""`manage.py change_master NEW [--lost]`: another region becomes the one where the catalogue is written."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account
from deployment.master import NotChanged, change
from regions import topology


class Command(BaseCommand):
    help = (
        "Let another region be the master. First the files: `master` in regions.toml, and what `make quick` then finds in "
        "infrastructure/roles.yaml and worker.yaml. Then this: it takes the permission to write the catalogue from the old "
        "master, waits until all that it has written is everywhere, and gives it to the new one. Then `make package` and "
        "`manage.py deploy`, until which nobody changes the catalogue. Ended at any point, it can be given again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("new", choices=list(account.deployed().regions))
        parser.add_argument(
            "--lost", action="store_true",
            help="the old master does not answer: what it has written and not copied anywhere is missing until it is back",
        )  # fmt: skip

    def handle(self, *, new: str, lost: bool, **options: Any) -> None:
        deployed = account.deployed()
        if deployed.master != new:
            raise CommandError(
                f"regions.toml says that {deployed.master} is the master. Nothing was changed. Write {new} there, and what "
                "`make quick` then finds in infrastructure/."
            )
        if topology.current().aws_endpoints:
            raise CommandError("A laptop cloud runs, whose regions would be asked. Nothing was changed. Stop it first.")
        account.use_own_credentials()
        try:
            old = change(deployed, self.stdout.write, lost=lost)
        except NotChanged as error:
            raise CommandError(str(error)) from error
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"Some part of AWS does not answer: {error}. The same command goes on.") from error
        regions = ",".join(name for name in deployed.regions if not (lost and name == old))
        self.stdout.write(f"Now: make package, and manage.py deploy --regions {regions}")
