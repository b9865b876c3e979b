"""What the supervisor does when something dies: its own region only, in order, and again when it does not work."""

import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pytest

from core import clock
from localcloud.layout import Layout
from localcloud.processes import CloudError
from localcloud.supervisor import LATE_LOOKS, Supervisor

HERE, OTHER = "us-east-1", "eu-west-1"


class Dead:
    """A child that has ended."""

    log = Path("log")

    def end(self) -> str:
        return "was killed (SIGKILL)"

    def check_alive(self) -> None:
        raise CloudError(self.end())


class Living:
    """A child that has not."""

    def check_alive(self) -> None:
        pass


class Children:
    """In the place of real processes: what has died, who is frozen, and what was done."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.by_name: dict[str, Dead | Living] = {}
        self.dead: list[str] = []
        self.frozen: set[str] = set()
        self.unable: dict[str, Exception] = {}
        self.done: list[str] = []

    def take_dead(self) -> dict[str, Dead]:
        dead, self.dead = self.dead, []
        return {name: Dead() for name in dead}

    def is_frozen(self, region: str) -> bool:
        return region in self.frozen

    def has_aws(self, region: str) -> bool:
        return region not in self.frozen

    def spawn(self, name: str) -> None:
        self._do(f"spawn {name}", name)

    def stop_region(self, region: str) -> None:
        self.done.append(f"stop {region}")

    def have_compared(self, but: Collection[str] = ()) -> None:
        self.done.append(f"all but {', '.join(but)} compare")

    def open(self, regions: Sequence[str], *, is_first: bool) -> None:
        for region in regions:
            self._do(f"open {region}", region)

    def _do(self, what: str, name: str) -> None:
        self.done.append(what)
        if error := self.unable.pop(name, None):
            raise error


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def children(tmp_path: Path) -> Children:
    return Children(Layout(data=tmp_path))


@pytest.fixture
def supervisor(children: Children, now: list[float]) -> Supervisor:
    supervisor = Supervisor(children.layout, near=HERE)
    supervisor.children = supervisor.opening = children  # type: ignore[assignment]
    supervisor.is_ready = True
    return supervisor


@pytest.mark.parametrize("name", ["router", "links", "gazetteer", f"web {HERE}", f"worker {HERE}"])
def test_what_has_died_is_started_again_alone(supervisor: Supervisor, children: Children, name: str) -> None:
    children.dead = [name]
    supervisor._look_after_children()
    supervisor._look_after_children()
    assert children.done == [f"spawn {name}"]


def test_a_gazetteer_that_does_not_start_stops_nothing_else(
    supervisor: Supervisor, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    def starts(name: str) -> None:
        children._do(f"spawn {name}", name)
        children.by_name[name] = Living() if name != "gazetteer" else Dead()

    monkeypatch.setattr(children, "spawn", starts)
    monkeypatch.setattr("localcloud.supervisor.wait_for", lambda url, child, *, seconds: child.check_alive())
    supervisor._start()
    assert children.done[-1] == "spawn router" and supervisor.is_ready


def test_a_region_without_its_aws_is_closed_and_opened_anew(supervisor: Supervisor, children: Children) -> None:
    children.dead = [f"aws {HERE}", f"worker {HERE}", f"web {OTHER}"]
    supervisor._look_after_children()
    opened = [f"stop {HERE}", f"open {HERE}", f"all but {HERE} compare"]
    assert children.done == [f"spawn web {OTHER}", *opened], "its worker is opened with it"
    supervisor._look_after_children()
    assert len(children.done) == 4


def test_a_frozen_region_stays_as_it_is_until_it_is_thawed(supervisor: Supervisor, children: Children) -> None:
    children.frozen = {OTHER}
    children.dead = [f"worker {OTHER}", f"worker {HERE}"]
    supervisor._look_after_children()
    assert children.done == [f"spawn worker {HERE}"]
    children.frozen = set()
    supervisor._look_after_children()
    assert children.done[1:] == [f"spawn worker {OTHER}"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), CloudError("it runs already")])
def test_what_cannot_be_started_is_tried_later(
    supervisor: Supervisor, children: Children, now: list[float], error: Exception
) -> None:
    children.unable = {f"web {HERE}": error}
    children.dead = [f"web {HERE}"]
    supervisor._look_after_children()
    supervisor._look_after_children()
    assert children.done == [f"spawn web {HERE}"]
    now[0] += 1.1
    supervisor._look_after_children()
    assert children.done == [f"spawn web {HERE}"] * 2


def test_a_region_that_does_not_open_costs_itself_only(
    supervisor: Supervisor, children: Children, now: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    children.unable = {HERE: CloudError("none of its saves can be read")}
    children.dead = [f"aws {HERE}"]
    supervisor._look_after_children()
    assert children.done[-2:] == [f"stop {HERE}", f"all but {HERE} compare"]
    assert "none of its saves can be read\nIt is tried again in 1 s" in capsys.readouterr().out
    now[0] += 1.1
    supervisor._look_after_children()
    assert children.done[-2:] == [f"open {HERE}", f"all but {HERE} compare"]


def test_at_first_a_region_that_does_not_open_is_everybodys_failure(supervisor: Supervisor) -> None:
    supervisor.is_ready = False
    with pytest.raises(CloudError, match="broken"):
        supervisor._give_up(HERE, CloudError("broken"))


def test_it_is_said_when_a_region_cannot_be_saved_and_when_it_can_again(
    supervisor: Supervisor, children: Children, capsys: pytest.CaptureFixture[str]
) -> None:
    now_ms = clock.now_ms()
    saves = children.layout.saves(HERE)
    saves.write({"a.json": b"{}"}, at_ms=now_ms - 200_000)
    for _ in range(2 * LATE_LOOKS):
        supervisor._look_after_saves()
    told: Any = capsys.readouterr().out
    assert told.count(f"{HERE} has not been saved since") == 1
    assert OTHER not in told
    saves.write({"a.json": b"{}"}, at_ms=now_ms)
    supervisor._look_after_saves()
    supervisor._look_after_saves()
    assert capsys.readouterr().out.count(f"{HERE} is saved again") == 1


def test_a_region_that_was_just_thawed_has_a_moment_to_save(
    supervisor: Supervisor, children: Children, capsys: pytest.CaptureFixture[str]
) -> None:
    now_ms = clock.now_ms()
    children.layout.saves(HERE).write({"a.json": b"{}"}, at_ms=now_ms - 200_000)
    children.frozen = {HERE}
    for _ in range(2 * LATE_LOOKS):
        supervisor._look_after_saves()
    children.frozen = set()
    supervisor._look_after_saves()
    children.layout.saves(HERE).write({"a.json": b"{}"}, at_ms=now_ms)
    supervisor._look_after_saves()
    assert capsys.readouterr().out == ""
