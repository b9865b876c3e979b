"""`manage.py secrets`: the keys of a jurisdiction's regions, in each region's Secrets Manager."""

import json
import secrets
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from deployment.secrets import Keys, NotNow, Step, first_keys, forgetting, next_step
from regions import aws, topology
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
        jurisdictions = list(topology.current().jurisdictions)
        parser.add_argument(
            "--jurisdiction", action="append", choices=jurisdictions, help="only this one; may be repeated"
        )

    def handle(self, *args: Any, step: str, jurisdiction: list[str] | None, **options: Any) -> None:
        refused = []
        for name in jurisdiction or topology.current().jurisdictions:
            try:
                self._take(step, name)
            except NotNow as error:
                refused.append(f"{name}: {error} Nothing was changed there.")
            except CommandError as error:
                refused.append(f"{name}: {error}")
        if refused:
            raise CommandError("\n".join(refused))

    def _take(self, step: str, jurisdiction: str) -> None:
        """All are read before any is written: a region that is away stops it while nothing has changed."""
        now_seconds = clock.now_ms() // 1000
        stored = {region: _Stored(region) for region in topology.current().members(jurisdiction)}
        keys = {region: secret.keys for region, secret in stored.items()}
        changed_ms = max(secret.changed_ms for secret in stored.values())
        if step == "rotate":
            ago = now_seconds - changed_ms // 1000
            taken = next_step(keys, changed_seconds_ago=ago, now_seconds=now_seconds)
        else:
            taken = first_keys(keys, now_seconds) if step == "init" else forgetting(keys)
        self._write(taken, stored)

    def _write(self, step: Step, stored: "dict[str, _Stored]") -> None:
        operator_keys = [secret.document.get("OPERATOR_KEY") for secret in stored.values()]
        operator_key = next(filter(None, operator_keys), None) or secrets.token_urlsafe(32)
        for region, secret in stored.items():
            if keys := step.keys.get(region):
                secret.write(keys, operator_key)
            self.stdout.write(f"{region}: {step.done if keys else 'is as it was'}")


class _Stored:
    """What a region's secret holds now; raises `CommandError` when it does not answer."""

    def __init__(self, region: str) -> None:
        self.region, self.name = region, f"foodforthought/{region}"
        self.client = aws.client("secretsmanager", region)
        try:
            changed = self.client.describe_secret(SecretId=self.name)["LastChangedDate"]
            text = self._text()
        except (BotoCoreError, ClientError) as error:
            raise CommandError(
                f"{region}: {self.name} cannot be read ({error_code(error)}). Nothing was changed in this jurisdiction. "
                f"Never deployed? manage.py deploy --regions {self.region}. Otherwise wait until the region is back."
            ) from error
        self.changed_ms = clock.from_real_ms(clock.to_ms(changed))
        try:
            self.document = dict(json.loads(text))
        except (ValueError, TypeError):
            raise CommandError(
                f"{region}: {self.name} holds no JSON object. Nothing was changed; mend it first."
            ) from None

    def _text(self) -> str:
        try:
            return str(self.client.get_secret_value(SecretId=self.name)["SecretString"])
        except self.client.exceptions.ResourceNotFoundException:
            return "{}"  # as the template makes it: without a value

    @property
    def keys(self) -> Keys:
        return tuple(self.document.get("SECRET_KEYS") or ())

    def write(self, keys: Keys, operator_key: str) -> None:
        document = {
            **self.document,
            "SECRET_KEYS": keys,
            "OPERATOR_KEY": self.document.get("OPERATOR_KEY") or operator_key,
        }
        try:
            self.client.put_secret_value(SecretId=self.name, SecretString=json.dumps(document))
        except (BotoCoreError, ClientError) as error:
            raise CommandError(
                f"{self.region}: {self.name} cannot be written ({error_code(error)}). Regions before it are changed, which harms "
                "nothing; run the same again."
            ) from error
