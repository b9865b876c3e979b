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
        self.stdout.write(f"As {account.who(region)}. {undeploying.STAYS}")
        if not yes and input(f"Take away everything else of {region}? Type its name: ") != region:
            raise CommandError("Nothing was changed.")
        rollout = Rollout(topology, self.stdout.write)
        try:
            undeploying.check(topology, region)
            for name, step in undeploying.steps(topology, region).items():
                rollout.step(name, step)
        except account.CannotDeploy as error:
            raise CommandError(f"{error}\nWhat was done is done; the same again goes on.") from error
        self.stdout.write(f"{region} is taken away. {undeploying.STAYS}")
