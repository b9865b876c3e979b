"""`manage.py secrets`: the keys of a jurisdiction's regions, in each region's Secrets Manager."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from deployment import account, secret_values
from deployment.secrets import NotNow, first_keys, forgetting, next_step
from regions.aws import error_code

STEPS = {
    "init": "keys for the regions that have none; safe to repeat",
    "rotate": "the next of two steps: every region learns to read a new key, and ten minutes later signs with it",
    "forget": "only the key in use stays: what an older one has signed, baskets too, is lost",
}


class Command(BaseCommand):
    help = "Make or rotate what signs a site's cookies, equal in all regions of a jurisdiction. No key is ever shown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=STEPS, help="; ".join(f"{name}: {what}" for name, what in STEPS.items()))
        jurisdictions = list(account.deployed().jurisdictions)
        parser.add_argument(
            "--jurisdiction", action="append", choices=jurisdictions, help="only this one; may be repeated"
        )

    def handle(self, *args: Any, step: str, jurisdiction: list[str] | None, **options: Any) -> None:
        account.use_own_credentials()
        refused = []
        for name in jurisdiction or account.deployed().jurisdictions:
            try:
                self._take(step, name)
            except NotNow as error:
                refused.append(f"{name}: {error} Nothing was changed there.")
            except account.CannotDeploy as error:
                refused.append(f"{name}: {error}")
        if refused:
            raise CommandError("\n".join(refused))

    def _take(self, step: str, jurisdiction: str) -> None:
        """All are read before any is written: a region that is away stops it while nothing has changed."""
        now_seconds = clock.now_ms() // 1000
        read = {region: _read(region) for region in account.deployed().members(jurisdiction)}
        held = {region: value for region, (value, _) in read.items()}
        keys = {region: secret_values.keys_of(value) for region, value in held.items()}
        if step == "rotate":
            ago = now_seconds - max(changed for _, changed in read.values())
            taken = next_step(keys, changed_seconds_ago=ago, now_seconds=now_seconds)
        else:
            taken = first_keys(keys, now_seconds) if step == "init" else forgetting(keys)
        secret_values.write(taken, held)
        for region in held:
            self.stdout.write(f"{region}: {taken.done if region in taken.keys else 'is as it was'}")


def _read(region: str) -> tuple[dict[str, Any] | None, int]:
    """What its secret holds, and when it was changed."""
    try:
        return secret_values.value(region), secret_values.changed_at_seconds(region)
    except (BotoCoreError, ClientError) as error:
        raise account.CannotDeploy(
            f"{region}: {secret_values.name(region)} cannot be read ({error_code(error)}). Nothing was changed in this "
            f"jurisdiction. Never deployed? manage.py deploy --regions {region}. Otherwise wait until the region is back."
        ) from error
