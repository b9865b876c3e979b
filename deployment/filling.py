"""Filling a region before it takes traffic: every other home copies to it what it lacks, all of them at once.

On AWS the homes' workers do it, whose roles may write there, near their tables; on a laptop, where no Lambda runs, a process for
each home: `python -m deployment.filling HOME REGION` writes its answers as lines of JSON.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import boto3
from botocore.config import Config

from core import clock
from deployment import ROOT, account
from regions import aws, heartbeat, topology
from regions.models import MASTER
from regions.replication import rules

LAMBDA_SECONDS = 910  # longer than a function may run
SHOW_SECONDS = 5.0
ARRIVES_SECONDS = 60.0

Answers = Iterator[Mapping[str, Any]]
"""How far a comparison is, again and again, as `foodforthought.stream_worker.reconcile` says it; the last one is `done`."""


class NotFilled(Exception):
    """Why a region cannot take traffic yet."""


@dataclass(frozen=True)
class Way:
    """How homes are told to copy, how to write their heartbeats, and how a region's tables are read."""

    compare: Callable[[str, str], Answers]  # home, region
    beat: Callable[[str], Any]
    dynamodb: Callable[[str], Any]


def fill(region: str, homes: Sequence[str], way: Way, tell: Callable[[str], None]) -> str:
    """Compare and copy; what was done, in words. `NotFilled` when the region has not taken everything; run again, it goes on.

    What is written meanwhile comes through the streams, of which every worker has to know the region before this begins.
    """
    began = time.monotonic()
    with ThreadPoolExecutor(len(homes)) as pool:
        found = list(pool.map(lambda home: _compare(region, home, way, tell), homes))
    if reasons := "; ".join(f"{each.home}: {each.trouble}" for each in found if each.trouble):
        raise NotFilled(f"{region} has not taken everything ({reasons}). The same command goes on.")
    compared, behind = sum(each.compared for each in found), sum(each.behind for each in found)
    rate = compared / max(time.monotonic() - began, 0.001)
    return (
        f"{compared} records of {len(homes)} homes compared, {behind} missing or older and copied; {rate:.0f} records/s"
    )


@dataclass(frozen=True)
class _Found:
    """What a home's records were found to be in the region: so many of each kind."""

    home: str
    compared: int
    behind: int  # missing or older, and copied
    trouble: str


def _compare(region: str, home: str, way: Way, tell: Callable[[str], None]) -> _Found:
    shown_at = time.monotonic()
    progress: Mapping[str, Any] = {}
    for progress in way.compare(home, region):
        if time.monotonic() - shown_at > SHOW_SECONDS and not progress["done"]:
            shown_at = time.monotonic()
            tell(f"… {home}, {progress['step']}: {progress['read']} records read")
    findings = progress["findings"].values()
    compared, behind, waiting = (sum(each[name] for each in findings) for name in ("compared", "behind", "waiting"))
    trouble = progress["lost"].get(region, "") or (f"{waiting} wait in its backlog" if waiting else "")
    return _Found(home, compared, behind, trouble)


def check_streams(region: str, homes: Sequence[str], way: Way) -> None:
    """Have each home write its heartbeats now, and see them come the way that its records come. `NotFilled` when they do not."""
    since_ms = clock.now_ms()
    for home in homes:
        way.beat(home)
    deadline = time.monotonic() + ARRIVES_SECONDS
    while late := _homes_not_heard(region, homes, way, since_ms):
        if time.monotonic() > deadline:
            raise NotFilled(
                f"What {', '.join(late)} writes does not arrive in {region} within a minute: does the worker there run, and know "
                f"of {region}? Deploy that region first."
            )
        time.sleep(0.5)


def _homes_not_heard(region: str, homes: Sequence[str], way: Way, since_ms: int) -> list[str]:
    late = []
    for home in homes:
        for rule in rules().values():
            if rule.homed_at_master and home != topology.current().master:
                continue
            beat = heartbeat.key(MASTER if rule.homed_at_master else home), heartbeat.NAME
            key = {name: {"S": value} for name, value in zip(rule.key_names, beat, strict=False)}
            item = way.dynamodb(region).get_item(TableName=rule.table, Key=key, ConsistentRead=True).get("Item")
            if item is None or int(item["version"]["N"]) < since_ms:
                late.append(home)
                break
    return late


def _by_worker(home: str, region: str) -> Answers:
    """Ask the home's deployed worker, slice by slice."""
    done = False
    while not done:
        progress = _invoke(home, {"reconcile": [region]})
        done = progress["done"]
        yield progress


def _invoke(home: str, event: Mapping[str, Any]) -> Any:
    # A second try would run beside the first. Nothing is said for minutes, which a router on the way takes for the end.
    config = Config(read_timeout=LAMBDA_SECONDS, retries={"total_max_attempts": 1}, tcp_keepalive=True)
    # Homes are asked side by side, and threads may not share a session while it makes a client.
    answer = (
        boto3.session.Session()
        .client("lambda", region_name=home, config=config)
        .invoke(FunctionName=f"foodforthought-worker-{home}", Payload=json.dumps(event))
    )
    result = json.loads(answer["Payload"].read() or "null")
    if "FunctionError" in answer:
        raise NotFilled(f"The worker of {home} failed: {result.get('errorMessage')}. The same command goes on.")
    return result


def _by_process(home: str, region: str) -> Answers:
    """Have it done by a process of this machine."""
    with subprocess.Popen(
        [sys.executable, "-m", "deployment.filling", home, region],
        cwd=ROOT,
        env={**os.environ, "AWS_REGION": home, "DJANGO_SETTINGS_MODULE": "foodforthought.settings"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield from map(json.loads, process.stdout or ())
    if process.returncode:
        raise NotFilled(f"{home} could not be compared; see above. The same command goes on.")


ON_AWS = Way(_by_worker, lambda home: _invoke(home, {"clock": "beat"}), partial(account.client, "dynamodb"))
ON_A_LAPTOP = Way(_by_process, lambda home: None, partial(aws.client, "dynamodb"))
"""Its workers beat every two seconds."""


def compare(home: str, region: str, tell: Callable[[Mapping[str, Any]], None]) -> None:
    """What the deployed worker does, in this process."""
    from regions.reconciliation import Progress, Reconciliation
    from regions.replicator import Replicator

    def answer(progress: Progress, *, done: bool = False) -> None:
        tell({"done": done, **asdict(progress)})

    here = topology.seen_from(home)
    run = Reconciliation(
        topology=here, rules=rules(), targets=[region], replicator=Replicator(topology=here, rules=rules()),
        standing=None, progress=answer,
    )  # fmt: skip
    answer(run.run(), done=True)


if __name__ == "__main__":
    import django

    django.setup()
    compare(sys.argv[1], sys.argv[2], lambda progress: print(json.dumps(progress), flush=True))  # noqa: T201
