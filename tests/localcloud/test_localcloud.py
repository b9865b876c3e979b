"""The laptop cloud's own rules: routing, ports, who runs already."""

import json
import socket
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from localcloud import files
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.leftovers import only_cloud_on
from localcloud.processes import CloudError
from localcloud.routing import Place, candidates, place_of
from localcloud.supervisor import check_ports
from regions import topology

TOPOLOGY = topology.current()
ALL = set(TOPOLOGY.regions)
PARIS = Place(48.86, 2.35)
DENVER = Place(39.74, -104.99)


def route(host: str, place: Place, healthy: set[str] = ALL) -> list[str]:
    return candidates(host, place=place, healthy=healthy, topology=TOPOLOGY)


def test_the_bare_domain_leads_to_the_nearest_healthy_region() -> None:
    assert route(TOPOLOGY.signpost_host, PARIS)[0] == "eu-central-1"
    assert route(TOPOLOGY.signpost_host, DENVER)[0] == "us-west-2"
    assert route(TOPOLOGY.signpost_host, PARIS, ALL - {"eu-central-1"})[0] == "eu-west-1"
    assert route(TOPOLOGY.signpost_host, PARIS, set()) == []


def test_www_leads_to_where_the_bare_domain_does() -> None:
    assert route(f"www.{TOPOLOGY.domain}", DENVER) == route(TOPOLOGY.domain, DENVER)


def test_a_jurisdiction_is_never_left() -> None:
    assert route(TOPOLOGY.jurisdiction_host("na"), PARIS) == ["us-east-1", "us-west-2"]
    assert route(TOPOLOGY.jurisdiction_host("eu"), DENVER, {"us-east-1", "us-west-2"}) == []


def test_a_regions_own_name_leads_there_healthy_or_not() -> None:
    assert route(TOPOLOGY.region_host("us-west-2"), PARIS, set()) == ["us-west-2"]


def test_another_host_goes_the_way_of_the_bare_domain() -> None:
    assert route("127.0.0.1:8000", PARIS) == route(TOPOLOGY.signpost_host, PARIS)


@pytest.mark.parametrize("text", ["", "mars-1", "91,0", "1,181", "nan,0", "a,b"])
def test_a_place_that_is_none(text: str) -> None:
    assert place_of(text, TOPOLOGY) is None


def test_a_place_is_a_region_or_a_position() -> None:
    assert place_of("48.86,2.35", TOPOLOGY) == PARIS
    assert place_of("eu-west-1", TOPOLOGY) == Place(53.35, -6.26)


def test_a_busy_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CloudError, match=rf"Port {port} .*PORT=\d+ make run"):
            check_ports(Layout(port=port, data=tmp_path))


def test_no_two_processes_share_a_port() -> None:
    ports = Layout().ports()
    count = len(TOPOLOGY.regions)
    assert len(set(ports.values())) == len(ports) == 1 + 2 * count + len(TOPOLOGY.jurisdictions) + count * (count - 1)


STATE = {"supervisor": 1, "port": 8000, "environment": {"FFT_DOMAIN": "x"}, "regions": {}}
BROKEN = [None, "", "{", "[]", "null", "\x00", json.dumps(STATE)[:-5], json.dumps(STATE | {"port": "8000"}), "{}"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("runs", [True, False])
def test_what_no_cloud_has_written_says_nothing(tmp_path: Path, text: str | None, runs: bool) -> None:
    layout = Layout(data=tmp_path)
    if text is not None:
        layout.state_file.write_text(text)
    with only_cloud_on(layout) if runs else nullcontext():
        assert running_state(layout) is None


def test_a_state_counts_while_its_supervisor_lives_whoever_has_its_number(tmp_path: Path) -> None:
    layout = Layout(data=tmp_path)
    layout.state_file.write_text(json.dumps(STATE | {"supervisor": 1}))  # somebody else's process
    assert running_state(layout) is None
    with only_cloud_on(layout):
        assert running_state(layout) == STATE | {"supervisor": 1}


@pytest.mark.parametrize("port", [70_000, 65_535, 0, -1])
def test_a_port_that_leaves_no_room_is_refused(tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFT_DATA", str(tmp_path))
    with pytest.raises(CommandError, match=f"--port {port} leaves no room"):
        call_command("localcloud", f"--port={port}")
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(CommandError, match="invalid int value: 'eighty'"):
        call_command("localcloud")


def test_a_file_is_replaced_all_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "state.json"
    files.replace(file, "old")

    def full(self: Path, text: str) -> int:
        with self.open("w") as output:
            output.write(text[:1])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        files.replace(file, "new")
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_region_of_no_cloud_cannot_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FFT_DATA", str(tmp_path))
    with pytest.raises(CommandError, match="make run"):
        call_command("region", "stop", "us-east-1")
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("region", "stop", "mars-1")
