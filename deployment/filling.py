"""Filling a region before it takes traffic: every other home copies to it what it lacks, all of them at once.

On AWS the homes' workers do it, whose roles may write there, near their tables; on a laptop, where no Lambda runs, a process for each
home: `python -m deployment.filling HOME REGION` writes its answers as lines of JSON.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from admin_portal.overview import LATE_MS
from deployment import ROOT
from regions import aws, lag, topology

PASSES = 3
LAMBDA_SECONDS = 910  # longer than a function may run
SHOW_SECONDS = 5.0

Answers = Iterator[Mapping[str, Any]]
"""How far a comparison is, again and again, as `foodforthought.stream_worker.reconcile` says it; the last one is `done`."""


class NotFilled(Exception):
    """Why a region cannot take traffic yet."""


@dataclass(frozen=True)
class Comparison:
    """What a home's records were found to be in the region: so many of each kind."""

    home: str
    compared: int
    behind: int  # missing or older, and copied
    waiting: int  # of those: not taken, and in the home's backlog
    lost: str  # why the region stopped answering, if it did


def fill(region: str, *, ask: Callable[[str, str], Answers], say: Callable[[str], None]) -> int:
    """Compare and copy until nothing is missing; how many records there are. `NotFilled` when the region does not take them.

    What is written meanwhile comes through the streams. On a busy day some of that is always under way, so that a comparison finds it
    missing and copies it: the last pass may.
    """
    homes = [name for name in topology.current().regions if name != region]
    for turn in range(1, PASSES + 1):
        began = time.monotonic()
        with ThreadPoolExecutor(len(homes)) as pool:
            found = list(pool.map(lambda home: _compare(home, region, ask, say), homes))
        compared, behind = sum(each.compared for each in found), sum(each.behind for each in found)
        rate = compared / max(time.monotonic() - began, 0.001)
        say(f"Pass {turn}: {compared} compared, {behind} missing or older copied; {rate:.0f} records/s")
        if failed := [each for each in found if each.lost or each.waiting]:
            reasons = ", ".join(f"{each.home}: {each.lost or f'{each.waiting} wait in its backlog'}" for each in failed)
            raise NotFilled(f"{region} has not taken everything ({reasons}). The same command goes on.")
        if not behind:
            break
    return compared


def check_streams(region: str) -> None:
    """`NotFilled` unless what the homes write from now on arrives there by itself."""
    late = {each.home for each in lag.lags(region) if each.worst_ms is None or each.worst_ms > LATE_MS}
    if late:
        raise NotFilled(
            f"What {', '.join(sorted(late))} writes does not arrive in {region} within two minutes: does the worker there know of "
            "it? `manage.py region status` and the operator's page tell what is late."
        )


def by_worker(home: str, region: str) -> Answers:
    """Ask the home's deployed worker, slice by slice."""
    client = aws.client("lambda", home, read_timeout_seconds=LAMBDA_SECONDS, attempts=1)
    done = False
    while not done:
        answer = client.invoke(
            FunctionName=f"foodforthought-worker-{home}", Payload=json.dumps({"reconcile": [region]})
        )
        progress = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise NotFilled(f"The worker of {home} failed: {progress.get('errorMessage')}. The same command goes on.")
        done = progress["done"]
        yield progress


def by_process(home: str, region: str) -> Answers:
    """Have it done by a process of this machine."""
    with subprocess.Popen(
        [sys.executable, "-m", "deployment.filling", home, region],
        cwd=ROOT,
        env={**os.environ, "AWS_REGION": home, "DJANGO_SETTINGS_MODULE": "foodforthought.settings"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout  # noqa: S101 - for mypy
        yield from map(json.loads, process.stdout)
    if process.returncode:
        raise NotFilled(f"{home} could not be compared; see above. The same command goes on.")


def _compare(home: str, region: str, ask: Callable[[str, str], Answers], say: Callable[[str], None]) -> Comparison:
    shown_at, progress = time.monotonic(), None
    for progress in ask(home, region):
        if time.monotonic() - shown_at > SHOW_SECONDS and not progress["done"]:
            shown_at = time.monotonic()
            say(f"… {home} at {progress['step']}: {progress['read']} records read")
    if progress is None:
        raise NotFilled(f"{home} could not be compared. The same command goes on.")
    findings = progress["findings"].values()
    compared, behind, waiting = (sum(each[name] for each in findings) for name in ("compared", "behind", "waiting"))
    return Comparison(home, compared, behind, waiting, progress["lost"].get(region, ""))


def main(home: str, region: str) -> None:
    import django

    django.setup()
    from regions.reconciliation import Progress, Reconciliation
    from regions.replication import rules
    from regions.replicator import Replicator

    def tell(progress: Progress, *, done: bool = False) -> None:
        print(json.dumps({"done": done, **asdict(progress)}), flush=True)

    here = topology.seen_from(home)
    run = Reconciliation(
        topology=here, rules=rules(), targets=[region], replicator=Replicator(topology=here, rules=rules()),
        standing=None, progress=tell,
    )  # fmt: skip
    tell(run.run(), done=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
