"""Ctrl-C in the middle of a run of orders, and `make run` again: what was acknowledged is there, everywhere."""

import http.client
import threading
from pathlib import Path

import pytest

from regions import topology
from tests.cloud import Cloud
from tests.e2e.store import eventually_equal, items
from tests.e2e.test_orders import ORDERS, open_restaurant, request_for

pytestmark = pytest.mark.cloud

ORDERS_BEFORE_CTRL_C = 40


def test_every_acknowledged_order_is_there_after_a_restart(tmp_path: Path, set_clock: None) -> None:
    cloud = Cloud(tmp_path)
    cloud.up()
    places = {
        "us-east-1": (40.73, -73.99),
        "us-west-2": (40.73, -73.99),
        "eu-west-1": (48.859, 2.347),
        "eu-central-1": (48.859, 2.347),
    }
    restaurants = {name: open_restaurant(cloud, name, *place) for name, place in places.items()}
    acknowledged: set[str] = set()
    enough, ended = threading.Event(), threading.Event()

    def order_on(region: str) -> None:
        while not ended.is_set():
            try:
                status, placed = cloud.post(region, "/api/v1/orders", request_for(restaurants[region]))
            except (OSError, http.client.HTTPException):
                return  # the router is gone: nothing was acknowledged
            if status == 201:
                acknowledged.add(f"{placed['home_region']}#{placed['id']}")
            if len(acknowledged) >= ORDERS_BEFORE_CTRL_C:
                enough.set()

    customers = [threading.Thread(target=order_on, args=[name]) for name in restaurants]
    for customer in customers:
        customer.start()
    assert enough.wait(60), f"only {len(acknowledged)} orders were placed"
    cloud.stop("us-west-2")  # a region that is away at that moment is thawed and saved too
    assert cloud.interrupt() == 0, cloud.output.read_text()
    ended.set()
    for customer in customers:
        customer.join()

    cloud.up()
    try:
        eventually_equal(cloud)
        for name in topology.current().regions:
            missing = acknowledged - {item["key"]["S"] for item in items(cloud, name, ORDERS)}
            assert not missing, f"{len(missing)} of {len(acknowledged)} acknowledged orders are not in {name}"
    finally:
        assert cloud.interrupt() == 0
