"""Orders on the running cloud, through the API: once, everywhere, and only what may be where."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from core import geo
from localcloud.gameday.customers import dishes_made_always, open_longest_first
from regions import topology
from tests.cloud import Cloud
from tests.e2e.store import differences, eventually, eventually_equal, items
from tests.factories import make_token

pytestmark = pytest.mark.cloud

ORDERS = "foodforthought-orders"


def open_restaurant(cloud: Cloud, host: str, latitude: float, longitude: float) -> dict[str, Any]:
    """A restaurant near a place that takes orders now and for long, with its menu; `cell` is where one is."""
    listing = cloud.json(host, f"/api/v1/restaurants?lat={latitude}&lng={longitude}&open=true")
    for card in open_longest_first(listing["restaurants"]):
        found: dict[str, Any] = cloud.json(host, f"/api/v1/restaurants/{card['id']}")
        if dishes_made_always(found) and found["delivers"] and found["offers_pickup"]:
            return {**found, "cell": listing["cell"]}
    raise AssertionError(f"no restaurant is open near {latitude}, {longitude}")


def request_for(restaurant: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A pick-up of the first dish, with the first choices where some are asked for."""
    dish = dishes_made_always(restaurant)[0]
    options = [f"{g['id']}:{c['id']}" for g in dish["options"] for c in g["choices"][: g["min"]]]
    body = {
        "token": make_token(),
        "restaurant": restaurant["id"],
        "lines": [{"dish": dish["id"], "quantity": 2, "options": options}],
        "delivery": {"kind": "pickup"},
        "contact": {"name": "Ada", "phone": "+1 212 555 0100"},
    }
    return {**body, **values}


@pytest.fixture(scope="module")
def american(cloud: Cloud) -> dict[str, Any]:
    return open_restaurant(cloud, "na", 40.73, -73.99)


@pytest.fixture(scope="module")
def european(cloud: Cloud) -> dict[str, Any]:
    return open_restaurant(cloud, "eu", 48.857, 2.352)


def test_one_token_fifty_times_at_once_is_one_order(cloud: Cloud, american: dict[str, Any]) -> None:
    body = request_for(american)
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: cloud.post("us-east-1", "/api/v1/orders", body), range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    assert len({json.dumps(document, sort_keys=True) for _, document in answers}) == 1
    order_id = answers[0][1]["id"]
    assert [item["id"]["S"] for item in items(cloud, "us-east-1", ORDERS) if item["id"]["S"] == order_id] == [order_id]
    status, problem = cloud.post("us-east-1", "/api/v1/orders", {**body, "note": "other content"})
    assert (status, problem["type"]) == (409, "/problems/token-reused")


def test_an_order_is_copied_to_every_region_and_changed_at_home_only(cloud: Cloud, american: dict[str, Any]) -> None:
    status, placed = cloud.post("us-west-2", "/api/v1/orders", request_for(american))
    assert (status, placed["home_region"]) == (201, "us-west-2")
    path = f"/api/v1/orders/us-west-2/{placed['id']}"
    key = f"us-west-2#{placed['id']}"
    for name in topology.current().regions:
        eventually(lambda name=name: key in {item["key"]["S"] for item in items(cloud, name, ORDERS)})
    status, refused = cloud.post("us-east-1", f"{path}/cancel", {}, access=placed["access"])
    assert (status, refused["home_region"]) == (421, "us-west-2")
    assert refused["home_endpoint"] == cloud.url("us-west-2")
    status, cancelled = cloud.post("us-west-2", f"{path}/cancel", {}, access=placed["access"])
    assert (status, cancelled["status"]) == (200, "cancelled")
    eventually_equal(cloud)


def test_availability_is_said_while_the_master_is_away(cloud: Cloud, american: dict[str, Any], tmp_path: Path) -> None:
    dish = american["dishes"][1]["id"]
    cloud.stop("us-east-1")
    try:
        cloud.manage("availability", american["id"], "--sold-out", dish, region="us-west-2")
        new = tmp_path / "new.json"
        element = {"type": "node", "id": 1, "lat": 40.73, "lon": -73.99, "tags": {"amenity": "cafe", "name": "New"}}
        new.write_text(json.dumps({"elements": [element]}))
        elsewhere = cloud.manage("import_restaurants", str(new), region="us-west-2", check=False)
        assert "changed in us-east-1 only; while it is away, the change has to wait" in elsewhere
        at_home = cloud.manage("import_restaurants", str(new), region="us-east-1", check=False)
        assert "us-east-1, does not answer" in at_home
        shown = cloud.json("us-west-2", f"/api/v1/restaurants/{american['id']}")
        assert next(d for d in shown["dishes"] if d["id"] == dish)["sold_out"]
    finally:
        cloud.start("us-east-1")
    eventually(
        lambda: next(
            d for d in cloud.json("us-east-1", f"/api/v1/restaurants/{american['id']}")["dishes"] if d["id"] == dish
        )["sold_out"]
    )
    cloud.manage("availability", american["id"], "--back", dish, region="us-east-1")
    eventually_equal(cloud)


def test_nothing_personal_of_a_european_order_is_in_america(cloud: Cloud, european: dict[str, Any]) -> None:
    secrets = {
        "name": "Canaria Vogelsang",
        "phone": "+33 1 99 00 77 66",
        "street": "77 Rue du Canari Jaune",
        "note": "zwitscherzwei",
    }
    latitude, longitude = geo.centre_of(european["cell"])
    body = request_for(
        european,
        contact={"name": secrets["name"], "phone": secrets["phone"]},
        delivery={
            "kind": "delivery",
            "address": {"street": secrets["street"], "postcode": "75004", "city": "Paris"},
            "position": {"latitude": latitude, "longitude": longitude},
        },
        note=secrets["note"],
        lines=[{**request_for(european)["lines"][0], "quantity": 9}],
    )
    status, placed = cloud.post("eu-west-1", "/api/v1/orders", body)
    assert status == 201, placed
    assert cloud.post("eu-west-1", "/api/v1/orders", {**body, "tip": -1})[0] == 400
    # The same, sent to the wrong part of the world, and cancelled from there.
    assert cloud.post("us-east-1", "/api/v1/orders", {**body, "token": make_token()})[0] == 421
    path = f"/api/v1/orders/eu-west-1/{placed['id']}"
    assert cloud.post("us-east-1", f"{path}/cancel", {}, access=placed["access"])[0] == 421
    eventually_equal(cloud)

    stubs = [item for item in items(cloud, "us-east-1", ORDERS) if item["key"]["S"] == f"eu-west-1#{placed['id']}"]
    assert len(stubs) == 1, "the stub has not arrived: the search below would prove nothing"
    stored = {**secrets, "phone": re.sub(r"[^+\d]", "", secrets["phone"])}
    canaries = [
        *secrets.values(),
        placed["access"],
        body["token"].partition(".")[2],
        stored["phone"],
        stored["phone"].lstrip("+"),
        f"{latitude:.4f}",
    ]
    for name in ("us-east-1", "us-west-2"):
        for table in ("foodforthought-catalog", "foodforthought-availability", ORDERS, "foodforthought-operations"):
            text = json.dumps(items(cloud, name, table), ensure_ascii=False)
            assert not [canary for canary in canaries if canary in text], (name, table)
    at_home = json.dumps(items(cloud, "eu-central-1", ORDERS), ensure_ascii=False)
    assert all(value in at_home for value in stored.values()), "the search finds what is there"
    for log in cloud.logs():
        text = log.read_text(errors="replace")
        assert not [canary for canary in canaries if canary in text], log.name


def test_the_regions_agree_on_everything(cloud: Cloud) -> None:
    eventually_equal(cloud)
    assert differences(cloud) == []


def test_of_twins_that_a_partition_has_made_one_gives_way(cloud: Cloud, american: dict[str, Any]) -> None:
    """The first home is cut off before its copy has gone out, and the customer's retry is taken by the other one."""
    body = request_for(american)
    cloud.freeze_worker("us-east-1")
    status, first = cloud.post("us-east-1", "/api/v1/orders", body)
    assert (status, first["home_region"]) == (201, "us-east-1")
    cloud.stop("us-east-1")
    status, second = cloud.post("us-west-2", "/api/v1/orders", body)
    assert (status, second["home_region"], second["id"]) == (201, "us-west-2", first["id"])
    cloud.manage("order", "us-west-2", second["id"], "accept", region="us-west-2")
    cloud.start("us-east-1")

    def states() -> dict[str, str]:
        found = {item["key"]["S"]: item["status"]["S"] for item in items(cloud, "us-east-1", ORDERS)}
        return {home: found.get(f"{home}#{first['id']}", "") for home in ("us-east-1", "us-west-2")}

    eventually(lambda: states() == {"us-east-1": "duplicate", "us-west-2": "accepted"})
    eventually_equal(cloud)
    given_up = cloud.request("GET", "na", f"/orders/us-east-1/{first['id']}/?access={first['access']}")[1].decode()
    assert f"/orders/us-west-2/{first['id']}/?access={first['access']}" in given_up
