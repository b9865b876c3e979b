"""The replication's entry points, as Lambda calls them."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.models import Availability, CatalogRecord
from core import clock
from core.actor import GUEST
from foodforthought import stream_worker
from orders import placing, settling
from orders.models import Order
from orders.pricing import Choice
from orders.review import Wish
from orders.status import Kind
from orders.texts import Contact
from regions import aws, backlog, failures, topology
from tests.factories import make_token, save_restaurant

MODELS = (CatalogRecord, Availability, Order)
ORDERS = Order.Meta.table_name


@pytest.fixture
def everywhere(tables: None) -> Iterator[None]:
    """The tables of every region, and this region's backlogs."""
    for name in topology.current().others():
        for model in MODELS:
            model.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=False)
    for name in topology.current().regions:
        aws.client("sqs", "us-east-1").create_queue(QueueName=backlog.queue_name(name))
    aws.client("sqs", "us-east-1").create_queue(QueueName=failures.QUEUE)
    backlog._url.cache_clear()
    yield
    backlog._url.cache_clear()
    for breaker in stream_worker.replicator.breakers.values():
        breaker.succeeded()


@pytest.fixture
def order(everywhere: None) -> Order:
    restaurant = save_restaurant()
    wish = Wish(restaurant.id, (Choice("margherita", 1, ("size:small",)),), Kind.PICKUP)
    placed, _ = placing.place(token=make_token(), wish=wish, contact=Contact("Ada", "+1 212 555 0100"), by=GUEST)
    return placed


def image_in(region: str, key: str) -> dict[str, Any] | None:
    return aws.client("dynamodb", region).get_item(TableName=ORDERS, Key={"key": {"S": key}}).get("Item")


def event_of(image: dict[str, Any] | None) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{ORDERS}/stream/1"
    return {"Records": [{"eventSourceARN": arn, "dynamodb": {"NewImage": image} if image else {"Keys": {}}}]}


def test_a_batch_is_copied_whole_to_the_sibling_and_as_a_stub_abroad(order: Order) -> None:
    stream_worker.handler(event_of(image_in("us-east-1", order.key)), None)
    assert image_in("us-west-2", order.key) == image_in("us-east-1", order.key)
    stub = image_in("eu-west-1", order.key)
    assert stub
    assert set(stub) == {"key", "home", "version", "id", "status", "restaurant", "placed_at"}


def twin_of(order: Order, **values: Any) -> dict[str, Any]:
    """The same checkout, accepted in us-west-2, as its copy lands here."""
    image = image_in("us-east-1", order.key)
    assert image
    ours = {"key": {"S": f"us-west-2#{order.id}"}, "home": {"S": "us-west-2"}, "accepted_at": {"N": "1"}}
    twin = {**image, **ours, "status": {"S": "accepted"}, **values}
    aws.client("dynamodb", "us-east-1").put_item(TableName=ORDERS, Item=twin)
    return twin


def test_the_copy_of_a_twin_makes_the_lower_one_give_way(order: Order) -> None:
    stream_worker.handler(event_of(twin_of(order)), None)
    assert Order.get(order.key).status == "duplicate"


def test_the_copy_of_a_twin_that_its_customer_has_cancelled_cancels_both(order: Order) -> None:
    stream_worker.handler(event_of(twin_of(order, status={"S": "cancelled"})), None)
    cancelled = Order.get(order.key)
    assert (cancelled.status, cancelled.twin_home) == ("cancelled", None), "none goes on that could be followed"
    assert cancelled.history[-1]["by"] == {"role": "system"}


def test_a_copy_that_came_while_the_twin_was_being_placed_is_found_with_the_new_order(order: Order) -> None:
    twin_of(order)  # its record was handled when there was no order here to settle with
    stream_worker.handler(event_of(image_in("us-east-1", order.key)), None)
    assert Order.get(order.key).status == "duplicate"


def test_nobody_gives_way_to_what_a_record_says_and_the_copy_here_no_longer_says(order: Order) -> None:
    accepted = twin_of(order)
    twin_of(order, status={"S": "rejected"})
    stream_worker.handler(event_of(accepted), None)  # handed over a second time
    assert Order.get(order.key).status == "placed"


def test_by_the_clock_twins_are_settled_whose_copies_nobody_has_seen_arrive(order: Order) -> None:
    stream_worker.beat({}, None)
    stream_worker.settle({}, None)
    assert Order.get(order.key).status == "placed"
    twin_of(order)
    stream_worker.settle({}, None)
    assert Order.get(order.key).status == "duplicate"


@pytest.mark.parametrize("home", ["eu-west-1", "us-east-1"])
def test_a_stub_from_abroad_and_an_order_of_our_own_settle_nothing(order: Order, home: str) -> None:
    image = image_in("us-east-1", order.key)
    assert image
    stream_worker.handler(event_of({**image, "home": {"S": home}, "status": {"S": "cancelled"}}), None)
    assert Order.get(order.key).status == "placed"


def test_a_removal_by_ttl_and_a_heartbeat_from_elsewhere_change_nothing(everywhere: None) -> None:
    stream_worker.handler(event_of(None), None)
    beat = {"key": {"S": "us-west-2#heartbeat#0"}, "home": {"S": "us-west-2"}, "version": {"N": "1"}}
    stream_worker.handler(event_of(beat), None)
    for region in topology.current().regions:
        assert aws.client("dynamodb", region).scan(TableName=ORDERS)["Items"] == [], region
        assert backlog.receive(region) == [], region


def test_by_the_clock_the_backlogs_are_drained_and_the_heart_beats(order: Order) -> None:
    backlog.add("eu-central-1", [backlog.entry(ORDERS, (order.key,), "was away")])
    stream_worker.drain({}, None)
    assert image_in("eu-central-1", order.key)
    assert image_in("us-west-2", order.key) is None
    stream_worker.beat({}, None)
    assert image_in("us-east-1", "us-east-1#heartbeat#0")


@pytest.mark.parametrize("damage", [{"status": {"NULL": True}}, {"id": {"N": "1"}}, {"version": {"N": "1.5"}}])
def test_an_order_that_nobody_can_read_holds_nothing(order: Order, damage: dict[str, Any]) -> None:
    image = image_in("us-east-1", order.key)
    assert image
    damaged = {**image, "key": {"S": "us-east-1#damaged"}, **damage}
    (before,), (record,) = (event_of(each)["Records"] for each in (damaged, image))
    stream_worker.handler({"Records": [before, record]}, None)
    assert image_in("us-west-2", order.key) == image


HERE = "us-east-1"


def test_a_turn_of_settling_ends_however_slow_it_is(everywhere: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue shows an entry again after 20 seconds: to somebody slow there is always one more."""
    original = backlog.receive
    monkeypatch.setattr(backlog, "receive", lambda target: original(target, hide_seconds=0))
    backlog.add(HERE, [backlog.entry(ORDERS, (f"{HERE}#{number}",), "twins not settled") for number in range(3)])
    elapsed, tried = 0.0, []

    def slow(order_id: str) -> None:
        nonlocal elapsed
        elapsed += 15
        tried.append(order_id)
        assert len(tried) < 50, "it does not end"
        raise LookupError(order_id)

    monkeypatch.setattr(settling, "settle_twins", slow)
    monkeypatch.setattr(settling, "time", SimpleNamespace(monotonic=lambda: elapsed))
    settling.settle_again()
    assert 1 <= len(tried) <= 4
    assert backlog.count(HERE) == 3


@pytest.mark.parametrize(
    "body",
    [
        "not even JSON",
        json.dumps({"table": "of-a-later-release", "key": [f"{HERE}#1"], "reason": "", "since_ms": 1}),
        json.dumps({"table": ORDERS, "key": [f"{HERE}#1", "more"], "reason": "", "since_ms": 1}),
        json.dumps({"table": ORDERS, "key": ["no-region"], "reason": "", "since_ms": 1}),
        json.dumps({"table": ORDERS, "key": [], "reason": "", "since_ms": 1}),
    ],
)
def test_an_entry_that_names_no_order_is_not_settled_and_stays(everywhere: None, body: str) -> None:
    aws.client("sqs", HERE).send_message(QueueUrl=backlog._url(HERE), MessageBody=body)
    settling.settle_again()
    assert backlog.count(HERE) == 1


def test_twins_that_cannot_be_settled_are_handed_to_the_queue_again_before_it_forgets_them(
    everywhere: None, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    def fail(order_id: str) -> None:
        raise LookupError(order_id)

    monkeypatch.setattr(settling, "settle_twins", fail)
    backlog.add(HERE, [backlog.entry(ORDERS, (f"{HERE}#1",), "twins not settled")])
    (first,) = backlog.receive(HERE, hide_seconds=0)
    calls.clear()
    later_ms = clock.now_ms() + 8 * 86_400_000
    monkeypatch.setattr(clock, "now_ms", lambda: later_ms)
    settling.settle_again()
    assert calls.count("SendMessageBatch") == 1
    assert backlog.count(HERE) == 1
    (renewed,) = backlog.receive(HERE)
    assert (renewed.key, renewed.reason, renewed.since_ms) == (first.key, first.reason, first.since_ms)
