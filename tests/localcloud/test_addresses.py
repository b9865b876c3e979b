"""Every address that a command prints has the port that was asked for."""

import io
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from localcloud import screenshots
from localcloud.layout import Layout
from localcloud.management.commands import runserver
from localcloud.management.commands import screenshots as screenshots_command
from localcloud.processes import CloudError
from localcloud.supervisor import Supervisor, addresses, check_ports

ADDRESS = re.compile(r"https?://[^/\s]+")


def ports_in(text: str) -> set[str]:
    found = ADDRESS.findall(text)
    assert found
    return {address.rpartition(":")[2] for address in found}


@pytest.mark.parametrize("port", [8000, 9000, 9123, 65_000])
def test_the_addresses_of_a_cloud(tmp_path: Path, port: int) -> None:
    assert ports_in(addresses(Layout(port=port, data=tmp_path))) == {str(port)}


@pytest.mark.parametrize(("arguments", "environment", "port"), [([], {}, 8000), ([], {"PORT": "9000"}, 9000)])
@pytest.mark.parametrize("option", [[], ["--port", "9200"]])
def test_a_cloud_runs_on_the_port_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], environment: dict[str, str], port: int, option: list[str]
) -> None:
    monkeypatch.delenv("PORT", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    printed = []
    monkeypatch.setattr(Supervisor, "run", lambda supervisor: printed.append(addresses(supervisor.layout)))
    call_command("localcloud", *arguments, *option)
    assert ports_in(printed[0]) == {option[1] if option else str(port)}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environments of the processes inside `runserver`."""
    environments: list[dict[str, str]] = []
    monkeypatch.setattr(runserver.signal, "signal", lambda number, action: None)
    monkeypatch.setattr(
        subprocess, "run", lambda command, *, env, **options: environments.append({**env, "command": " ".join(command)})
    )
    monkeypatch.delenv(runserver.INSIDE, raising=False)
    return environments


@pytest.mark.parametrize("address", ["8001", "127.0.0.1:8001", "0.0.0.0:9001", "[::1]:9002"])
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_a_single_region_beside_a_cloud_on_other_ports(
    served: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch, address: str, region: str
) -> None:
    monkeypatch.setattr(runserver, "running_state", lambda layout: {"port": 8000})
    output = io.StringIO()
    call_command("runserver", address, "--region", region, stdout=output)
    port = address.rpartition(":")[2]
    assert ports_in(output.getvalue()) == {port}
    (environment,) = served
    assert environment["FFT_DOMAIN"].endswith(f":{port}"), "so do the pages' own links"
    assert address in environment["command"]


def test_a_single_region_alone(served: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    class Alone:
        def __init__(self, layout: Layout, *, near: str) -> None:
            self.layout = layout

        def embedded_aws(self) -> Any:
            import contextlib

            return contextlib.nullcontext()

    monkeypatch.setattr(runserver, "running_state", lambda layout: None)
    monkeypatch.setattr(runserver, "Supervisor", Alone)
    output = io.StringIO()
    call_command("runserver", "9300", stdout=output)
    assert ports_in(output.getvalue()) == {"9300"}
    assert "127.0.0.1:93" in served[0]["FFT_ENDPOINTS"]


@pytest.mark.parametrize(
    ("state", "option", "port"),
    [(None, [], 8000), ({"port": 9000}, [], 9000), ({"port": 9000}, ["--port", "9100"], 9100)],
)
def test_screenshots_are_of_the_cloud_that_runs_or_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: Any, option: list[str], port: int
) -> None:
    asked: list[Layout] = []

    def take(layout: Layout, everything: Path, sheets: Path) -> list[Path]:
        asked.append(layout)
        return [everything / "a.png"]

    monkeypatch.setattr(screenshots_command, "running_state", lambda layout: state)
    monkeypatch.setattr(screenshots, "take", take)
    call_command("screenshots", *option, stdout=io.StringIO())
    assert [layout.port for layout in asked] == [port]


@pytest.mark.parametrize("port", [8000, 9000, 65_000])
def test_a_taken_port_is_answered_with_other_ports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    layout = Layout(port=port, data=tmp_path)
    monkeypatch.setattr("localcloud.supervisor.is_free", lambda port: False)
    with pytest.raises(CloudError) as refusal:
        check_ports(layout)
    offered = re.search(r"PORT=(\d+) make run \(uses (\d+) to (\d+)\)", str(refusal.value))
    assert offered
    first, last = int(offered[2]), int(offered[3])
    assert offered[1] == offered[2]
    assert last < 65_536
    assert not set(range(first, last + 1)) & set(layout.ports().values())
