"""The roles allow what pages and worker do: every call is asked of the role's policies first, and refused as AWS would."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from django.test import Client

from admin_portal.overview import overview
from catalog import actions as catalog_actions
from catalog.models import Availability, CatalogRecord, Restaurant
from core.errors import NotFound
from foodforthought import stream_worker
from orders import reading
from orders.lifecycle import change
from orders.models import Order
from orders.status import Verb
from places import finding
from regions import aws, backlog, failures, replicator, topology
from regions.comparison import versions_in
from regions.replication import rules
from tests.api.conftest import Api
from tests.factories import cell_of, kitchen_of, order_request, save_restaurant
from tests.iam import Role, queue, stream, table, web, worker

HERE = "us-east-1"
MODELS = (CatalogRecord, Availability, Order)
ORDERS = Order.Meta.table_name
KEY_NAMES = ("key", "pk")
"""The partition keys of all tables."""
PERMISSIONS = {"SendMessageBatch": "SendMessage", "DeleteMessageBatch": "DeleteMessage", "TransactGetItems": "GetItem"}
"""What has no permission of its own is allowed by that of its parts."""

Request = tuple[str, str, list[str], list[str]]
"""Action, resource, partition keys and attributes: what IAM is asked for."""


def requests_of(service: str, region: str, operation: str, arguments: dict[str, Any]) -> Iterator[Request]:
    """A call as IAM sees it: one request for each table or item."""
    action = f"{service}:{PERMISSIONS.get(operation, operation)}"
    if service == "sqs":
        name = arguments.get("QueueName") or arguments["QueueUrl"].rpartition("/")[2]
        yield action, queue(region, name), [], []
    elif service == "geo-places":
        yield action, f"arn:aws:geo-places:{region}::provider/default", [], []
    elif service == "dynamodbstreams":
        yield f"dynamodb:{operation}", arguments.get("StreamArn", stream(region, ORDERS)), [], []
    elif operation == "ListTables":
        yield action, "*", [], []
    elif operation == "BatchGetItem":
        for name, wanted in arguments["RequestItems"].items():
            yield action, table(region, name), [partition_of(key) for key in wanted["Keys"]], []
    elif operation in ("TransactGetItems", "TransactWriteItems"):
        for part in arguments["TransactItems"]:
            ((kind, item),) = part.items()
            yield from requests_of(service, region, f"{kind}Item", item)
    else:
        item = arguments.get("Item") or arguments.get("Key") or {}
        attributes = list(item or arguments.get("ExpressionAttributeNames", {}).values())
        keys = [partition_of(item)] if item else []
        yield action, table(region, arguments["TableName"]), keys, attributes


def partition_of(item: dict[str, Any]) -> str:
    return next(str(item[name]["S"]) for name in KEY_NAMES if name in item)


@pytest.fixture
def acts_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Role], list[Request]]:
    """From now on this process has a role; what it is refused is in the list."""
    original = BaseClient._make_api_call

    def install(role: Role) -> list[Request]:
        refused: list[Request] = []

        def guarded(self: BaseClient, operation: str, arguments: Any) -> Any:
            service, region = self.meta.service_model.service_name, self.meta.region_name
            for request in requests_of(service, region, operation, arguments):
                action, resource, keys, attributes = request
                if not role.allows(action, resource, keys=keys, attributes=attributes):
                    refused.append(request)
                    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)
            return original(self, operation, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", guarded)
        return refused

    return install


@pytest.fixture
def everywhere(tables: None) -> Iterator[None]:
    """The tables and backlogs of every region."""
    for name in topology.current().others():
        for model in MODELS:
            model.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=False)
        aws.client("dynamodb", name).create_table(
            TableName=aws.OPERATIONS, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        )  # fmt: skip
    for home in topology.current().regions:
        for name in topology.current().regions:
            aws.client("sqs", home).create_queue(QueueName=backlog.queue_name(name))
        aws.client("sqs", home).create_queue(QueueName=failures.QUEUE)
    backlog._url.cache_clear()
    yield
    backlog._url.cache_clear()
    for breaker in stream_worker.replicator.breakers.values():
        breaker.succeeded()
    stream_worker.replicator._empty.clear()


@pytest.fixture
def restaurant(everywhere: None) -> Restaurant:
    return save_restaurant()


def record(name: str, image: dict[str, Any]) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:{HERE}:1:table/{name}/stream/1"
    return {"eventSourceARN": arn, "eventName": "INSERT", "dynamodb": {"NewImage": image}}


def batches() -> Iterator[list[dict[str, Any]]]:
    """All that is in this region's tables, as its streams hand it over."""
    store = aws.client("dynamodb", HERE)
    for model in MODELS:
        name = model.Meta.table_name
        arn = f"arn:aws:dynamodb:{HERE}:1:table/{name}/stream/1"
        images = store.scan(TableName=name)["Items"]
        yield [{"eventSourceARN": arn, "eventName": "INSERT", "dynamodb": {"NewImage": image}} for image in images]


def image_of(order: Order) -> dict[str, Any]:
    return dict(aws.client("dynamodb", HERE).get_item(TableName=ORDERS, Key={"key": {"S": order.key}})["Item"])


def place(restaurant: Restaurant) -> tuple[Order, str]:
    """An order by API, and what opens it."""
    placed = Api().post("orders", order_request(restaurant))
    assert placed.status_code == 201, placed.content
    return Order.get(Order.key_of(HERE, placed.json()["id"])), placed.json()["access"]


def test_pages_may_do_what_they_do(everywhere: None, acts_with: Callable[[Role], list[Request]]) -> None:
    refused = acts_with(web(HERE))
    restaurant = save_restaurant()
    catalog_actions.pause(restaurant.id)
    catalog_actions.resume(restaurant.id)
    for path in (
        "/",
        f"/near/{cell_of(restaurant)}/",
        f"/restaurants/{restaurant.id}/",
        "/sitemap.xml",
        "/health/ready",
    ):
        assert Client().get(path, HTTP_HOST=topology.current().region_host(HERE)).status_code in (200, 302), path
    near = tuple(restaurant.position)
    assert finding.suggest("Canary", language="en", near=near)
    door, *_ = finding.find("12 Canary Street, New York", language="en", near=near)
    assert finding.locate(door.address, language="en", near=near)
    assert finding.at(door.position, language="en")
    order, access = place(restaurant)
    assert Api().get(f"orders/{HERE}/{order.id}", access=access).status_code == 200
    change(order, Verb.ACCEPT, by=kitchen_of(order), minutes=20)
    reading.twin_that_goes_on(order)
    with pytest.raises(NotFound):
        reading.see("us-west-2", order.id, access=access)
    assert overview().silent == []
    assert refused == []


def test_a_worker_may_do_what_it_does(
    everywhere: None, acts_with: Callable[[Role], list[Request]], monkeypatch: pytest.MonkeyPatch
) -> None:
    restaurant = save_restaurant()
    catalog_actions.set_busy(restaurant.id, minutes=10)
    order, _ = place(restaurant)
    twin = {
        **image_of(order),
        "key": {"S": f"us-west-2#{order.id}"},
        "home": {"S": "us-west-2"},
        "status": {"S": "accepted"},
    }
    aws.client("dynamodb", HERE).put_item(TableName=ORDERS, Item={**twin, "accepted_at": {"N": "1"}})
    handed_over = list(batches())
    monkeypatch.setattr(replicator, "MANY", len(handed_over[0]))  # so that the catalogue is put in transactions

    refused = acts_with(worker(HERE))
    stream_worker.beat({}, None)
    for records in handed_over:
        stream_worker.handler({"Records": records}, None)
    for region in topology.current().others():
        backlog.add(region, [backlog.entry(ORDERS, (key,), "was away") for key in (order.key, f"{HERE}#gone")])
        stream_worker.replicator.breakers[region].failed()  # so that it is asked whether it answers again
    backlog.add(HERE, [backlog.entry(ORDERS, (order.key,), "twins not settled")])
    stream_worker.drain({}, None)
    stream_worker.settle({}, None)
    stream_worker.beat({}, None)
    assert refused == []
    assert Order.get(order.key).status == "duplicate"
    assert [backlog.count(region) for region in topology.current().regions] == [0] * 4


def test_a_worker_may_fetch_what_lambda_gave_up_on(
    everywhere: None, acts_with: Callable[[Role], list[Request]]
) -> None:
    store, streams = aws.client("dynamodb", HERE), aws.client("dynamodbstreams", HERE)
    store.update_table(TableName=ORDERS, StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    order, _ = place(save_restaurant())
    arn = store.describe_table(TableName=ORDERS)["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    first = shard["SequenceNumberRange"]["StartingSequenceNumber"]
    batch = {"streamArn": arn, "shardId": shard["ShardId"], "startSequenceNumber": first, "endSequenceNumber": first}
    url = aws.client("sqs", HERE).get_queue_url(QueueName=failures.QUEUE)["QueueUrl"]
    aws.client("sqs", HERE).send_message(QueueUrl=url, MessageBody=json.dumps({"DDBStreamBatchInfo": batch}))

    refused = acts_with(worker(HERE))
    stream_worker.drain({}, None)
    stream_worker.drain({}, None)
    assert refused == []
    for region in topology.current().others():
        assert versions_in(region, rules()[ORDERS], [(order.key,)])[0], region


def test_a_worker_may_compare_its_home_with_other_regions(
    everywhere: None, acts_with: Callable[[Role], list[Request]]
) -> None:
    order, _ = place(save_restaurant())
    refused = acts_with(worker(HERE))
    left = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)
    answer = stream_worker.lambda_handler({"reconcile": []}, left)
    assert refused == []
    assert answer
    assert (answer["done"], answer["lost"]) == (True, {})
    for region in topology.current().others():
        assert versions_in(region, rules()[ORDERS], [(order.key,)])[0], region
