"""`manage.py reconcile`: compare what has its home here with what the others hold, and put what they lack into the backlog."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from regions import backlog, topology
from regions.replication import rules
from regions.replicator import Replicator


class Command(BaseCommand):
    help = "Find what other regions lack of this home; the stream worker then copies it out of the backlog."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", nargs="*", help="regions; without any: all others")
        parser.add_argument("--dry-run", action="store_true", help="only say what differs")

    def handle(self, *, target: list[str], dry_run: bool, **options: Any) -> None:
        others = topology.current().others()
        unknown = set(target) - set(others)
        if unknown:
            raise CommandError(
                f"{', '.join(sorted(unknown))}: not a region other than this; there are {', '.join(others)}."
            )
        replicator = Replicator(topology=topology.current(), rules=rules())
        for region in target or others:
            try:
                found = replicator.compare(region)
                if not dry_run:
                    backlog.add(region, found.behind)
            except (BotoCoreError, ClientError) as error:
                raise CommandError(f"{region} does not answer: {error}. Run it again when it is back.") from error
            done = "would go" if dry_run else "went"
            self.stdout.write(
                f"{region}: {found.compared} compared, {len(found.behind)} missing or older {done} into the backlog, "
                f"{len(found.ahead)} ahead of this home; {found.read_units:.1f} capacity units read"
            )
            for table, key in found.ahead:
                self.stdout.write(f"  ahead: {table} {'/'.join(key)}: was this home restored from a backup?")
