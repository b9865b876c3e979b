"""`manage.py deploy`: the packages of dist/ and the stacks of infrastructure/, to AWS, region by region."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from deployment import account, preflight, stacks
from deployment.drift import TIME_TO_LIVE
from deployment.rollout import GOOD_ANSWERS, Rollout, Stopped


class Command(BaseCommand):
    help = "Deploy the packages of dist/ (make package) and the stacks of infrastructure/, one region after the other."

    def add_arguments(self, parser: CommandParser) -> None:
        known = list(account.deployed().regions)
        parser.add_argument(
            "--regions", type=lambda text: text.split(","), default=known, help=f"only these: {','.join(known)}"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and change nothing")
        parser.add_argument(
            "--parameter", action="append", default=[], metavar="NAME=VALUE",
            help="for every template that has it, AlarmTopic=… for one; kept by later runs",
        )  # fmt: skip
        lacking = [*stacks.OF_A_REGION, TIME_TO_LIVE]
        parser.add_argument("--leave-out", action="append", default=[], choices=lacking, help="what an emulator lacks")
        parser.add_argument(
            "--good-answers", type=int, default=GOOD_ANSWERS, help="so many in a row before the next region is begun"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        topology = account.deployed()
        if unknown := set(options["regions"]) - set(topology.regions):
            raise CommandError(
                f"regions.toml has no {', '.join(sorted(unknown))}; it has {', '.join(topology.regions)}."
            )
        given = dict(entry.partition("=")[::2] for entry in options["parameter"])
        if strange := given.keys() - stacks.all_parameters(topology.master):
            raise CommandError(f"No template has a parameter {', '.join(sorted(strange))}. Nothing was changed.")
        account.use_own_credentials()
        rollout = Rollout(
            topology,
            self.stdout.write,
            given,
            frozenset(options["leave_out"]),
            options["good_answers"],
            options["dry_run"],
        )
        try:
            self.stdout.write(f"As {account.who(topology.master)}")
            preflight.check(topology, options["regions"], self.stdout.write, rollout.left_out)
            rollout.run(options["regions"])
        except (account.CannotDeploy, Stopped) as error:
            raise CommandError(str(error)) from error
        except (BotoCoreError, ClientError) as error:  # before the first region, and while looking only
            raise CommandError(f"AWS does not answer: {error}\nNothing was changed.") from error
        self.stdout.write("Nothing was changed." if options["dry_run"] else "Done.")
