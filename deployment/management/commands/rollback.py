"""`manage.py rollback`: the release before the one that runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account
from deployment.rollout import GOOD_ANSWERS, Rollout, Stopped


class Command(BaseCommand):
    help = "Have the functions of regions run the package that they ran before; stacks are left as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        known = list(account.deployed().regions)
        parser.add_argument("--regions", required=True, help=f"of {','.join(known)}")
        parser.add_argument(
            "--good-answers", type=int, default=GOOD_ANSWERS, help="so many in a row before the next region is begun"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        topology = account.deployed()
        account.use_own_credentials()
        rollout = Rollout(topology, self.stdout.write, good_answers=options["good_answers"])
        try:
            regions = account.regions_named(options["regions"])
            self.stdout.write(f"As {account.who(topology.master)}")
            rollout.go_back(regions)
        except (account.CannotDeploy, Stopped) as error:
            raise CommandError(str(error)) from error
        self.stdout.write("Done.")
