"""Every process of a cloud has the clock that it was given, and no age mixes it with the real one."""

import re

import pytest

from core import clock
from regions import topology
from tests.cloud import Cloud
from tests.e2e.store import eventually
from tests.e2e.test_orders import open_restaurant, request_for

pytestmark = pytest.mark.cloud

MINUTE_MS = 60_000
PLACES = {"na": (40.73, -73.99), "eu": (48.857, 2.352)}


def test_pages_and_commands_have_the_clock_of_the_cloud(cloud: Cloud) -> None:
    for name, region in topology.current().regions.items():
        menu = open_restaurant(cloud, name, *PLACES[region.jurisdiction])
        status, placed = cloud.post(name, "/api/v1/orders", request_for(menu))
        assert status == 201, placed
        assert abs(placed["placed_at"] - clock.now_ms()) < MINUTE_MS
    told = cloud.manage("shell", "-v", "0", "-c", "from core import clock; print(clock.now_ms())")
    assert abs(int(told) - clock.now_ms()) < MINUTE_MS


def test_copies_are_late_by_seconds_whatever_the_clock_says(cloud: Cloud) -> None:
    def lags() -> list[float]:
        """How far behind, now, in seconds: each home's copies in each other region."""
        return [float(age) for age in re.findall(r"(-?\d+\.\d) s", cloud.manage("region", "status"))]

    pairs = len(topology.current().regions) * (len(topology.current().regions) - 1)
    eventually(lambda: len(lags()) == pairs and all(0 <= age < 60 for age in lags()), "ages are those of copies")
