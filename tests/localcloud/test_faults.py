"""Faults at the edge: what a link and a stream pump do when they are told to, and that they do nothing otherwise."""

import asyncio
import os
import random
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from core import clock
from localcloud import faults
from localcloud.faults import Faults, LinkFault, PumpFault, Watch
from localcloud.layout import Layout
from localcloud.links import Links, answer_of
from localcloud.lost import Lost
from localcloud.processes import is_free, is_stopped
from localcloud.pump import Pump
from orders import models as _orders  # noqa: F401
from regions import topology
from regions.comparison import Held

PUT = b"POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.PutItem\r\nContent-Length: 11\r\n\r\n{poisonous}"
GET = PUT.replace(b"PutItem", b"GetItem")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HERE, THERE = "us-east-1", "eu-west-1"
ORDERS = "foodforthought-orders"


def test_faults_are_read_as_they_were_written(tmp_path: Path) -> None:
    written = Faults(7, {"a>b": LinkFault(cut=True, delay_ms=5)}, {"a": PumpFault(repeat=5, lost=0.3)}, {"web a": 12})
    written.write(tmp_path / "faults.json")
    assert faults.read(tmp_path / "faults.json") == written
    assert written.link("a", "b").cut
    assert not written.link("b", "a").cut
    assert faults.read(tmp_path / "none.json") == faults.NONE


def test_faults_are_noticed_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LOOK_SECONDS", 0.0)
    watch = Watch(tmp_path / "faults.json")
    assert watch.now() == faults.NONE
    Faults(1).write(watch.file)
    assert watch.now().seed == 1
    Faults(2).write(watch.file)
    assert watch.now().seed == 2
    watch.file.unlink()
    assert watch.now() == faults.NONE


def test_only_puts_are_refused_or_throttled_and_by_the_seed() -> None:
    poison = LinkFault(refused="poisonous")
    assert b"ValidationException" in (answer_of(poison, PUT, random.Random(1)) or b"")
    assert answer_of(poison, GET, random.Random(1)) is None
    assert answer_of(LinkFault(refused="other"), PUT, random.Random(1)) is None
    assert answer_of(LinkFault(), PUT, random.Random(1)) is None

    def throttled(seed: int) -> list[bool]:
        chance = random.Random(seed)
        return [answer_of(LinkFault(throttled=0.3), PUT, chance) is not None for _ in range(1000)]

    assert 250 < sum(throttled(1)) < 350
    assert throttled(1) == throttled(1) != throttled(2)


async def through_the_link(layout: Layout, use: Callable[[Any], Awaitable[None]]) -> list[bytes]:
    """What arrived at an AWS that answers everything, while something used the link from here to there."""
    arrived: list[bytes] = []

    async def store(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(len(PUT)):
            arrived.append(head)
            writer.write(ANSWER)
        writer.close()

    server = await asyncio.start_server(store, "127.0.0.1", layout.aws_port(THERE))
    running = asyncio.create_task(Links(layout).run())

    async def ask(request: bytes, *, seconds: float = 2.0) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", layout.link_ports()[HERE, THERE])
        writer.write(request)
        try:
            return await asyncio.wait_for(reader.read(4096), seconds)
        finally:
            writer.close()

    await asyncio.sleep(0.1)
    try:
        await use(ask)
    finally:
        running.cancel()
        server.close()
        await asyncio.sleep(0.05)
    return arrived


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    # Ports of its own: other workers of the test run choose theirs at the same time.
    count = len(Layout().ports())
    port = next(port for port in range(50_000, 55_000, 50) if all(is_free(port + n) for n in range(count)))
    return Layout(port=port, data=tmp_path)


def test_a_link_passes_on_refuses_delays_and_is_cut(layout: Layout) -> None:
    async def use(ask: Any) -> None:
        assert await ask(PUT) == ANSWER
        await told(LinkFault(refused="poisonous"))
        assert b"ValidationException" in await ask(PUT)
        assert await ask(GET) == ANSWER
        await told(LinkFault(delay_ms=300))
        began = time.monotonic()
        assert await ask(GET) == ANSWER
        assert time.monotonic() - began >= 0.3
        await told(LinkFault(cut=True))
        with pytest.raises(TimeoutError):
            await ask(PUT, seconds=0.3)
        await told(LinkFault())
        assert await ask(GET) == ANSWER

    async def told(fault: LinkFault) -> None:
        Faults(1, {faults.link_name(HERE, THERE): fault}).write(layout.faults_file)
        await asyncio.sleep(3 * faults.LOOK_SECONDS)

    assert asyncio.run(through_the_link(layout, use)) == [PUT, GET, GET, GET]


def pump_with(tmp_path: Path, fault: PumpFault) -> Pump:
    Faults(3, pumps={HERE: fault}).write(tmp_path / "faults.json")
    return Pump(HERE, Watch(tmp_path / "faults.json"), lost_in(tmp_path))


def lost_in(tmp_path: Path) -> Lost:
    return Lost(tmp_path / "lost.jsonl", topology.seen_from(HERE))


def record(number: int, *, home: str = HERE, version: int = 7) -> dict[str, Any]:
    image = {"key": {"S": f"{home}#{number}"}, "home": {"S": home}, "version": {"N": str(version)}}
    return {"eventID": str(number), "dynamodb": {"NewImage": image}}


RECORDS = [record(number) for number in range(1000)]


def test_a_pump_without_faults_hands_over_what_it_gets(tmp_path: Path) -> None:
    pump = Pump(HERE, Watch(tmp_path / "none.json"), lost_in(tmp_path))
    assert pump.deliver(ORDERS, RECORDS) is RECORDS
    assert not pump.holds
    assert not pump.has_lost_place(ORDERS)


def test_a_pump_repeats_in_another_order_and_forgets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("localcloud.pump.time.monotonic", lambda: now[0])
    pump = pump_with(tmp_path, PumpFault(repeat=5))
    delivered = pump.deliver(ORDERS, RECORDS)
    assert pump.deliver("foodforthought-catalog", []) == []
    while pump.holds:
        now[0] += 0.1
        delivered += pump.deliver(ORDERS, [])
    times = {record["eventID"]: 0 for record in RECORDS}
    for record in delivered:
        times[record["eventID"]] += 1
    assert set(times.values()) == {1, 2, 3, 4, 5}
    numbers = [int(record["eventID"]) for record in delivered]
    assert numbers != sorted(numbers)


def test_a_pump_loses_its_share_and_it_is_known_which(tmp_path: Path) -> None:
    arrived = pump_with(tmp_path, PumpFault(lost=0.3)).deliver(ORDERS, RECORDS)
    assert 650 < len(arrived) < 750
    lost = lost_in(tmp_path).records()[ORDERS]
    assert lost.keys() == {(f"{HERE}#{n}",) for n in range(1000)} - {(f"{HERE}#{r['eventID']}",) for r in arrived}
    assert set(lost.values()) == {7}


def test_only_what_would_have_been_copied_counts_as_lost(tmp_path: Path) -> None:
    removal: dict[str, Any] = {"dynamodb": {"Keys": {"key": {"S": f"{HERE}#1"}}}}
    beat = {"dynamodb": {"NewImage": record(0)["dynamodb"]["NewImage"] | {"key": {"S": f"{HERE}#heartbeat"}}}}
    lost_in(tmp_path).note(ORDERS, [record(1, home=THERE), removal, beat, record(2), record(2, version=9)])
    assert lost_in(tmp_path).records() == {ORDERS: {(f"{HERE}#2",): 9}}


def test_what_was_lost_is_missing_until_every_region_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held: dict[str, dict[tuple[str, ...], Held]] = {name: {} for name in topology.current().regions}
    monkeypatch.setattr("localcloud.lost.versions_in", lambda region, rule, keys: (held[region], 0.0))
    lost = lost_in(tmp_path)
    assert lost.missing() == 0
    lost.note(ORDERS, [record(1), record(2)])
    assert lost.missing() == 2
    for name in held:
        held[name] = {(f"{HERE}#1",): Held(8, False), (f"{HERE}#2",): Held(7, False)}
    assert lost.missing() == 0
    held[THERE][f"{HERE}#2",] = Held(6, False)
    assert lost.missing() == 1

    def away(region: str, rule: Any, keys: Any) -> Any:
        raise EndpointConnectionError(endpoint_url="x")

    monkeypatch.setattr("localcloud.lost.versions_in", away)
    assert lost.missing() is None, "nobody knows"


def test_faults_end_with_their_game_day(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as frozen:
        frozen.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, frozen.pid, os.WSTOPPED)
        pumps = {HERE: PumpFault(lost=0.3), THERE: PumpFault()}
        links = {faults.link_name(HERE, THERE): LinkFault(delay_ms=300, throttled=0.3)}
        Faults(1, links, pumps, {f"web {HERE}": frozen.pid}).write(file)
        lock = faults.game_day(file).take()
        assert lock
        assert faults.repair_abandoned(file) == [], "it is going on"
        assert is_stopped(frozen.pid)
        os.close(lock)
        assert faults.repair_abandoned(file) == [
            f"{HERE}>{THERE} is slower by 300 ms and throttled for 30% of its puts",
            f"the stream of {HERE} loses 30% of its records",
            f"web {HERE} is frozen",
        ]
        os.waitid(os.P_PID, frozen.pid, os.WCONTINUED)
        frozen.kill()
    assert not file.exists()
    assert faults.repair_abandoned(file) == []


def test_a_place_from_before_the_trim_is_lost_and_a_new_one_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pump = pump_with(tmp_path, PumpFault(trimmed_at=5.0))
    monkeypatch.setattr(clock, "now_ms", lambda: 4_900)
    pump.place_taken(ORDERS)
    assert pump.has_lost_place(ORDERS)
    monkeypatch.setattr(clock, "now_ms", lambda: 5_100)
    pump.place_taken(ORDERS)
    assert not pump.has_lost_place(ORDERS)


def test_only_the_worker_that_is_meant_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr("localcloud.pump.os.kill", lambda pid, number: killed.append((pid, number)))
    pump_with(tmp_path, PumpFault(killed=os.getpid() + 1)).batch_copied()
    assert not killed
    pump_with(tmp_path, PumpFault(killed=os.getpid())).batch_copied()
    assert killed == [(os.getpid(), signal.SIGKILL)]
