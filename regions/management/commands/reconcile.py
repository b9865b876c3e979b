"""`manage.py reconcile`: compare what has its home here with what the others hold, and copy what they lack."""

import time
from collections.abc import Callable, Collection
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import WrongRegion
from regions import topology
from regions.comparison import Standing, count_of
from regions.reconciliation import Findings, Progress, Reconciliation
from regions.replication import rules
from regions.replicator import Replicator
from regions.restored_home import adopt, rewrite, standing_of

PROGRESS_SECONDS = 2.0
MAX_SHOWN = 50

ADOPT = (
    "bring home the newest whole copy of what others hold newer, or alone: for a home that was restored from a backup. "
    "To be run before the restored region takes traffic again; what it wrote itself since is not touched. "
    "With --key or --yes; --dry-run shows what it would do."
)
REWRITE = (
    "let this home insist: its record gets a version above every copy's and overwrites them; what only copies know is buried "
    "everywhere. What the copies held newer is lost then. With --key or --yes; --dry-run shows what it would do."
)

Decision = Callable[..., str]


class Command(BaseCommand):
    help = (
        "Find what other regions lack of this home, and copy it at once; what a region does not take waits in its backlog. A run "
        "that is ended goes on where it stopped when the same command is given again within two days. Records that are ahead of "
        "this home, or that it does not hold at all, are only told: was this home restored from a backup?"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", nargs="*", help="regions; without any: all others")
        parser.add_argument("--dry-run", action="store_true", help="only say what differs")
        parser.add_argument("--from-start", action="store_true", help="begin anew, wherever an earlier run stopped")
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--adopt", dest="decide", action="store_const", const=adopt, help=ADOPT)
        decision.add_argument("--rewrite", dest="decide", action="store_const", const=rewrite, help=REWRITE)
        parser.add_argument("--yes", action="store_true", help="adopt or rewrite all that is found")
        parser.add_argument(
            "--key", nargs="+", action="append", default=[], metavar="TABLE KEY",
            help="adopt or rewrite only this record: its table and its key's one or two values; may be given again",
        )  # fmt: skip

    def handle(self, *, target: list[str], decide: Decision | None, dry_run: bool, **options: Any) -> None:
        self.decide, self.dry_run = decide, dry_run
        self._check(target, yes=options["yes"], keys=options["key"])
        try:
            if options["key"]:
                self._decide_on(options["key"])
            else:
                self._run(target or list(topology.current().others()), from_start=options["from_start"])
        except WrongRegion as error:
            raise CommandError(f"{error} Run the command there.") from error
        except (BotoCoreError, ClientError) as error:
            raise CommandError(f"Some part of AWS does not answer: {error}. Run it again; it goes on there.") from error

    def _check(self, targets: list[str], *, yes: bool, keys: list[list[str]]) -> None:
        others = topology.current().others()
        if unknown := set(targets) - set(others):
            names = ", ".join(sorted(unknown))
            raise CommandError(f"{names}: not a region other than this; there are {', '.join(others)}.")
        if self.decide and not (yes or keys or self.dry_run):
            raise CommandError("This changes records. Look with --dry-run, then name them with --key or say --yes.")
        if keys and not self.decide:
            raise CommandError("--key goes with --adopt or --rewrite.")

    def _decide_on(self, keys: list[list[str]]) -> None:
        known = rules()
        for table, *key in keys:
            rule = known.get(table)
            if rule is None or len(key) != len(rule.key_names):
                wanted = "; ".join(f"{rule.table} {' '.join(rule.key_names)}" for rule in known.values())
                raise CommandError(f"--key {table} {' '.join(key)}: give a table and its key: {wanted}.")
            self._tell(standing_of(rule, tuple(key), topology=topology.current()))

    def _run(self, targets: list[str], *, from_start: bool) -> None:
        self.told, self.began_at = 0, time.monotonic()
        self.read_before: int | None = None
        self.shown_at = self.began_at
        self.expected = sum(count_of(topology.here(), rule) for rule in rules().values())
        run = Reconciliation(
            topology=topology.current(),
            rules=rules(),
            targets=targets,
            replicator=None if self.dry_run else Replicator(topology=topology.current(), rules=rules()),
            purpose=self.decide.__name__ if self.decide else "repair",
            standing=self._tell_some,
            progress=self._show,
        )
        try:
            progress = run.run(from_start=from_start)
        except KeyboardInterrupt:
            self._say_progress(run.progress)
            raise CommandError("Stopped. The same command goes on here; --from-start begins anew.") from None
        self._sum_up(progress, targets)

    def _tell_some(self, standing: Standing) -> None:
        self.told += 1
        if self.decide or self.told <= MAX_SHOWN:
            self._tell(standing)

    def _tell(self, standing: Standing) -> None:
        what = "not at home" if standing.is_orphan else f"{standing.at_home} at home"
        held = ", ".join(f"{found.version} in {region}" for region, found in standing.held.items()) or "in no region"
        outcome = ""
        if self.decide:
            rule = rules()[standing.table]
            outcome = f": {self.decide(standing, rule, topology=topology.current(), dry_run=self.dry_run)}"
        self.stdout.write(f"  {standing.table} {' '.join(standing.key)}: {what}, {held}{outcome}")

    def _show(self, progress: Progress) -> None:
        if self.read_before is None:
            # The first page, of a run that may go on where another stopped: the rate counts from here.
            self.read_before, self.began_at = progress.read, time.monotonic()
        if time.monotonic() - self.shown_at >= PROGRESS_SECONDS:
            self.shown_at = time.monotonic()
            self._say_progress(progress)

    def _say_progress(self, progress: Progress) -> None:
        found = _counts(_together(progress.findings.values()))
        self.stdout.write(
            f"… at {progress.step or 'the start'}: {found}; {sum(progress.units.values()):.1f} units{self._pace(progress)}"
        )

    def _pace(self, progress: Progress) -> str:
        """How fast this home is read, and how long that still takes by its tables' counts, which AWS takes every six hours."""
        seconds, read = time.monotonic() - self.began_at, progress.read - (self.read_before or 0)
        if not read or seconds <= 0 or "@" in progress.step:
            return ""
        minutes_left = max(0, self.expected - progress.read) * seconds / read / 60
        return f"; {read / seconds:.0f} records/s, about {minutes_left:.0f} min left"

    def _sum_up(self, progress: Progress, targets: list[str]) -> None:
        if self.told > MAX_SHOWN and not self.decide:
            self.stdout.write(f"  … and {self.told - MAX_SHOWN} more that are ahead of this home or unknown to it")
        if progress.resumed:
            self.stdout.write("(went on where an earlier run had stopped; the counts are of both)")
        for target in targets:
            by_table = {
                name.partition("@")[0]: found
                for name, found in progress.findings.items()
                if name.endswith(f"@{target}")
            }
            total = _together(by_table.values())
            done = "would be copied" if self.dry_run else "copied"
            if total.waiting:
                done = f"copied except {total.waiting} that wait in the backlog"
            self.stdout.write(
                f"{target}: {total.compared} compared, {total.behind} missing or older {done}, "
                f"{total.ahead} ahead of this home, {total.orphans} unknown to it"
            )
            for table, found in by_table.items() if len(by_table) > 1 else ():
                self.stdout.write(f"  {table}: {_counts(found)}")
        spent = ", ".join(f"{region} {units:.1f}" for region, units in progress.units.items())
        self.stdout.write(f"Capacity units read: {spent}")
        if progress.lost:
            lost = ", ".join(f"{region} ({reason})" for region, reason in progress.lost.items())
            raise CommandError(f"Without an answer: {lost}. Run it again for them when they are back.")


def _together(findings: Collection[Findings]) -> Findings:
    return Findings(*(sum(getattr(found, name) for found in findings) for name in Findings.__dataclass_fields__))


def _counts(found: Findings) -> str:
    parts = [f"{found.compared} compared", f"{found.behind} missing or older"]
    parts += [f"{found.ahead} ahead"] if found.ahead else []
    parts += [f"{found.orphans} unknown to home"] if found.orphans else []
    return ", ".join(parts)
