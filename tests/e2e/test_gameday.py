"""A small game day, and what its report is made of."""

import re
from collections import Counter
from typing import Any

import pytest

from localcloud import audit
from localcloud.gameday import Customer, Result
from localcloud.management.commands.gameday import percentiles, report
from tests.cloud import Cloud


@pytest.mark.cloud
def test_a_region_is_lost_in_the_rush_and_no_order_is(cloud: Cloud) -> None:
    told = cloud.manage("gameday", "--orders", "150", "--customers", "8", "--stop", "eu-west-1", seconds=240)
    assert re.search(r"orders acknowledged +150 of 150", told), told
    assert re.search(r"lost +0\n", told), told
    assert re.search(r"doubled +0\n", told), told
    assert re.search(r"copies that differ +0\n", told), told
    assert "eu-central-1" in told, "its jurisdiction's other region took over"


def order(home: str, order_id: str, status: str) -> dict[str, Any]:
    return {"id": {"S": order_id}, "home": {"S": home}, "status": {"S": status}}


def test_an_order_that_two_homes_go_on_with_is_doubled() -> None:
    stored = {
        "a#1": order("a", "1", "accepted"), "b#1": order("b", "1", "placed"),
        "a#2": order("a", "2", "duplicate"), "b#2": order("b", "2", "accepted"),
    }  # fmt: skip
    assert audit.doubled(stored) == ["1"]


def test_the_report_counts() -> None:
    right = Customer("eu-west-1", "t", began=0.0, ended=0.5, key="eu-west-1#1")
    unlucky = Customer("eu-west-1", "u", began=0.0, ended=9.0, errors=Counter({"504": 3}))
    told = report(Result([right, unlucky], 2.0, [100.0, 300.0], ["eu-west-1#1"], [], ["x differs"], None))
    assert "1 of 2" in told
    assert "lost                    1" in told
    assert "3 × 504" in told
    assert "40.00 % of all requests" in told
    assert "not in time" in told
    assert "x differs" in told
    assert percentiles([0.1 * n for n in range(1, 101)]) == "p50 5.100 s, p95 9.600 s, p99 10.000 s"
    assert percentiles([]) == "not measured"
