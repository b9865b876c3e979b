"""`manage.py backlog`: what this region could not copy to the others yet, why, and to try it again now."""

from collections import Counter
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from regions import backlog, topology
from regions.comparison import current_images, versions_in
from regions.replication import Rule, rules
from regions.replicator import Replicator

MAX_SHOWN = 50


class Command(BaseCommand):
    help = "List what waits to be copied from this region, explain it by versions, or redrive it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "explain", "redrive"])
        parser.add_argument("target", nargs="?", choices=list(topology.current().regions), help="without one: all")

    def handle(self, *, what: str, target: str | None, **options: Any) -> None:
        try:
            for region in [target] if target else topology.current().regions:
                {"list": self._list, "explain": self._explain, "redrive": self._redrive}[what](region)
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"Some part of AWS does not answer: {error}. Nothing was lost.") from error

    def _list(self, region: str) -> None:
        what = " (twins to be settled here)" if region == topology.here() else ""
        self.stdout.write(f"{region}{what}: {backlog.count(region)} waiting")

    def _explain(self, region: str) -> None:
        """Looks at entries without holding them; what is hidden by a try of the last seconds is not seen."""
        self._list(region)
        entries = _peek(region)
        for reason, count in Counter(entry.reason for entry in entries).most_common():
            self.stdout.write(f"  {count} because of {reason}")
        for entry in entries:
            rule = rules().get(entry.table)
            if rule is None or len(entry.key) != len(rule.key_names):
                self.stdout.write(
                    f"  {entry.table} {'/'.join(entry.key)[:200]}: this release knows no such table or key"
                )
                continue
            images = current_images(topology.here(), rule, [entry.key])
            there = _version_there(region, rule, entry.key)
            here = images[0].get("version", {}).get("N", "no version") if images else "nothing"
            age = (clock.now_ms() - entry.since_ms) // 1000
            self.stdout.write(f"  {entry.table} {'/'.join(entry.key)}: {here} here, {there} there, since {age} s")

    def _redrive(self, region: str) -> None:
        if region == topology.here():
            self._list(region)  # the worker settles them at every turn of its clock
            return
        report = Replicator(topology=topology.current(), rules=rules()).drain(region)
        self.stdout.write(
            f"{region}: {report.written[region]} copied, {report.stale[region]} were there already, "
            f"{report.missed[region]} not taken; {backlog.count(region)} waiting"
        )


def _version_there(region: str, rule: Rule, key: tuple[str, ...]) -> str:
    try:
        held, _ = versions_in(region, rule, [key])
        return str(held[key].version) if key in held else "nothing"
    except (BotoCoreError, ClientError):
        return "no answer"


def _peek(region: str) -> list[backlog.Entry]:
    seen: dict[tuple[str, tuple[str, ...]], backlog.Entry] = {}
    while len(seen) < MAX_SHOWN:
        # One second: long enough not to be given the same ones again, short enough not to be in anybody's way.
        entries = backlog.receive(region, hide_seconds=1)
        fresh = [entry for entry in entries if (entry.table, entry.key) not in seen]
        if not fresh:
            break
        seen |= {(entry.table, entry.key): entry for entry in fresh}
    return list(seen.values())[:MAX_SHOWN]
