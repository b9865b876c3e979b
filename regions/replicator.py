"""Making the copies that `regions.replication` plans. Nothing here waits for a region that is away, or for one bad record.

What a region does not take becomes an entry of its backlog, and the batch is done. Draining copies the home's current record,
under the same condition; comparing finds what a region lacks. So a region that is down, a record that cannot be written and a
repair are one mechanism.
"""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core.events import WARNING, event
from regions import aws, backlog
from regions.aws import error_code
from regions.backlog import Entry
from regions.breaker import Breaker
from regions.comparison import Key, behind, copies_to_compare, current_images, scan, versions_in
from regions.heartbeat import is_heartbeat
from regions.puts import grouped, is_away, put, put_together
from regions.replication import Copy, Image, Rule, copies_of, key_of, newest, plan, table_of
from regions.topology import Topology

PARALLEL_PUTS = 24  # per target region
MANY = 50
"""So many copies for a region are put in transactions: that is several times faster, and costs twice as much."""
GRACE_SECONDS = 1.0
"""A region may take three times as long as the fastest for a batch, and this; what it has not taken then waits in its backlog."""
DRAIN_SECONDS = 40.0  # a turn of draining ends then; on Lambda it must, before it is ended
BREAKER_SECONDS = 5.0
PROBE_SECONDS = 0.5  # a region that has failed has to answer so fast before it is relied upon again


@dataclass
class Report:
    """What came of a batch, counted per target region; `missed` is in the backlog."""

    written: Counter[str] = field(default_factory=Counter)
    stale: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)


class Pace:
    """How long a batch may take: the first region that has taken all of it says so. If all are slow, it is we who are."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._until = float("inf")

    def is_over(self) -> bool:
        return time.monotonic() > self._until

    def done(self) -> None:
        now = time.monotonic()
        self._until = min(self._until, now + 2 * (now - self._began) + GRACE_SECONDS)


class Replicator:
    """Copies what has its home in `topology.here` to the other regions. One per process; keeps its threads."""

    def __init__(self, *, topology: Topology, rules: Mapping[str, Rule]) -> None:
        self.topology = topology
        self.rules = rules
        self.breakers = {region: Breaker(open_seconds=BREAKER_SECONDS) for region in topology.others()}
        self._empty: set[str] = set()  # the regions whose backlog was seen to be empty, and has given nothing since
        self._targets = ThreadPoolExecutor(len(topology.regions), thread_name_prefix="target")
        self._puts = {
            region: ThreadPoolExecutor(PARALLEL_PUTS, thread_name_prefix=region) for region in topology.others()
        }

    def replicate(self, records: Iterable[Mapping[str, Any]]) -> Report:
        """Copy a batch of stream records. Raises only when neither a region nor the backlog took a copy.

        Also for a table that this release does not know: only that table's stream waits, until a release that does is there.
        """
        report = Report()
        copies: list[Copy] = []
        unread: list[Entry] = []
        for record in records:
            rule = self.rules[table_of(record)]
            try:
                copies += plan(record, rules=self.rules, topology=self.topology)
            except (KeyError, ValueError):
                key = key_of(record["dynamodb"]["NewImage"], rule)
                unread.append(backlog.entry(rule.table, key, "nobody can read it: no home or no version"))
        by_region: dict[str, list[Copy]] = {region: [] for region in self.topology.others()}
        for copy in newest(copies):
            by_region[copy.region].append(copy)
        copy_or_keep = partial(self._copy_or_keep, unread=unread, report=report, pace=Pace())
        list(self._targets.map(copy_or_keep, by_region, by_region.values()))
        return report

    def drain(self, region: str) -> Report:
        """Copy what waits in a region's backlog, until it is empty, all of it is hidden, or the region is away."""
        report = Report()
        if self.breakers[region].has_failed and not answers(region):
            # Said anew at every turn of the clock, so that no batch of a stream has to find it out by waiting.
            self.breakers[region].failed()
            return report
        self.breakers[region].succeeded()
        left: list[Entry] = []
        until = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < until and self.breakers[region].allows() and (entries := backlog.receive(region)):
            self._empty.discard(region)
            missed = {(found.table, found.key) for found in self._copy_again(region, entries, report)}
            left += [found for found in entries if (found.table, found.key) in missed]
            backlog.settle(region, [found for found in entries if (found.table, found.key) not in missed])
        backlog.renew(region, left)
        if region not in self._empty and backlog.remember(region, left):
            self._empty.add(region)
        return report

    def catch_up(self, region: str) -> Report:
        """Copy at once what a comparison finds, page by page; raises when the region does not answer."""
        report = Report()
        for rule in self.rules.values():
            for page in scan(self.topology.here, rule, whole=True):
                copies = copies_to_compare(page["Items"], rule, self.topology, region)
                held, _ = versions_in(region, rule, [copy.key for copy in copies])
                self.copy_at_once(region, behind(copies, held), report)
        return report

    def copy_at_once(self, region: str, copies: Sequence[Copy], report: Report) -> int:
        """Put what a comparison has just read at home; how many were not taken, and wait in the region's backlog instead.

        What home changes meanwhile comes through the stream, and these, being older, never overwrite it.
        """
        missed = self._put_all(region, copies, report, Pace())
        backlog.add(region, missed)
        return len(missed)

    def _copy_or_keep(
        self, region: str, copies: list[Copy], *, unread: list[Entry], report: Report, pace: Pace
    ) -> None:
        missed = self._put_all(region, copies, report, pace)
        if copies and not missed:
            pace.done()
        # A heartbeat that is lost is followed by the next.
        backlog.add(region, [found for found in missed if not is_heartbeat(found.key)] + unread)

    def _copy_again(self, region: str, entries: Sequence[Entry], report: Report) -> list[Entry]:
        """Copy the home's current records of these entries; those that were not taken."""
        missed: list[Entry] = []
        wanted: dict[str, set[Key]] = {}
        for found in entries:
            rule = self.rules.get(found.table)
            if rule and len(found.key) == len(rule.key_names):
                wanted.setdefault(found.table, set()).add(found.key)
            else:
                # Of another release, or damaged: kept, and seen, until somebody decides.
                missed.append(found)
                report.missed[region] += 1
        for table, keys in wanted.items():
            copies, lost = self._current_copies(region, self.rules[table], sorted(keys))
            report.missed[region] += len(lost)
            missed += lost + self._put_all(region, copies, report, Pace())
        return missed

    def _current_copies(self, region: str, rule: Rule, keys: list[Key]) -> tuple[list[Copy], list[Entry]]:
        """What these keys are at home now, as copies for a region; and what cannot be copied: unreadable, or gone at home."""
        copies: list[Copy] = []
        lost: list[Entry] = []
        images, refused = self._current_images(rule, keys)
        for image in images:
            try:
                copies += copies_of(image, rule=rule, topology=self.topology, to=[region])
            except (KeyError, ValueError):
                lost.append(backlog.entry(rule.table, key_of(image, rule), "nobody can read it: no home or no version"))
        gone = sorted(set(keys) - {key_of(image, rule) for image in images} - set(refused))
        # What is nowhere any longer (a tombstone that had its time) is done with. What only the copy knows is for a person.
        lost += [backlog.entry(rule.table, key, "gone at home") for key in self._alive(region, rule, gone)]
        return copies, lost + [backlog.entry(rule.table, key, "no valid key") for key in refused]

    def _alive(self, region: str, rule: Rule, keys: list[Key]) -> list[Key]:
        """Those that a region holds, and not as a tombstone; all of them when it does not answer."""
        try:
            held, _ = versions_in(region, rule, keys)
        except (BotoCoreError, ClientError):
            return keys
        return [key for key in held if not held[key].is_tombstone]

    def _current_images(self, rule: Rule, keys: list[Key]) -> tuple[list[Image], list[Key]]:
        """The items of these keys, and the keys that the store calls invalid: one such refuses all that are asked with it."""
        try:
            return current_images(self.topology.here, rule, keys), []
        except ClientError as error:
            if error_code(error) != "ValidationException":
                raise
            if len(keys) == 1:
                return [], keys
        answers = [self._current_images(rule, [key]) for key in keys]
        return [image for images, _ in answers for image in images], [key for _, bad in answers for key in bad]

    def _put_all(self, region: str, copies: Sequence[Copy], report: Report, pace: Pace) -> list[Entry]:
        """Put what the region takes at this pace; the rest as entries for its backlog."""
        breaker = self.breakers[region]
        failures: list[str] = []

        def attempt(copy: Copy) -> bool | Entry:
            if not breaker.allows():
                return backlog.entry(copy.table, copy.key, f"{region} is away")
            began = time.monotonic()
            if pace.is_over():
                breaker.failed()
                return backlog.entry(copy.table, copy.key, f"{region} is slow")
            try:
                taken = put(copy)
            except (BotoCoreError, ClientError) as error:
                failures.append(error_code(error))  # only that: a message of the store may quote the item
                (breaker.failed if is_away(error) else breaker.succeeded)()
                return backlog.entry(copy.table, copy.key, failures[-1])
            if breaker.has_failed:
                is_slow = time.monotonic() - began > PROBE_SECONDS
                (breaker.failed if is_slow else breaker.succeeded)()
            return taken

        if len(copies) >= MANY:
            copies = self._put_groups(region, copies, report, pace)
        missed: list[Entry] = []
        for outcome in self._puts[region].map(attempt, copies):
            if isinstance(outcome, Entry):
                missed.append(outcome)
            else:
                (report.written if outcome else report.stale)[region] += 1
        for error, count in Counter(
            failures
        ).items():  # a line for all of a kind: a region that is away fails thousands
            event("copies failed", level=WARNING, target=region, error=error, count=count)
        if missed:
            report.missed[region] += len(missed)
        return missed

    def _put_groups(self, region: str, copies: Sequence[Copy], report: Report, pace: Pace) -> list[Copy]:
        """Put many copies in transactions; those of a group that was not taken are left, to be put one by one.

        One that is stale, or cannot be written, refuses its whole group. A region that may be away is asked with a single one.
        """
        breaker = self.breakers[region]

        def attempt(group: list[Copy]) -> bool:
            if breaker.has_failed or pace.is_over():
                return False
            try:
                put_together(group)
            except (BotoCoreError, ClientError) as error:
                if is_away(error):
                    breaker.failed()
                return False
            return True

        left: list[Copy] = []
        groups = list(grouped(copies))
        for group, is_taken in zip(groups, self._puts[region].map(attempt, groups), strict=True):
            if is_taken:
                report.written[region] += len(group)
            else:
                left += group
        return left


def answers(region: str) -> bool:
    """Does the region's store answer, and soon?"""
    client = aws.client(
        "dynamodb", region, connect_timeout_seconds=PROBE_SECONDS, read_timeout_seconds=PROBE_SECONDS, attempts=1
    )
    try:
        client.list_tables(Limit=1)
    except (BotoCoreError, ClientError):
        return False
    return True
