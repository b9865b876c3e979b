"""A region's embedded AWS and its worker, as real processes: what is saved when, and that neither outlives its purpose."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import audit, aws, sample_data, worker
from localcloud.layout import Layout
from localcloud.processes import Child, is_free, python, spawn
from localcloud.worker import Worker
from regions.backlog import NotKept
from tests.e2e.store import eventually

REGION = "us-east-1"
TABLE = "foodforthought-operations"


class Region:
    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.child: Child | None = None

    def start(self) -> None:
        self.child = aws.start(self.layout, REGION)
        aws.wait_and_deploy(self.layout, REGION, self.child)

    def save(self) -> None:
        assert self.child
        aws.save(self.layout, REGION, self.child)

    def end(self, number: signal.Signals) -> int:
        assert self.child
        os.killpg(self.child.pid, number)
        return self.child.process.wait(60)

    def put(self, key: str) -> None:
        self._client.put_item(TableName=TABLE, Item={"key": {"S": key}})

    def has(self, key: str) -> bool:
        return "Item" in self._client.get_item(TableName=TABLE, Key={"key": {"S": key}})

    @property
    def _client(self) -> Any:
        return aws.client("dynamodb", self.layout, REGION)


@pytest.fixture
def region(tmp_path: Path) -> Iterator[Region]:
    count = len(Layout().ports())
    port = next(port for port in range(55_000, 60_000, 50) if all(is_free(port + n) for n in range(count)))
    region = Region(Layout(port=port, data=tmp_path))
    region.start()
    yield region
    if region.child and region.child.process.poll() is None:
        region.end(signal.SIGKILL)


def test_what_was_saved_survives_a_kill_and_that_something_was_lost_is_known(region: Region) -> None:
    saves = region.layout.saves(REGION)
    assert saves.newest is None
    region.put("saved")
    region.save()
    region.put("not saved")
    region.end(signal.SIGKILL)
    beginning = aws.begin(region.layout, REGION)
    assert beginning.was_cut_off
    assert beginning.save == saves.newest
    region.start()
    assert region.has("saved")
    assert not region.has("not saved")
    region.put("at the end")
    assert region.end(signal.SIGTERM) == 0
    assert saves.is_complete
    assert not aws.begin(region.layout, REGION).is_restored
    region.start()
    assert region.has("saved")
    assert region.has("at the end")


def test_a_save_is_taken_while_requests_go_on(region: Region) -> None:
    """The state of one moment: whatever was answered before is in it."""
    for number in range(20):
        region.put(str(number))
        assert region.child
        os.kill(region.child.pid, signal.SIGUSR1)
    region.save()
    region.end(signal.SIGKILL)
    aws.begin(region.layout, REGION)
    region.start()
    assert all(region.has(str(number)) for number in range(20))


def test_a_worker_does_not_outlive_its_aws_when_it_is_told_to_end(region: Region) -> None:
    layout = region.layout
    child = spawn(
        f"worker {REGION}",
        python("localcloud.worker"),
        environment=layout.environment(REGION),
        log=layout.logs / "worker.log",
        pid_file=layout.pid_file(f"worker {REGION}"),
    )
    try:
        eventually(lambda: "worker started" in child.log.read_text(), seconds=60)
        region.put("something")
        region.end(signal.SIGKILL)
        told_at = time.monotonic()
        os.killpg(child.pid, signal.SIGTERM)
        child.process.wait(worker.END_SECONDS + 20)
        assert time.monotonic() - told_at < worker.END_SECONDS + 10
    finally:
        child.process.kill()
        child.process.wait()


def test_the_sample_is_kept_and_lost_together_with_its_mark(region: Region) -> None:
    layout, catalog = region.layout, "foodforthought-catalog"

    def dish() -> dict[str, Any]:
        return next(item for item in audit.items(layout, REGION, catalog) if item["sk"]["S"].startswith("item#"))

    assert not sample_data.is_loaded(layout, REGION)
    count = sample_data.load(layout, [REGION], restaurants=2)
    assert sample_data.is_loaded(layout, REGION)
    loaded = audit.items(layout, REGION, catalog)
    assert len(loaded) == count

    changed = {**dish(), "version": {"N": str(sample_data.VERSION + 1)}}
    aws.client("dynamodb", layout, REGION).put_item(TableName=catalog, Item=changed)
    sample_data.load(layout, [REGION], restaurants=2)
    again = audit.items(layout, REGION, catalog)
    assert changed in again, "what is newer stays"
    assert [item for item in again if item != changed] == [item for item in loaded if item["sk"] != changed["sk"]]

    region.end(signal.SIGKILL)
    aws.begin(layout, REGION)
    region.start()
    assert not sample_data.is_loaded(layout, REGION)


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The codes with which a worker would have ended its process."""
    codes: list[int] = []
    monkeypatch.setattr("localcloud.worker.os._exit", codes.append)
    monkeypatch.setattr("localcloud.worker.signal.signal", lambda number, action: None)
    monkeypatch.setattr("localcloud.worker.logging.config.dictConfig", lambda config: None)
    return codes


def test_a_worker_that_is_to_end_gives_up_what_cannot_be_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own AWS may be gone for good; the next start compares."""

    def not_kept(event: Any, context: object) -> None:
        raise NotKept(count=1, target="eu-west-1")

    monkeypatch.setattr(worker, "handler", not_kept)
    monkeypatch.setattr(worker, "DRAIN_SECONDS", 0.0)
    monkeypatch.setattr(Worker, "_next_records", lambda self, table: [record("us-east-1#1")])
    told = Worker()
    told.to_settle = False
    threading.Timer(0.2, told.stopping.set).start()
    assert told._step("foodforthought-orders") == 1


def record(key: str) -> dict[str, Any]:
    return {"dynamodb": {"Keys": {"key": {"S": key}}}}


def test_only_what_somebody_has_written_keeps_a_worker_busy() -> None:
    quiet = Worker()
    since = quiet.written_at
    quiet._note_writes([record("us-east-1#heartbeat"), record("eu-west-1#heartbeat")])
    assert quiet.written_at == since
    quiet._note_writes([record("us-east-1#heartbeat"), record("us-east-1#1")])
    assert quiet.written_at > since


def test_a_worker_that_cannot_go_on_ends(exits: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Worker) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(Worker, "run", broken)
    worker.main()
    assert exits == [1]


def test_a_worker_ends_with_the_first_of_its_threads_that_does(exits: list[int]) -> None:
    def broken(text: str) -> None:
        raise RuntimeError(text)

    Worker()._keeper(broken, "broken").join()
    assert exits == [1]
