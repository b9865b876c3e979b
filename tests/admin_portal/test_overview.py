"""What operators see, from what the regions say: late, silent, waiting, and how it was over the last hour."""

import re

import pytest
from botocore.exceptions import EndpointConnectionError
from django.test import Client

from admin_portal import drawing
from admin_portal.overview import Pair, by_minute, overview
from localcloud.management.commands.region import _now, sparkline
from orders import orders_per_minute
from regions import backlog, health, lag, topology
from regions.health import State
from regions.lag import Lag, Sample

HOST = topology.current().region_host("us-east-1")
LAGS = {"eu-west-1": 800, "eu-central-1": 200_000, "us-west-2": None}
NOW_MS = 1_800_000_000_000
STATES = {"eu-west-1": (61_000, None), "eu-central-1": (900, NOW_MS)}


def silent(region: str) -> None:
    if region == "us-west-2":
        raise EndpointConnectionError(endpoint_url="http://us-west-2")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """us-west-2 does not answer; what us-east-1 has written is late in eu-central-1, where two entries wait."""

    def lags(region: str) -> list[Lag]:
        silent(region)
        others = (home for home in topology.current().regions if home != region)
        return [
            Lag(table, home, region, LAGS.get(region) if home == "us-east-1" else 100, 0, 0)
            for home in others
            for table in ("foodforthought-orders", "foodforthought-availability")
        ]

    def counts(region: str) -> list[int]:
        silent(region)
        return [0] * 58 + [3, 4]

    def history(region: str) -> list[Sample]:
        silent(region)
        return [Sample(NOW_MS - 60_000, {("foodforthought-orders", "us-east-1"): 5_000})]

    monkeypatch.setattr(lag, "lags", lags)
    monkeypatch.setattr(lag, "history", history)
    monkeypatch.setattr(orders_per_minute, "last_hour", counts)
    monkeypatch.setattr(health, "state_of", lambda region: State(*STATES.get(region, (900, None))))
    monkeypatch.setattr(backlog, "count", lambda target, home: 2 * (target == "eu-central-1" and home == "us-east-1"))


def pair(home: str, region: str) -> Pair:
    names = list(topology.current().regions)
    found = dict(overview().homes)[home][names.index(region)]
    assert found
    return found


def test_a_copy_that_is_far_behind_is_late_and_so_is_one_nobody_knows_of(cloud: None) -> None:
    assert not pair("us-east-1", "eu-west-1").is_late
    assert pair("us-east-1", "eu-central-1").is_late
    assert pair("us-east-1", "eu-central-1").waiting == 2
    assert pair("eu-west-1", "us-west-2").is_late
    assert pair("eu-west-1", "us-west-2").lags == []


def test_a_lag_that_nobody_knows_is_shown_as_unknown_and_counts_as_late(
    cloud: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = Lag("foodforthought-orders", "us-east-1", "eu-west-1", None, 0, 0)
    late = Lag("foodforthought-availability", "us-east-1", "eu-west-1", 200_000, 0, 0)
    lost = Lag("foodforthought-orders", "us-east-1", "eu-west-1", 31_000, None, None)
    told = {}
    for unknown in (never, lost):
        monkeypatch.setattr(lag, "lags", lambda region, unknown=unknown: [late, unknown])
        seen = pair("us-east-1", "eu-west-1")
        assert (seen.worst, seen.is_late) == (unknown, True)
        told[unknown] = _now(seen)
    assert told == {never: "unknown", lost: "unknown, 31.0 s or more"}
    page = (
        Client().get("/operations/", HTTP_HOST=HOST, headers={"Authorization": "Basic bzpsYXB0b3A="}).content.decode()
    )
    assert re.search(r'state-bad">unknown, 31[^<]* or more<', page)


def test_a_region_that_is_silent_does_not_cost_the_page(cloud: None) -> None:
    seen = overview()
    assert seen.silent == ["us-west-2"]
    assert [row.is_healthy for row in seen.rows] == [True, True, False, True]
    assert [row.total for row in seen.rows] == [7, 0, 7, 7]


def test_the_page_tells_all_of_it(cloud: None) -> None:
    page = (
        Client().get("/operations/", HTTP_HOST=HOST, headers={"Authorization": "Basic bzpsYXB0b3A="}).content.decode()
    )
    assert page.count("drained since ") == 1
    for told in ("No answer from us-west-2", "not healthy", "3 min", "2 wait", "7 orders in the last hour, at most 4"):
        assert told in page, told
    assert 'hx-trigger="every 10s"' in page


def test_an_hour_by_minutes_holds_the_worst_of_each() -> None:
    orders, catalog = ("orders", "a"), ("catalog", "a")
    samples = [
        Sample(NOW_MS - 59 * 60_000, {orders: 7}),
        Sample(NOW_MS - 61 * 60_000, {orders: 9_999}),
        Sample(NOW_MS - 61_000, {orders: 5, catalog: 80, ("orders", "b"): 900}),
        Sample(NOW_MS - 90_000, {orders: 50}),
        Sample(NOW_MS, {orders: None}),
    ]
    minutes = by_minute(samples, "a", now_ms=NOW_MS)
    assert minutes == [7, *[None] * 57, 80, None]
    assert sparkline([0, None, 50, 100, None, None]) == "▁█·"


def test_a_gap_breaks_the_line_and_nothing_leaves_the_picture() -> None:
    assert drawing.line([0, 10, None, 20], top=10) == ["0.0,27.0 40.0,1.0", "120.0,1.0 120.0,1.0"]
    assert drawing.line([None], top=0) == []
    assert drawing.bars([0, 5, 50], top=10) == [("40.0", "14.0", "32.0", "14.0"), ("80.0", "0.0", "32.0", "28.0")]
