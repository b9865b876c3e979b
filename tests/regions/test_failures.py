"""What Lambda has given up on joins the backlogs while the stream still has it, and is told when it no longer does."""

import json
import logging
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError, ClientError

from orders.settling import settle_later
from regions import aws, backlog, failures, topology
from tests.regions.conftest import CATALOG, ORDERS, dish, order

HERE, SIBLING, ABROAD = "us-east-1", "us-west-2", "eu-west-1"


@pytest.fixture(autouse=True)
def queue(four_regions: None) -> str:
    """Lambda's queue, and streams of the tables here."""
    for table in (ORDERS, CATALOG):
        stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
        aws.client("dynamodb", HERE).update_table(TableName=table, StreamSpecification=stream)
    return str(aws.client("sqs", HERE).get_queue_url(QueueName=failures.QUEUE)["QueueUrl"])


def write(table: str, *images: dict[str, Any]) -> list[dict[str, Any]]:
    """Put these, and what the table's stream has then."""
    for image in images:
        aws.client("dynamodb", HERE).put_item(TableName=table, Item=image)
    streams = aws.client("dynamodbstreams", HERE)
    place = {"StreamArn": stream_of(table), "ShardId": shard_of(table), "ShardIteratorType": "TRIM_HORIZON"}
    page = streams.get_records(ShardIterator=streams.get_shard_iterator(**place)["ShardIterator"])
    return list(page["Records"])


def stream_of(table: str) -> str:
    return str(aws.client("dynamodb", HERE).describe_table(TableName=table)["Table"]["LatestStreamArn"])


def shard_of(table: str) -> str:
    (shard,) = aws.client("dynamodbstreams", HERE).describe_stream(StreamArn=stream_of(table))["StreamDescription"][
        "Shards"
    ]
    return str(shard["ShardId"])


def give_up(queue: str, table: str, records: list[dict[str, Any]]) -> None:
    """As Lambda writes it down."""
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    info = {
        "shardId": shard_of(table), "startSequenceNumber": numbers[0], "endSequenceNumber": numbers[-1],
        "batchSize": len(records), "streamArn": stream_of(table),
    }  # fmt: skip
    context = {"condition": "RetryAttemptsExhausted", "approximateInvokeCount": 6}
    body = {"requestContext": context, "version": "1.0", "DDBStreamBatchInfo": info}
    boto3.client("sqs", HERE).send_message(QueueUrl=queue, MessageBody=json.dumps(body))


def waiting(target: str) -> set[tuple[str, ...]]:
    return {entry.key for entry in backlog.receive(target, hide_seconds=0)}


def left(queue: str) -> int:
    names: Any = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = boto3.client("sqs", HERE).get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(map(int, attributes.values()))


def test_the_records_of_a_batch_and_no_others_wait_for_every_region(queue: str) -> None:
    records = write(ORDERS, *(order(number) for number in range(5)))
    give_up(queue, ORDERS, records[1:4])
    failures.drain(settle_later)
    for target in topology.current().others():
        assert waiting(target) == {(f"{HERE}#{number}",) for number in (1, 2, 3)}, target
    assert {entry.reason for entry in backlog.receive(ABROAD)} == {failures.REASON}
    assert left(queue) == 0


def test_of_what_has_its_home_elsewhere_only_twins_are_looked_at_again(queue: str) -> None:
    heartbeat = {"key": {"S": f"{HERE}#heartbeat#3"}, "home": {"S": HERE}, "version": {"N": "1"}}
    give_up(queue, ORDERS, write(ORDERS, order(1, home=SIBLING), order(2, home=ABROAD), heartbeat))
    failures.drain(settle_later)
    assert all(not waiting(target) for target in topology.current().others())
    assert waiting(HERE) == {(f"{HERE}#1",)}


def test_an_item_that_nobody_can_read_is_known_by_its_key(queue: str) -> None:
    damaged = {"key": {"S": f"{HERE}#1"}, "home": {"N": "1"}, "status": {"L": []}}
    give_up(queue, ORDERS, write(ORDERS, damaged, {"key": {"S": "no region"}}))
    failures.drain(settle_later)
    assert waiting(SIBLING) == waiting(HERE) == {(f"{HERE}#1",)}


def test_of_a_removal_nothing_waits_and_of_an_item_written_twice_one_entry(queue: str) -> None:
    aws.client("dynamodb", HERE).put_item(TableName=ORDERS, Item=order(2))
    aws.client("dynamodb", HERE).delete_item(TableName=ORDERS, Key={"key": {"S": f"{HERE}#2"}})
    records = write(ORDERS, order(1), order(1, version=6))
    give_up(queue, ORDERS, records[1:])
    failures.drain(settle_later)
    assert waiting(SIBLING) == {(f"{HERE}#1",)}
    assert backlog.count(SIBLING) == 1


def test_the_catalogue_waits_where_its_master_is(queue: str) -> None:
    give_up(queue, CATALOG, write(CATALOG, dish(1)))
    failures.drain(settle_later)
    assert waiting(ABROAD) == {("restaurant#1", "item#1")}
    assert waiting(HERE) == set()


@pytest.mark.parametrize("code", ["TrimmedDataAccessException", "ResourceNotFoundException"])
def test_what_the_stream_has_forgotten_is_told_and_stays_and_holds_nothing(
    queue: str, code: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    records = write(ORDERS, order(1), order(2))
    give_up(queue, ORDERS, records[:1])
    give_up(queue, ORDERS, records[1:])
    refuse(monkeypatch, "GetShardIterator", code, SequenceNumber=records[0]["dynamodb"]["SequenceNumber"])
    with caplog.at_level(logging.ERROR):
        failures.drain(settle_later)
    assert waiting(SIBLING) == {(f"{HERE}#2",)}
    assert left(queue) == 1
    (line,) = caplog.records
    assert "run reconcile here" in line.getMessage()


def test_a_batch_whose_end_the_stream_does_not_have_counts_as_forgotten(queue: str) -> None:
    records = write(ORDERS, order(1))
    beyond = {"dynamodb": {"SequenceNumber": str(int(records[0]["dynamodb"]["SequenceNumber"]) + 1)}}
    give_up(queue, ORDERS, [*records, beyond])
    failures.drain(settle_later)
    assert (waiting(SIBLING), left(queue)) == (set(), 1)


@pytest.mark.parametrize("body", ["not even JSON", "[]", "{}", '{"DDBStreamBatchInfo": {"startSequenceNumber": "x"}}'])
def test_what_nobody_understands_stays(queue: str, body: str) -> None:
    boto3.client("sqs", HERE).send_message(QueueUrl=queue, MessageBody=body)
    failures.drain(settle_later)
    assert left(queue) == 1


@pytest.mark.parametrize(
    ("operation", "code"), [("GetRecords", "ProvisionedThroughputExceededException"), ("SendMessageBatch", "Throttled")]
)
def test_a_batch_is_let_go_of_only_when_the_backlogs_have_it(
    queue: str, operation: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_up(queue, ORDERS, write(ORDERS, order(1)))
    with monkeypatch.context() as patch:
        refuse(patch, operation, code)
        with pytest.raises((ClientError, BotoCoreError)):
            failures.drain(settle_later)
    assert left(queue) == 1


def refuse(monkeypatch: pytest.MonkeyPatch, operation: str, code: str, **named: str) -> None:
    """AWS refuses these calls with this code: all of them, or those with these arguments."""
    original = BaseClient._make_api_call

    def call(self: BaseClient, name: str, arguments: Any) -> Any:
        if name == operation and named.items() <= arguments.items():
            raise ClientError({"Error": {"Code": code, "Message": ""}}, operation)
        return original(self, name, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
