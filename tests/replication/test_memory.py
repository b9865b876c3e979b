"""The store in memory answers as moto does, for every call that the machine makes of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test
from moto import mock_aws

from orders.models import Order
from regions import aws, backlog, topology
from regions.replication import CONDITION
from tests.replication.machine import Regions
from tests.replication.memory import Item, Memory
from tests.replication.test_machine import QUICK
from tests.replication.world import ORDERS

SQS = {
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessageBatch",
    "GetQueueUrl",
    "GetQueueAttributes",
    "CreateQueue",
    "DeleteQueue",
}


class Moto:
    """moto behind the same three calls. Of the regions it makes what is asked for; empty at the start."""

    def __init__(self, original: Callable[..., Any], regions: tuple[str, ...]) -> None:
        self.original = original
        for region in regions:
            for item in self.items(region, ORDERS):
                self.call(region, "DeleteItem", {"TableName": ORDERS, "Key": {"key": item["key"]}})
            for target in regions:
                queue = {"QueueName": backlog.queue_name(target)}
                self.call(region, "DeleteQueue", self.call(region, "CreateQueue", queue))
                self.call(region, "CreateQueue", queue)

    def call(self, region: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        client = aws.client("sqs" if operation in SQS else "dynamodb", region)
        answer: dict[str, Any] = self.original(client, operation, dict(arguments))
        answer.pop("ResponseMetadata")
        return answer

    def item(self, region: str, table: str, key: str) -> Item | None:
        found = self.call(region, "GetItem", {"TableName": table, "Key": {"key": {"S": key}}, "ConsistentRead": True})
        return found.get("Item")

    def items(self, region: str, table: str) -> list[Item]:
        items: list[Item] = self.call(region, "Scan", {"TableName": table})["Items"]
        return items


def make_moto(regions: tuple[str, ...]) -> Callable[[], Moto]:
    """Tables and queues of these regions; then emptied stores, as often as one likes. Inside `mock_aws` only."""
    from catalog.models import Availability

    for region in regions:
        for model in (Order, Availability):
            model.in_region(region).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
    original = BaseClient._make_api_call
    return lambda: Moto(original, regions)


@pytest.fixture(scope="module")
def moto() -> Iterator[Callable[[], Moto]]:
    with mock_aws():
        aws.client.cache_clear()
        yield make_moto(("us-east-1",))
    aws.client.cache_clear()
    Order.in_region.cache_clear()


KEY = st.sampled_from(["us-east-1#a", "us-east-1#b"]).map(lambda key: {"S": key})
NUMBER = st.integers(1, 4).map(lambda number: {"N": str(number)})
NAMES = {"#v": "version", "#k": "key", "#d": "deleted_at", "#s": "status"}
CONDITIONS = [
    CONDITION,
    "#v = :version",
    "(attribute_not_exists (#k) OR (attribute_exists (#d) AND #v < :version))",
    "NOT #v > :version AND attribute_exists(#s)",
    "#s = :version OR #v <= :version",
]


@st.composite
def write(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    condition = draw(st.sampled_from([None, *CONDITIONS]))
    text = condition or ""
    values = {":version": draw(NUMBER)} if condition else {}
    asked: dict[str, Any] = {"TableName": ORDERS}
    if condition:
        asked["ConditionExpression"] = condition
    if draw(st.booleans()):
        item = {"key": draw(KEY), "version": draw(NUMBER)}
        item |= draw(st.sampled_from([{}, {"deleted_at": {"N": "1"}}, {"status": {"S": "placed"}}]))
        operation, asked["Item"] = "PutItem", item
    else:
        values |= {":s": {"S": draw(st.sampled_from(["x", "y"]))}, ":n": draw(NUMBER)}
        asked |= {"Key": {"key": draw(KEY)}, "UpdateExpression": "SET #s = :s, #v = :n", "ReturnValues": "ALL_NEW"}
        operation, text = "UpdateItem", text + "#s #v"
    names = {name: attribute for name, attribute in NAMES.items() if name in text}
    return operation, asked | (
        {"ExpressionAttributeNames": names} if names else {}
    ) | ({"ExpressionAttributeValues": values} if values else {})  # fmt: skip


@st.composite
def read(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    key = {"key": draw(KEY)}
    both = [{"key": {"S": "us-east-1#a"}}, {"key": {"S": "us-east-1#b"}}]
    projected = {"ProjectionExpression": "#k, #v", "ExpressionAttributeNames": {"#k": "key", "#v": "version"}}
    return draw(
        st.sampled_from(
            [
                ("GetItem", {"TableName": ORDERS, "Key": key, "ConsistentRead": True}),
                ("BatchGetItem", {"RequestItems": {ORDERS: {"Keys": both, **projected}}}),
                ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": ORDERS, "Key": key}}]}),
                ("Scan", {"TableName": ORDERS, **projected}),
                ("DeleteItem", {"TableName": ORDERS, "Key": key}),
            ]
        )
    )


def answer_of(store: Memory | Moto, operation: str, asked: dict[str, Any]) -> str:
    """What counts of an answer, with lists of items in one order."""
    try:
        answer = store.call("us-east-1", operation, asked)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    counted = {name: answer.get(name) for name in ("Item", "Items", "Responses", "Attributes")}
    if operation == "BatchGetItem":
        counted["Responses"] = answer["Responses"].get(ORDERS, [])
    for name in ("Items", "Responses"):
        if operation != "TransactGetItems" and counted[name]:
            counted[name] = sorted(counted[name], key=lambda item: str(item["key"]))
    return json.dumps(counted, sort_keys=True)


@settings(max_examples=40, deadline=None, database=None)
@given(calls=st.lists(st.one_of(write(), write(), read()), min_size=4, max_size=12))
def test_dynamodb_answers_alike(moto: Callable[[], Moto], calls: list[tuple[str, dict[str, Any]]]) -> None:
    memory, real = Memory(), moto()
    for operation, asked in calls:
        assert answer_of(memory, operation, asked) == answer_of(real, operation, asked), (operation, asked)
    assert answer_of(memory, "Scan", {"TableName": ORDERS}) == answer_of(real, "Scan", {"TableName": ORDERS})


def test_a_queue_hides_what_was_received_and_lets_go_of_what_was_deleted(moto: Callable[[], Moto]) -> None:
    for store in (Memory(), moto()):
        url = store.call("us-east-1", "GetQueueUrl", {"QueueName": backlog.queue_name("us-east-1")})["QueueUrl"]

        def ask(operation: str, url: str = url, store: Memory | Moto = store, **asked: Any) -> Any:
            return store.call("us-east-1", operation, {"QueueUrl": url, **asked})

        for start in (0, 10):
            entries = [{"Id": str(n), "MessageBody": str(start + n)} for n in range(10)]
            assert not ask("SendMessageBatch", Entries=entries).get("Failed")
        received: list[dict[str, Any]] = []
        for _ in range(8):
            received += ask("ReceiveMessage", MaxNumberOfMessages=10, VisibilityTimeout=30).get("Messages", [])
        assert sorted(int(message["Body"]) for message in received) == list(range(20))
        receipts = [{"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(received[:5])]
        ask("DeleteMessageBatch", Entries=receipts)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        shown = ask("GetQueueAttributes", AttributeNames=names)["Attributes"]
        assert [shown[name] for name in names] == ["0", "15"]


class MotoTables(Moto):
    """moto's tables; its queues know the real time only, and the machine has a time of its own."""

    def __init__(self, original: Callable[..., Any], regions: tuple[str, ...]) -> None:
        super().__init__(original, regions)
        self.queues = Memory()

    def call(self, region: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if hasattr(self, "queues") and operation in SQS:
            return self.queues.call(region, operation, arguments)
        return super().call(region, operation, arguments)


def test_the_machine_runs_on_moto_too() -> None:
    with mock_aws():
        aws.client.cache_clear()
        make_moto(tuple(topology.current().regions))
        original = BaseClient._make_api_call

        class OnMoto(Regions):
            def make_store(self, regions: tuple[str, ...]) -> MotoTables:
                return MotoTables(original, regions)

        run_state_machine_as_test(OnMoto, settings=settings(QUICK, max_examples=8, phases=[Phase.generate]))
    aws.client.cache_clear()
    Order.in_region.cache_clear()
