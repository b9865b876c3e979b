"""`manage.py deploy`: the packages of dist/ and the stacks of infrastructure/, to AWS, region by region."""

from argparse import ArgumentTypeError
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account, preflight, stacks
from deployment.drift import TIME_TO_LIVE
from deployment.rollout import GOOD_ANSWERS, Rollout, Stopped
from deployment.stacks import Stack


class Command(BaseCommand):
    help = "Deploy the packages of dist/ (make package) and the stacks of infrastructure/, one region after the other."

    def add_arguments(self, parser: CommandParser) -> None:
        known = list(account.deployed().regions)
        parser.add_argument("--regions", default=",".join(known), help=f"only these: {','.join(known)}")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        parser.add_argument(
            "--parameter", action="append", default=[], metavar="NAME=VALUE", type=_parameter,
            help="for every template that has it, AlarmTopic=… for one; kept by later runs",
        )  # fmt: skip
        lacking = [*stacks.OF_A_REGION, TIME_TO_LIVE]
        parser.add_argument("--leave-out", action="append", default=[], choices=lacking, help="what an emulator lacks")
        parser.add_argument(
            "--good-answers", type=int, default=GOOD_ANSWERS, help="so many in a row before the next region is begun"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        topology = account.deployed()
        account.use_own_credentials()
        rollout = Rollout(
            topology,
            self.stdout.write,
            dict(options["parameter"]),
            frozenset(options["leave_out"]),
            options["good_answers"],
            options["dry_run"],
        )
        try:
            regions = account.regions_named(options["regions"])
            self.stdout.write(f"As {account.who(topology.master)}")
            preflight.check(topology, regions, self.stdout.write, rollout.left_out)
            rollout.run(regions)
        except (account.CannotDeploy, Stopped) as error:
            raise CommandError(str(error)) from error
        except (BotoCoreError, ClientError) as error:  # before the first region, and while looking only
            raise CommandError(f"AWS does not answer: {error}\nNothing was changed.") from error
        self.stdout.write("Nothing was changed." if options["dry_run"] else f"Done: https://{topology.signpost_host}/")


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    names = {
        name
        for template in (*stacks.ONCE, *stacks.OF_A_REGION)
        for name in stacks.template(Stack(template, "")).get("Parameters", {})
    }
    if not equals or name not in names:
        raise ArgumentTypeError(f"“{text}” is not NAME=VALUE with one of {', '.join(sorted(names))}")
    return name, value
