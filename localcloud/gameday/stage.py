"""What a scenario can do to the running cloud, and to whom. Everything that it does is undone by `heal`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud import aws, faults
from localcloud.faults import LinkFault, PumpFault
from localcloud.gameday.plan import Planned
from localcloud.gameday.witness import Witness
from localcloud.layout import ROOT, Layout
from localcloud.processes import CloudError, send
from regions import topology
from regions.backlog import queue_name

KINDS = ("web", "worker", "aws")
COMMAND_SECONDS = 120


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

    @property
    def sibling(self) -> str:
        """Another region of its jurisdiction: the one that takes over."""
        members = topology.current().members(topology.current().jurisdiction_of(self.region))
        return members[(members.index(self.region) + 1) % len(members)]

    def check(self, holds: bool, fact: str) -> None:
        (self.facts if holds else self.failures).append(fact)

    def freeze(self, *kinds: str) -> None:
        self._signal(kinds or KINDS, signal.SIGSTOP)

    def thaw(self, *kinds: str) -> None:
        self._signal(kinds or KINDS, signal.SIGCONT)

    def inject(
        self,
        *,
        links: Mapping[tuple[str, str], LinkFault] | None = None,
        pumps: Mapping[str, PumpFault] | None = None,
    ) -> None:
        """These faults and no others; links by source and target. In force when this returns."""
        named = {faults.link_name(*pair): fault for pair, fault in (links or {}).items()}
        faults.Faults(self.seed, named, pumps or {}).write(self.layout.faults_file)
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

    def waiting(self, home: str, target: str) -> int:
        """How many entries a home's backlog for a target holds."""
        sqs = aws.client("sqs", self.layout, home)
        url = sqs.get_queue_url(QueueName=queue_name(target))["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def pid(self, kind: str, region: str | None = None) -> int:
        state = json.loads(self.layout.state_file.read_text())
        pid: int = state["regions"][region or self.region][kind]
        return pid

    def wait_for_worker(self, after: int, *, seconds: float = 20) -> None:
        """Until the region's worker is another process."""
        deadline = time.monotonic() + seconds
        while self.pid("worker") == after:
            if time.monotonic() > deadline:
                raise CloudError(f"The worker of {self.region} was killed and not started again within {seconds:g} s.")
            time.sleep(0.1)

    def _signal(self, kinds: tuple[str, ...], number: signal.Signals) -> None:
        for kind in kinds:
            send(self.pid(kind), number)
