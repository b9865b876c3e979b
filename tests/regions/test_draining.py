"""A drained region is not ready and goes on serving; the last one that takes traffic is not drained."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from core import clock
from orders.lifecycle import change
from orders.management.commands import drain
from orders.models import Order
from orders.status import Verb
from regions import aws, draining, health, topology
from regions.draining import LastRegion
from tests.factories import kitchen_of, order_request, save_restaurant
from tests.regions.conftest import ORDERS, held, order, tombstone_of, write

HERE, SIBLING = "us-east-1", "us-west-2"
pytestmark = pytest.mark.usefixtures("four_regions")


@pytest.fixture(autouse=True)
def _all_take_traffic(four_regions: None) -> None:
    for region in topology.current().regions:
        written(region, clock.now_ms())


def written(region: str, at_ms: int) -> None:
    key = {"key": {"S": health.canary_key(region)}}
    aws.client("dynamodb", region).put_item(TableName=aws.OPERATIONS, Item={**key, "written_at": {"N": str(at_ms)}})


def ready() -> tuple[int, dict[str, str]]:
    health._verdict = None
    answer = Client().get("/health/ready", HTTP_HOST="10.0.0.7")
    return answer.status_code, answer.json()["checks"]


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("drain", *arguments, stdout=out)
    return out.getvalue()


def test_a_drained_region_is_not_ready_until_it_is_taken_back(calls: list[str]) -> None:
    assert ready() == (200, {"secrets": "ok", "storage": "ok", "traffic": "ok"})
    draining.drain(HERE)
    for _ in range(3):  # the canary's own writes keep it
        calls.clear()
        assert ready() == (503, {"secrets": "ok", "storage": "ok", "traffic": "drained"})
        assert calls == ["UpdateItem", "GetItem"], "no round trip more"
    draining.take_back(HERE)
    assert ready()[0] == 200


def test_it_says_since_when_also_when_it_is_drained_again() -> None:
    draining.drain(SIBLING)
    since = health.state_of(SIBLING).drained_at_ms
    assert since
    draining.drain(SIBLING)
    assert health.state_of(SIBLING).drained_at_ms == since
    assert health.state_of(SIBLING).is_alive
    assert health.state_of(HERE).drained_at_ms is None


@pytest.mark.parametrize("why", ["is drained", "has not written its canary", "does not answer"])
def test_the_last_region_that_takes_traffic_is_not_drained(why: str) -> None:
    if why == "is drained":
        draining.drain(SIBLING)
    elif why == "does not answer":
        aws.client("dynamodb", SIBLING).delete_table(TableName=aws.OPERATIONS)
    else:
        written(SIBLING, clock.now_ms() - 61_000)
    with pytest.raises(
        CommandError, match=f"No other region of na takes traffic: {SIBLING} {why}.*Nothing was changed"
    ):
        run(HERE)
    assert ready()[0] == 200
    draining.drain("eu-west-1")  # another jurisdiction's is another matter


def test_of_two_that_are_drained_at_the_same_moment_one_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    original = draining._change

    def both(region: str, expression: str, values: dict[str, dict[str, str]]) -> None:
        original(region, expression, values)
        if region == HERE and values:
            original(SIBLING, expression, values)

    monkeypatch.setattr(draining, "_change", both)
    with pytest.raises(LastRegion):
        draining.drain(HERE)
    assert [health.state_of(name).drained_at_ms is None for name in (HERE, SIBLING)] == [True, False]


def test_its_own_endpoint_serves_what_has_its_home_there_and_still_takes_orders() -> None:
    restaurant = save_restaurant()
    host = topology.current().region_host(HERE)

    def place(**values: object) -> Order:
        body = json.dumps(order_request(restaurant, **values))
        answer = Client().post("/api/v1/orders", body, content_type="application/json", HTTP_HOST=host)
        assert answer.status_code == 201, answer.content
        return Order.get(Order.key_of(HERE, answer.json()["id"]))

    before = place()
    draining.drain(HERE)
    assert Client().get(f"/restaurants/{restaurant.id}/", HTTP_HOST=host).status_code == 200
    change(before, Verb.ACCEPT, by=kitchen_of(before), minutes=20)
    place()
    assert "2 open there" in run(HERE)


def test_the_command_says_what_is_open_at_home_there_and_when_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    soon, late = ({"expected_at": {"N": str(at)}} for at in (1_800_000_000_000, 1_800_003_600_000))
    ended = [order(n, home=SIBLING, status=status) for n, status in enumerate(("delivered", "rejected", "duplicate"))]
    elsewhere = [order(10), {**order(11, home="eu-west-1"), **soon}]
    write(SIBLING, ORDERS, *ended, *elsewhere, tombstone_of(order(12, home=SIBLING), 9))
    write(SIBLING, ORDERS, {"key": {"S": f"{SIBLING}#heartbeat#1"}, "home": {"S": SIBLING}, "version": {"N": "1"}})
    open_ones = [{**order(20, home=SIBLING), **soon}, {**order(21, home=SIBLING, status="of a newer release"), **late}]
    write(SIBLING, ORDERS, *open_ones)
    told = run(SIBLING)
    assert f"{SIBLING} is drained since " in told
    assert "2 open there, the last expected 2027-01-15 09:00 UTC." in told
    assert "nothing is left" not in told

    def kitchens_finish(seconds: float) -> None:
        write(SIBLING, ORDERS, *({**image, "status": {"S": "delivered"}} for image in open_ones))

    monkeypatch.setattr(drain.time, "sleep", kitchens_finish)
    assert "nothing is left to be done" in run(SIBLING, "--wait")
    assert "takes traffic again" in run(SIBLING, "--back")
    assert health.state_of(SIBLING).drained_at_ms is None
    assert len(held(SIBLING, ORDERS)) == 9


def test_what_the_role_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    aws.client("dynamodb", SIBLING).delete_table(TableName=ORDERS)
    with pytest.raises(CommandError, match="How many orders are open there is not known"):
        run(SIBLING)
    assert health.state_of(SIBLING).drained_at_ms
    aws.client("dynamodb", "eu-west-1").delete_table(TableName=aws.OPERATIONS)
    with pytest.raises(CommandError, match="eu-west-1 was not changed: ResourceNotFoundException"):
        run("eu-west-1")
