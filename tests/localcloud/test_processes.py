"""Processes of a laptop cloud: whose they are, how they end, and how soon what dies is started again."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core import clock
from localcloud import backoff, processes
from localcloud.backoff import Backoff
from localcloud.children import SECONDS
from localcloud.layout import Layout
from localcloud.leftovers import end_leftovers, only_cloud_on
from localcloud.pidfile import PidFile
from localcloud.processes import Child, CloudError, Patience, is_stopped, send, spawn
from localcloud.supervisor import Supervisor

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


def start(layout: Layout, command: list[str], name: str = "aws us-east-1") -> Child:
    child = spawn(name, command, environment=dict(os.environ), log=layout.logs / "log", pid_file=layout.pid_file(name))
    deadline = time.monotonic() + 30
    while "up" not in child.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return child


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(data=tmp_path)


def test_a_pid_file_is_held_as_long_as_its_process_lives(layout: Layout) -> None:
    pid_file = layout.pid_file("aws us-east-1")
    assert pid_file.holder() is None
    child = start(layout, SLEEP)
    assert pid_file.holder() == child.pid
    with pytest.raises(CloudError, match="runs already"):
        start(layout, SLEEP)
    child.process.kill()
    child.process.wait()
    assert pid_file.holder() is None, "the number in it may be anybody's now"


@pytest.mark.parametrize("text", ["", "1", "x", "own"])
def test_what_is_written_in_a_pid_file_means_nothing_without_the_lock(tmp_path: Path, text: str) -> None:
    pid_file = PidFile(tmp_path / "a.pid")
    pid_file.path.write_text(str(os.getpid()) if text == "own" else text)
    assert pid_file.holder() is None
    assert pid_file.take() is not None


def test_there_is_one_cloud_per_directory(layout: Layout) -> None:
    with (
        only_cloud_on(layout),
        pytest.raises(CloudError, match=f"already .process {os.getpid()}"),
        only_cloud_on(layout),
    ):
        pass
    with only_cloud_on(layout):
        pass


def test_what_an_earlier_cloud_left_is_ended_even_frozen(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    frozen, other = start(layout, SLEEP), start(layout, SLEEP, "web eu-west-1")
    send(frozen.pid, signal.SIGSTOP)
    end_leftovers(layout)
    assert frozen.process.wait(5) == other.process.wait(5) == -signal.SIGTERM
    assert "web eu-west-1, aws us-east-1" in capsys.readouterr().out
    end_leftovers(layout)
    assert capsys.readouterr().out == ""


SAVING = """
import signal, sys, time
def save(number, frame):
    deadline = time.monotonic() + float(sys.argv[1])
    while time.monotonic() < deadline:
        sum(range(1000))
    print("saved", flush=True)
    sys.exit()
signal.signal(signal.SIGTERM, save)
print("up", flush=True)
time.sleep(600)
"""


def saving(seconds: float) -> list[str]:
    """What takes so long to save."""
    return [sys.executable, "-c", SAVING, str(seconds)]


def test_who_saves_is_waited_for_as_long_as_it_does_something(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    child = start(layout, saving(4))
    started = time.monotonic()
    child.stop(seconds=0.1, patience=Patience(2.0, "Press Ctrl-C again to give up."))
    assert time.monotonic() - started > 3, "longer than anybody may be idle"
    assert (child.process.returncode, child.log_tail()) == (0, "up\nsaved")
    told = capsys.readouterr().out
    assert "“aws us-east-1” is still saving, and is waited for. Press Ctrl-C again to give up." in told
    assert "killed" not in told


def test_who_does_nothing_any_more_is_killed_and_that_is_said(
    layout: Layout, capsys: pytest.CaptureFixture[str]
) -> None:
    child = start(layout, STUBBORN)
    child.stop(seconds=0.1, patience=Patience(0.5))
    told = capsys.readouterr().out
    assert told.index("is waited for") < told.index("has done nothing for 0.5 s") < told.index("was killed")
    assert child.process.returncode == -signal.SIGKILL


def test_who_interrupts_again_gives_up_once_told_what_that_costs(
    layout: Layout, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SECONDS, "aws", 0.1)
    layout.saves("us-east-1").write({"a.json": b"{}"}, at_ms=clock.now_ms())
    supervisor = Supervisor(layout, near="us-east-1")
    child = supervisor.children.by_name["aws us-east-1"] = start(layout, saving(600))
    supervisor._stop(signal.SIGINT, None)
    supervisor._stop(signal.SIGINT, None)
    supervisor._stop(signal.SIGTERM, None)
    assert not supervisor.children.patience.given_up.is_set(), "nobody was told yet"

    def interrupt_again() -> None:
        assert supervisor.children.patience.asked.wait(30)
        supervisor._stop(signal.SIGTERM, None)
        assert not supervisor.children.patience.given_up.is_set()
        supervisor._stop(signal.SIGINT, None)

    person = threading.Thread(target=interrupt_again)
    person.start()
    supervisor.children.stop_all()
    person.join()
    told = capsys.readouterr().out
    newest = layout.saves("us-east-1").newest
    assert newest
    assert f"Press Ctrl-C again to give up, losing what was ordered since its last save at {newest.time}." in told
    assert told.index("is given up") < told.index("was killed")
    assert child.process.returncode == -signal.SIGKILL


def test_a_process_says_how_it_ended(layout: Layout) -> None:
    child = start(layout, [sys.executable, "-c", "print('up'); raise SystemExit(3)"])
    child.process.wait()
    assert child.end() == "ended by itself (exit code 3)"
    with pytest.raises(CloudError, match=r"exit code 3.*\n.*up"):
        child.check_alive()
    killed = start(layout, SLEEP)
    killed.process.kill()
    killed.process.wait()
    assert killed.end() == "was killed (SIGKILL)"


def test_frozen_is_told_from_running_and_from_gone() -> None:
    with subprocess.Popen(["sleep", "600"]) as process:
        assert not is_stopped(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert is_stopped(process.pid)
        process.kill()
    assert not is_stopped(process.pid)


def test_what_goes_on_dying_is_started_later_and_later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("localcloud.backoff.time.monotonic", lambda: now[0])
    pauses = Backoff()
    assert [pauses.after_death_of("a") for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]
    assert pauses.after_death_of("b") == 0
    now[0] += backoff.FORGOTTEN_SECONDS
    assert pauses.after_death_of("a") == 0


def test_a_closed_terminal_stops_nobody_from_going_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

        def flush(self) -> None: ...

    monkeypatch.setattr(sys, "stdout", Closed())
    processes.say("x")
    processes.say("y")
    assert not isinstance(sys.stdout, Closed), "it is not written to again"
