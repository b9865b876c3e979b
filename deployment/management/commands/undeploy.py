"""`manage.py undeploy REGION`: takes a region's functions, domains and queues away."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account, undeploying
from deployment.rollout import Rollout


class Command(BaseCommand):
    help = f"Take a region away. {undeploying.STAYS}"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("region", choices=list(account.deployed().regions))
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, region: str, yes: bool, **options: Any) -> None:
        topology = account.deployed()
        account.use_own_credentials()
        try:
            self.stdout.write(f"As {account.who(region)}. {undeploying.STAYS}")
            undeploying.check(topology, region)
        except account.CannotDeploy as error:
            raise CommandError(str(error)) from error
        if not yes and self._typed(f"Take away everything else of {region}? Type its name: ") != region:
            raise CommandError("Nothing was changed.")
        rollout = Rollout(topology, self.stdout.write)
        try:
            for name, step in undeploying.steps(topology, region).items():
                rollout.step(name, step)
        except account.CannotDeploy as error:
            raise CommandError(f"{error}\nWhat was done is done; the same again goes on.") from error
        self.stdout.write(f"{region} is taken away. {undeploying.STAYS}")

    @staticmethod
    def _typed(prompt: str) -> str:
        try:
            return input(prompt)
        except EOFError:  # nobody is there to be asked
            return ""
