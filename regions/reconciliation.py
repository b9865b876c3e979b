"""A comparison of this home with other regions, page by page: what they lack is copied, the rest is told.

One scan of home serves all targets. Then each target is scanned (keys and versions) for orphans: copies of records that this home
does not hold. After every page the place is kept in the `operations` table, so a run that was ended goes on where it stopped.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from regions import aws
from regions.aws import error_code
from regions.comparison import (
    Held,
    Key,
    Standing,
    behind,
    copies_to_compare,
    held_as,
    read_ahead,
    scan,
    units,
    versions_in,
)
from regions.heartbeat import is_heartbeat
from regions.replication import Image, Rule, home_of, key_of
from regions.replicator import Replicator, Report
from regions.topology import Topology

PLACE_SECONDS = 2 * 86400  # an older place is forgotten


@dataclass
class Findings:
    """What a comparison has found of one table in one target: so many records of each kind."""

    compared: int = 0
    behind: int = 0
    waiting: int = 0  # of those behind: not taken at once, and in the backlog
    ahead: int = 0
    orphans: int = 0


@dataclass
class Progress:
    """How far a run is. `step` is a table, or `table@target` where that is scanned for orphans."""

    step: str = ""
    read: int = 0  # records of this home's tables
    after: dict[str, Any] | None = None  # DynamoDB's LastEvaluatedKey within the step
    findings: dict[str, Findings] = field(default_factory=dict)  # by `table@target`
    units: dict[str, float] = field(default_factory=dict)  # capacity units read, by region
    lost: dict[str, str] = field(default_factory=dict)  # targets that stopped answering, with the reason
    resumed: bool = False

    def spend(self, region: str, spent: float) -> None:
        self.units[region] = self.units.get(region, 0.0) + spent

    def findings_of(self, rule: Rule, target: str) -> Findings:
        return self.findings.setdefault(_name(rule, target), Findings())


class Reconciliation:
    """One run; dry when it has no replicator to copy with.

    `standing` is told of every record that is ahead of home or an orphan; without it orphans are not looked for, which would take
    reading the targets' tables. `progress` is told after every page.
    """

    def __init__(
        self,
        *,
        topology: Topology,
        rules: Mapping[str, Rule],
        targets: Sequence[str],
        replicator: Replicator | None,
        purpose: str = "repair",
        standing: Callable[[Standing], None] | None,
        progress: Callable[[Progress], None],
    ) -> None:
        self.topology = topology
        self.rules = rules
        self.targets = list(targets)
        self.replicator = replicator
        self.tell = standing
        self.show = progress
        self.place_key = f"reconcile#{purpose}{'' if replicator else '#dry'}#{','.join(targets)}"
        self.progress = Progress()

    def run(self, *, from_start: bool = False) -> Progress:
        """To the end, or until this home's own AWS fails (then it raises, and the next run goes on). Targets that stop answering
        are left out from then on and named in `lost`."""
        if not from_start:
            self.progress = self._kept_place() or self.progress
        with ThreadPoolExecutor(len(self.targets) + 1) as pool:
            for rule, target in self._steps():
                step = _name(rule, target)
                has_begun = self.progress.step == step
                if has_begun and self.progress.after is None:
                    continue  # its last page was done when the run before this one was ended
                after = self.progress.after if has_begun else None
                pages = self._find_orphans(rule, target, after, pool) if target else self._compare(rule, after, pool)
                for page in pages:
                    self.progress.step = step
                    self.progress.after = page.get("LastEvaluatedKey")
                    self._keep_place()
                    self.show(self.progress)
        self._forget_place()
        return self.progress

    def _steps(self) -> list[tuple[Rule, str | None]]:
        """What is left: home's tables, then the tables of each target."""
        searched = (None, *self.targets) if self.tell else (None,)
        steps = [(rule, target) for target in searched for rule in self.rules.values()]
        names = [_name(*step) for step in steps]
        return steps[names.index(self.progress.step) if self.progress.step else 0 :]

    def _compare(self, rule: Rule, after: dict[str, Any] | None, pool: ThreadPoolExecutor) -> Iterator[dict[str, Any]]:
        """Each page of home against all targets, side by side."""
        for page in read_ahead(scan(self.topology.here, rule, after=after, whole=True), pool):
            self.progress.spend(self.topology.here, units(page))
            targets = self._answering()
            against = partial(self._against, rule=rule, images=page["Items"])
            newer: dict[Key, dict[str, Held]] = {}
            for target, found in zip(targets, pool.map(against, targets), strict=True):
                for key, held in found.items():
                    newer.setdefault(key, {})[target] = held
            self._tell_of_ahead(rule, newer)
            self.progress.read += len(page["Items"])
            yield page

    def _against(self, target: str, *, rule: Rule, images: Sequence[Image]) -> dict[Key, Held]:
        """What a target lacks is copied; what it holds that is newer than at home is the answer."""
        copies = copies_to_compare(images, rule, self.topology, target)
        answer = self._ask(target, rule, [copy.key for copy in copies])
        if answer is None:
            return {}
        lacking = behind(copies, answer)
        found = self.progress.findings_of(rule, target)
        if self.replicator:
            found.waiting += self.replicator.copy_at_once(target, lacking, Report())
        found.compared += len(copies)
        found.behind += len(lacking)
        return {c.key: answer[c.key] for c in copies if c.key in answer and answer[c.key].version > c.version}

    def _tell_of_ahead(self, rule: Rule, newer: Mapping[Key, dict[str, Held]]) -> None:
        """Home is asked again first: it may have been written, and copied, since the page was read."""
        now = self._at_home(rule, list(newer))
        for key, by_target in newer.items():
            at_home = now[key].version if key in now else None
            ahead = {target: held for target, held in by_target.items() if held.version > (at_home or 0)}
            for target in ahead:
                self.progress.findings_of(rule, target).ahead += 1
            if ahead and self.tell:
                self.tell(Standing(rule.table, key, at_home, ahead))

    def _find_orphans(
        self, rule: Rule, target: str, after: dict[str, Any] | None, pool: ThreadPoolExecutor
    ) -> Iterator[dict[str, Any]]:
        """What a target holds as copies from here, and home does not hold. A tombstone is none: there is nothing to lose."""
        for page in read_ahead(self._pages(rule, target, after), pool):
            ours = [
                item
                for item in page["Items"]
                if "S" in item.get("home", {})
                and home_of(item, self.topology) == self.topology.here
                and "deleted_at" not in item
            ]
            held = {key_of(item, rule): held_as(item) for item in ours if not is_heartbeat(key_of(item, rule))}
            at_home = self._at_home(rule, list(held))
            self._tell_of_orphans(rule, target, {key: held[key] for key in held.keys() - at_home.keys()})
            yield page

    def _pages(self, rule: Rule, target: str, after: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
        """Of a target's table, as long as it answers."""
        if target not in self.progress.lost:
            try:
                for page in scan(target, rule, after=after, whole=False):
                    self.progress.spend(target, units(page))
                    yield page
            except (BotoCoreError, ClientError) as error:
                self.progress.lost[target] = error_code(error)

    def _tell_of_orphans(self, rule: Rule, target: str, orphans: Mapping[Key, Held]) -> None:
        """Each once, with what every target holds of it."""
        self.progress.findings_of(rule, target).orphans += len(orphans)
        elsewhere = {
            other: self._ask(other, rule, sorted(orphans)) or {} for other in self._answering() if other != target
        }
        for key in sorted(orphans):
            held = {target: orphans[key], **{name: found[key] for name, found in elsewhere.items() if key in found}}
            first = next(name for name in self.targets if name in held and not held[name].is_tombstone)
            if target == first and self.tell:
                self.tell(Standing(rule.table, key, None, held))

    def _at_home(self, rule: Rule, keys: Sequence[Key]) -> dict[Key, Held]:
        held, spent = versions_in(self.topology.here, rule, keys, consistent=True)
        self.progress.spend(self.topology.here, spent)
        return held

    def _ask(self, target: str, rule: Rule, keys: Sequence[Key]) -> dict[Key, Held] | None:
        """What a target holds; None, from now on, when it does not answer."""
        try:
            held, spent = versions_in(target, rule, keys)
        except (BotoCoreError, ClientError) as error:
            self.progress.lost[target] = error_code(error)
            return None
        self.progress.spend(target, spent)
        return held

    def _answering(self) -> list[str]:
        return [target for target in self.targets if target not in self.progress.lost]

    # The place: an item of its own per purpose and targets, so that runs of another kind do not take it over.

    def _keep_place(self) -> None:
        kept = {name: value for name, value in asdict(self.progress).items() if name != "resumed"}
        expires_at = clock.expires_at(PLACE_SECONDS)
        item = {"key": self.place_key, "place": json.dumps(kept)}
        aws.client("dynamodb", self.topology.here).put_item(
            TableName=aws.OPERATIONS,
            Item={**{name: {"S": text} for name, text in item.items()}, "expires_at": {"N": str(expires_at)}},
        )

    def _kept_place(self) -> Progress | None:
        item = (
            aws.client("dynamodb", self.topology.here)
            .get_item(TableName=aws.OPERATIONS, Key={"key": {"S": self.place_key}}, ConsistentRead=True)
            .get("Item")
        )
        if item is None or int(item["expires_at"]["N"]) < clock.expires_at(0):
            return None
        kept = json.loads(item["place"]["S"])
        if kept["step"] not in {_name(*step) for step in self._steps()} or "findings" not in kept:
            return None  # of another release
        findings = {name: Findings(**counts) for name, counts in kept.pop("findings").items()}
        return Progress(**kept, findings=findings, resumed=True)

    def _forget_place(self) -> None:
        aws.client("dynamodb", self.topology.here).delete_item(
            TableName=aws.OPERATIONS, Key={"key": {"S": self.place_key}}
        )


def _name(rule: Rule, target: str | None) -> str:
    return f"{rule.table}@{target}" if target else rule.table
