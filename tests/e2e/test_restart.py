"""Whatever is killed, cut off or full: no acknowledged order is missing afterwards, and the other regions go on meanwhile.

What an embedded AWS had not saved when it was killed, and no sibling held, is lost: it says from which save it goes on.
"""

import contextlib
import http.client
import os
import resource
import signal
import subprocess
import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core import clock
from regions import topology
from tests.cloud import Cloud
from tests.e2e.store import eventually, eventually_equal, items
from tests.e2e.test_orders import ORDERS, open_restaurant, request_for

pytestmark = [pytest.mark.cloud, pytest.mark.timeout(600)]

PLACES = {
    "us-east-1": (40.73, -73.99),
    "us-west-2": (40.73, -73.99),
    "eu-west-1": (48.859, 2.347),
    "eu-central-1": (48.859, 2.347),
}
SIBLINGS = {
    "us-east-1": "us-west-2",
    "us-west-2": "us-east-1",
    "eu-west-1": "eu-central-1",
    "eu-central-1": "eu-west-1",
}
PAUSE_SECONDS = 0.3
SILENCE_SECONDS = 60.0
"""Without an answer, on a machine that is busy starting things; a region that waits for another would never answer."""


@dataclass
class Customers:
    """One in each region, who orders again and again until the end."""

    cloud: Cloud
    acknowledged: dict[str, float] = field(default_factory=dict)  # key of the order → when (seconds since 1970)
    last: dict[str, float] = field(default_factory=dict)  # region → when it acknowledged an order last
    silence: dict[str, float] = field(default_factory=dict)  # region → the longest time without one
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def ordering(self) -> Iterator[None]:
        restaurants = {name: open_restaurant(self.cloud, name, *place) for name, place in PLACES.items()}
        threads = [threading.Thread(target=self._order, args=[*entry]) for entry in restaurants.items()]
        self._ended.clear()
        self.look_away()
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ended.set()
            for thread in threads:
                thread.join()

    def look_away(self) -> None:
        """What was silent until now does not count."""
        now = clock.now_ms() / 1000
        self.last, self.silence = dict.fromkeys(PLACES, now), dict.fromkeys(PLACES, 0.0)

    def of(self, home: str) -> dict[str, float]:
        return {key: at for key, at in dict(self.acknowledged).items() if key.startswith(f"{home}#")}

    def wait_for(self, region: str) -> None:
        """Until its customer has been given an order that was sent after now."""
        since = clock.now_ms() / 1000 + PAUSE_SECONDS
        eventually(lambda: self.last[region] > since, seconds=60)

    def check_that_others_answered(self, *but: str) -> None:
        now = clock.now_ms() / 1000
        silent = {
            name: max(seconds, now - self.last[name]) for name, seconds in self.silence.items() if name not in but
        }
        assert all(seconds < SILENCE_SECONDS for seconds in silent.values()), silent

    def _order(self, region: str, restaurant: dict[str, Any]) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):  # no router, no region, no JSON
                status, placed = self.cloud.post(region, "/api/v1/orders", request_for(restaurant))
                now = clock.now_ms() / 1000
                if status == 201:
                    self.acknowledged[f"{placed['home_region']}#{placed['id']}"] = now
                    self.silence[region] = max(self.silence[region], now - self.last[region])
                    self.last[region] = now


def keys(cloud: Cloud, region: str) -> set[str]:
    return {item["key"]["S"] for item in items(cloud, region, ORDERS)}


def check_orders(cloud: Cloud, acknowledged: dict[str, float], lost: set[str] = frozenset()) -> None:  # type: ignore[assignment]
    """Everywhere the same, and all that were acknowledged but for these."""
    eventually_equal(cloud)
    for name in topology.current().regions:
        missing = acknowledged.keys() - keys(cloud, name) - lost
        assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged orders are not in {name}"


def kill_aws(
    cloud: Cloud, customers: Customers, region: str, *, lost_before: Collection[str] = (), frozen: str = ""
) -> set[str]:
    """Kill a region's AWS, wait until the region is back; what it has lost and may lose: unsaved, and unknown to its sibling."""
    unsaved_since = cloud.layout.saves(region).all()[0].at_ms / 1000
    assert clock.now_ms() / 1000 - unsaved_since < 120, "it is saved every 40 s by a machine that keeps up"
    known = customers.of(region)
    copies = {key for name in PLACES if name not in (region, frozen) for key in customers.of(name)} - set(lost_before)
    cloud.kill(f"aws {region}")
    cloud.wait_until_said(f"“aws {region}” was killed")
    cloud.wait_for_health(region, healthy=False)
    copied = keys(cloud, SIBLINGS[region])
    cloud.wait_for_health(region, healthy=True, seconds=90)
    cloud.wait_until_said(f"{region}: it had not been stopped in order. It goes on from its save of")
    customers.wait_for(region)
    lost = known.keys() - keys(cloud, region)
    assert not lost & copied, "the sibling held them"
    assert all(known[key] >= unsaved_since for key in lost), "they had been saved"
    eventually(lambda: copies <= keys(cloud, region), seconds=180)
    return lost


@pytest.fixture
def start_cloud(set_clock: None) -> Iterator[Callable[[Path], Cloud]]:
    """A cloud of the test's own; nothing of it goes on when the test has failed."""
    clouds: list[Cloud] = []

    def start(data: Path) -> Cloud:
        clouds.append(Cloud(data, restaurants=60))
        return clouds[-1]

    yield start
    for cloud in clouds:
        if cloud.process and cloud.process.poll() is None:
            cloud.cut_power()


def test_each_kind_of_process_is_killed_once(tmp_path: Path, start_cloud: Callable[[Path], Cloud]) -> None:
    cloud = start_cloud(tmp_path)
    cloud.up()
    customers = Customers(cloud)
    lost: set[str] = set()
    with customers.ordering():
        for name in PLACES:
            customers.wait_for(name)

        before = cloud.kill("web us-west-2")
        cloud.wait_until_started_again("web us-west-2", before)
        customers.wait_for("us-west-2")
        customers.check_that_others_answered("us-west-2")

        before = cloud.kill("worker eu-west-1")
        cloud.wait_until_started_again("worker eu-west-1", before)
        before = cloud.kill("links")
        cloud.wait_until_started_again("links", before)
        customers.check_that_others_answered()

        before = cloud.kill("router")
        cloud.wait_until_started_again("router", before)
        for name in PLACES:
            customers.wait_for(name)

        customers.look_away()
        lost |= kill_aws(cloud, customers, "us-east-1")
        customers.check_that_others_answered("us-east-1")
        cloud.wait_until_said("newer records were brought home from the copies in eu-central-1, eu-west-1, us-west-2")

        # With a region frozen, whose worker is killed, too.
        cloud.stop("us-west-2")
        customers.look_away()
        before = cloud.kill("worker us-west-2")
        lost |= kill_aws(cloud, customers, "eu-central-1", lost_before=lost, frozen="us-west-2")
        customers.check_that_others_answered("us-west-2", "eu-central-1")
        cloud.wait_until_said("eu-central-1: us-west-2 will be asked when it answers")
        assert cloud.pid("worker us-west-2") is None, "a frozen region stays as it is"
        cloud.start("us-west-2")
        cloud.wait_until_started_again("worker us-west-2", before)
        cloud.wait_until_said("eu-central-1: 0 newer records were brought home from the copies in us-west-2")
        customers.wait_for("us-west-2")

        # The supervisor, with a region frozen: all but that region end by themselves, and save.
        cloud.stop("eu-west-1")
        assert cloud.process
        cloud.process.kill()
        cloud.process.wait()
        running = [name for name in cloud.layout.processes() if "eu-west-1" not in name]
        eventually(lambda: not any(map(cloud.pid, running)), seconds=60)
        assert cloud.pid("aws eu-west-1"), "it is frozen"
    cloud.up()
    assert "Ending what is left of an earlier cloud" in cloud.output.read_text()
    check_orders(cloud, customers.acknowledged, lost)

    # Ctrl-C in the middle of orders, with a region that is away.
    with customers.ordering():
        for name in PLACES:
            customers.wait_for(name)
        cloud.stop("us-west-2")
        assert cloud.interrupt() == 0, cloud.output.read_text()
        assert "The data is kept" in cloud.output.read_text()
    # A save that was damaged since is said by its name, the one before it taken, and the copies asked for the rest.
    damaged = cloud.layout.saves("eu-west-1").all()[0].directory / "dynamodb.json"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    cloud.up()
    assert f"eu-west-1: a save is damaged and was put aside: {damaged}" in cloud.output.read_text()
    check_orders(cloud, customers.acknowledged, lost)
    assert cloud.interrupt(signal.SIGHUP) == 0, "the terminal was closed"
    assert "The data is kept" in cloud.output.read_text()


@contextlib.contextmanager
def small_disk(directory: Path) -> Iterator[bool]:
    """A disk of its own; False where mounting is not allowed."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(directory)]
    mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(directory)], check=True)


def fill(cloud: Cloud, *, mounted: bool) -> None:
    """Nothing more can be written: the disk is full, or files may not be larger than they ever are."""
    if mounted:
        with contextlib.suppress(OSError), (cloud.data / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        return
    for name in PLACES:
        pid = cloud.pid(f"aws {name}")
        assert pid
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def save(cloud: Cloud, region: str) -> None:
    pid, since_ms = cloud.pid(f"aws {region}"), clock.now_ms()  # a save may be of this very millisecond
    assert pid
    os.kill(pid, signal.SIGUSR1)
    eventually(lambda: cloud.layout.saves(region).all()[0].at_ms >= since_ms)


def order(cloud: Cloud, region: str, restaurant: dict[str, Any]) -> str:
    status, placed = cloud.post(region, "/api/v1/orders", request_for(restaurant))
    assert status == 201, placed
    return f"{placed['home_region']}#{placed['id']}"


def test_power_cuts_and_a_full_disk(tmp_path: Path, start_cloud: Callable[[Path], Cloud]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    with small_disk(data) as mounted:
        cloud = start_cloud(data)
        cloud.output = tmp_path / "output.txt"

        # In the first session, before the clock has ever saved: the restaurants are there, and nothing else was.
        cloud.up()
        cloud.cut_power()
        cloud.up()
        assert all(f"{name}: it had not been stopped in order" in cloud.output.read_text() for name in PLACES)
        restaurants = {name: open_restaurant(cloud, name, *place) for name, place in PLACES.items()}

        # Later: what was saved is there, and what a sibling had saved.
        saved = {order(cloud, name, restaurant) for name, restaurant in restaurants.items()}
        eventually_equal(cloud)
        for name in PLACES:
            save(cloud, name)
        at_siblings = {order(cloud, name, restaurants[name]) for name in ("us-east-1", "eu-west-1")}
        eventually_equal(cloud)
        for name in ("us-west-2", "eu-central-1"):
            save(cloud, name)
        nowhere = {order(cloud, name, restaurant) for name, restaurant in restaurants.items()}
        cloud.cut_power()
        cloud.up()
        told = cloud.output.read_text()
        assert "Loading" not in told, "the sample is there"
        for name in PLACES:
            at = cloud.layout.saves(name).all()[-1].time
            assert f"{name}: it had not been stopped in order. It goes on from its save of {at}" in told
        acknowledged = dict.fromkeys(saved | at_siblings | nowhere, 0.0)
        check_orders(cloud, acknowledged, lost=nowhere - keys(cloud, "us-east-1") - keys(cloud, "eu-west-1"))
        assert {key for name in PLACES for key in keys(cloud, name)} >= saved | at_siblings

        # On a full disk orders are taken, nothing says that they are kept, and what was saved before stays.
        for name in PLACES:
            save(cloud, name)
        fill(cloud, mounted=mounted)
        order(cloud, "us-east-1", restaurants["us-east-1"])
        assert cloud.interrupt() != 0
        told = cloud.output.read_text()
        assert "The data is kept" not in told
        assert all(f"{name} could NOT be saved. It goes on from its save of" in told for name in PLACES)
        (data / "ballast").unlink(missing_ok=True)
        cloud.up()
        check_orders(cloud, dict.fromkeys(saved | at_siblings, 0.0))
        assert open_restaurant(cloud, "us-east-1", *PLACES["us-east-1"]) == restaurants["us-east-1"]
        assert cloud.interrupt() == 0
        assert "The data is kept" in cloud.output.read_text()
