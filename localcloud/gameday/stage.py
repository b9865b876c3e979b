"""What a scenario can do to the running cloud, and to whom. Everything that it does is undone by `heal`."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from localcloud import audit, aws, faults
from localcloud.faults import LinkFault, PumpFault
from localcloud.gameday.plan import Planned
from localcloud.gameday.witness import Witness
from localcloud.joining import running_state
from localcloud.layout import ROOT, Layout
from localcloud.processes import CloudError, send
from regions import topology
from regions.backlog import queue_name
from regions.replication import rules

KINDS = ("web", "worker", "aws")
COMMAND_SECONDS = 120
BATCH_WRITES = 25  # DynamoDB's limit
MISSING = re.compile(r"(\d+) missing or older copied")  # what `manage.py reconcile` says of a region


@dataclass
class Stage:
    """`region` is the one that the fault is about; what a scenario finds out goes into `facts` and `failures`."""

    layout: Layout
    region: str
    seed: int
    witness: Witness
    plan: list[Planned]
    tokens: list[str]
    menus: dict[str, dict[str, Any]]
    facts: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    in_force: faults.Faults = faults.NONE

    @property
    def sibling(self) -> str:
        """Another region of its jurisdiction: the one that takes over."""
        members = topology.current().members(topology.current().jurisdiction_of(self.region))
        return members[(members.index(self.region) + 1) % len(members)]

    def check(self, holds: bool, fact: str) -> None:
        (self.facts if holds else self.failures).append(fact)

    def freeze(self, *kinds: str) -> None:
        pids = {f"{kind} {self.region}": self.pid(kind) for kind in kinds or KINDS}
        self._set(replace(self.in_force, frozen={**self.in_force.frozen, **pids}))
        for pid in pids.values():
            send(pid, signal.SIGSTOP)

    def thaw(self, *kinds: str) -> None:
        frozen = dict(self.in_force.frozen)
        names = [f"{kind} {self.region}" for kind in kinds or KINDS]
        faults.thaw([frozen.pop(name) for name in names if name in frozen])
        self._set(replace(self.in_force, frozen=frozen))

    def inject(
        self,
        *,
        links: Mapping[tuple[str, str], LinkFault] | None = None,
        pumps: Mapping[str, PumpFault] | None = None,
    ) -> None:
        """These faults and no others, but for what is frozen; links by source and target. In force when this returns."""
        named = {faults.link_name(*pair): fault for pair, fault in (links or {}).items()}
        self._set(faults.Faults(self.seed, named, pumps or {}, self.in_force.frozen))
        time.sleep(2 * faults.LOOK_SECONDS)

    def heal(self) -> None:
        self.inject()
        self.thaw()

    def manage(self, *arguments: str, region: str) -> tuple[bool, str]:
        """A `manage.py` command as an operator in that region would give it: whether it succeeded, what it said."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **self.layout.cloud_environment(), "AWS_REGION": region},
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        return done.returncode == 0, done.stdout + done.stderr

    def reconcile(self, *targets: str) -> int:
        """Compare from every region (but the targets) at once; how many records were missing or older."""
        homes = [name for name in topology.current().regions if name not in targets]
        found = 0
        with ThreadPoolExecutor(len(homes)) as pool:
            for done, words in pool.map(lambda home: self.manage("reconcile", *targets, region=home), homes):
                if not done:
                    raise CloudError(f"reconcile did not work: {words}")
                found += sum(int(count) for count in MISSING.findall(words))
        return found

    def orders(self, region: str) -> dict[str, Any]:
        """Key → order, as a region has them."""
        return {item["key"]["S"]: item for item in audit.items(self.layout, region, audit.ORDERS)}

    def catalogue(self) -> dict[str, list[str]]:
        """Region → all that it holds of the catalogue."""
        table = next(rule.table for rule in rules().values() if rule.homed_at_master)
        return {name: sorted(map(str, audit.items(self.layout, name, table))) for name in topology.current().regions}

    def remove_copies(self) -> int:
        """Remove what the region has copied from others; how many items. Its own records would be lost."""
        client = aws.client("dynamodb", self.layout, self.region)
        removed = 0
        for rule in rules().values():
            items = audit.items(self.layout, self.region, rule.table)
            keys = [{n: i[n] for n in rule.key_names} for i in items if audit.home_of(i) != self.region]
            requests = [{"DeleteRequest": {"Key": key}} for key in keys]
            for start in range(0, len(requests), BATCH_WRITES):
                client.batch_write_item(RequestItems={rule.table: requests[start : start + BATCH_WRITES]})
            removed += len(keys)
        return removed

    def waiting(self, home: str, target: str) -> int:
        """How many entries a home's backlog for a target holds."""
        sqs = aws.client("sqs", self.layout, home)
        url = sqs.get_queue_url(QueueName=queue_name(target))["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def pid(self, kind: str) -> int:
        """Of the region's process; 0 while it is being started again."""
        state = running_state(self.layout)
        if state is None:
            raise CloudError("The laptop cloud has ended.")
        pid: int = state["regions"][self.region].get(kind, 0)
        return pid

    def wait_for_worker(self, after: int, *, seconds: float = 20) -> None:
        """Until the region's worker is another process."""
        deadline = time.monotonic() + seconds
        while self.pid("worker") in (0, after):
            if time.monotonic() > deadline:
                raise CloudError(f"The worker of {self.region} was killed and not started again within {seconds:g} s.")
            time.sleep(0.1)

    def _set(self, wanted: faults.Faults) -> None:
        """In the file before anything is frozen: the supervisor repairs from it what a game day leaves behind."""
        self.in_force = wanted
        wanted.write(self.layout.faults_file)
