"""The whole laptop cloud, for tests: started once, on free ports, with a directory of its own, and its clock set.

It begins at noon in New York, at six in the evening in Paris, on an ordinary Tuesday; `FFT_CLOCK` says another time.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import clock
from localcloud import aws
from localcloud.layout import ROOT, Layout
from localcloud.processes import is_free, send
from localcloud.supervisor import SAMPLE_RESTAURANTS
from regions import topology

START = "2026-11-24T17:00:00Z"


class Cloud:
    """A laptop cloud of its own; hosts are said by their first label: "" (the signpost), "www", "na", "us-east-1"."""

    def __init__(self, data: Path, *, restaurants: int = SAMPLE_RESTAURANTS) -> None:
        self.data = data
        self.restaurants = restaurants
        self.port = free_ports(len(Layout().ports()))
        self.layout = Layout(port=self.port, data=data)
        self.topology = replace(topology.current(), domain=self.layout.domain)
        self.process: subprocess.Popen[str] | None = None
        self.output = data / "output.txt"
        self.record = data / "requests.jsonl"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FFT_", "AWS_"))}
        return {**kept, "FFT_DATA": str(self.data), "FFT_RECORD": str(self.record)}

    def up(self) -> None:
        """With the test's clock: after a restart, time has gone on."""
        command = [sys.executable, "manage.py", "localcloud", "--port", str(self.port)]
        command += ["--restaurants", str(self.restaurants)]
        environment = self.environment | {clock.OFFSET: str(clock.offset_ms())}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )
        self.wait_until_said("Ready after", seconds=300)

    def wait_until_said(self, text: str, *, seconds: float = 90) -> None:
        """By the supervisor, since it was started."""
        deadline = time.monotonic() + seconds
        while text not in self.output.read_text():
            assert self.process and self.process.poll() is None, self.output.read_text()
            assert time.monotonic() < deadline, f"“{text}” was not said:\n{self.output.read_text()}"
            time.sleep(0.1)

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or what else ends it in order; the exit code."""
        assert self.process
        self.process.send_signal(number)
        return self.process.wait(300)

    def pid(self, name: str) -> int | None:
        """Of a process by its name: “router”, “web eu-west-1”; None when it is not there."""
        return self.layout.pid_file(name).holder()

    def kill(self, name: str) -> int:
        """SIGKILL; its id."""
        pid = self.pid(name)
        assert pid, name
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_until_started_again(self, name: str, before: int, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while self.pid(name) in (None, before):
            assert time.monotonic() < deadline, f"“{name}” was not started again:\n{self.output.read_text()}"
            time.sleep(0.1)

    def cut_power(self) -> None:
        """SIGKILL of all, and nobody has a chance to notice that of another."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)
        for name in self.layout.processes():
            if pid := self.pid(name):
                os.killpg(pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()

    def stop(self, region: str) -> None:
        """Freeze a region, until the router knows."""
        self.manage("region", "stop", region)
        self.wait_for_health(region, healthy=False)

    def freeze_worker(self, region: str) -> None:
        """Only the stream worker: nothing is copied from there until the region is started."""
        send(self._processes()[region]["worker"], signal.SIGSTOP)

    def thaw(self) -> None:
        """All that may be frozen, until the router knows. Not by commands: it is done after every test."""
        for name, pids in self._processes().items():
            for pid in pids.values():
                send(pid, signal.SIGCONT)
            self.wait_for_health(name, healthy=True)

    def _processes(self) -> dict[str, dict[str, int]]:
        regions: dict[str, dict[str, int]] = json.loads(self.layout.state_file.read_text())["regions"]
        return regions

    def start(self, region: str) -> None:
        self.manage("region", "start", region)
        self.wait_for_health(region, healthy=True)

    def manage(self, *arguments: str, region: str | None = None, check: bool = True, seconds: float = 180) -> str:
        """What a `manage.py` command printed."""
        environment = self.environment | ({"AWS_REGION": region} if region else {})
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=seconds,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout + done.stderr

    def host(self, name: str = "") -> str:
        if name in self.topology.regions:
            return self.topology.region_host(name)
        return f"{name}.{self.layout.domain}" if name else self.layout.domain

    def url(self, name: str = "") -> str:
        return f"http://{self.host(name)}"

    def request(
        self,
        method: str,
        name: str,
        path: str,
        body: Any = None,
        *,
        access: str | None = None,
        known: str | None = None,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """`known` is the ETag of what the client has."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Host": self.host(name), "Content-Type": "application/json"}
        headers |= {"Authorization": f"Bearer {access}"} if access else {}
        headers |= {"If-None-Match": known} if known else {}
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def json(self, name: str, path: str, *, access: str | None = None) -> Any:
        response, content = self.request("GET", name, path, access=access)
        assert response.status == 200, content
        return json.loads(content)

    def post(self, name: str, path: str, body: Any, *, access: str | None = None) -> tuple[int, Any]:
        response, content = self.request("POST", name, path, body, access=access)
        return response.status, json.loads(content)

    def dynamodb(self, region: str) -> Any:
        return aws.client("dynamodb", self.layout, region)

    def recorded(self) -> list[dict[str, Any]]:
        """Every request that the router has passed on."""
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def logs(self) -> list[Path]:
        return sorted(self.layout.logs.glob("*.log"))

    def wait_for_health(self, region: str, *, healthy: bool, seconds: float = 180) -> None:
        deadline = time.monotonic() + seconds
        while self._health(region) != healthy:
            assert time.monotonic() < deadline, f"the router does not see {region} as {healthy=}"
            time.sleep(0.2)

    def _health(self, region: str) -> bool | None:
        """As the router sees it; None while there is no router."""
        try:
            healthy: bool = self.json("router", "/status.json")[region]
        except (OSError, http.client.HTTPException):
            return None
        return healthy


@pytest.fixture(scope="session")
def set_clock() -> Iterator[None]:
    """What the tests themselves say of time (a checkout's token) is said by the cloud's clock."""
    with pytest.MonkeyPatch.context() as patch:
        offset_ms = clock.offset_from({clock.SET: START, **os.environ})
        patch.setattr(clock, "offset_ms", lambda: offset_ms)
        yield


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory, set_clock: None) -> Iterator[Cloud]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    cloud.up()
    yield cloud
    assert cloud.interrupt() == 0, cloud.output.read_text()


@pytest.fixture(autouse=True)
def all_regions_run(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a failed test has frozen is thawed for the next one."""
    yield
    if "cloud" in request.fixturenames:
        request.getfixturevalue("cloud").thaw()


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    for start in range(21_000, 40_000, 100):
        if all(is_free(port) for port in range(start, start + count)):
            return start
    raise AssertionError("no free ports")
