"""What Lambda has given up on: batches of a stream with which the worker failed again and again, so that they hold nothing else.

Lambda keeps them in an SQS queue (infrastructure/worker.yaml), each as a shard and its first and last sequence number, without a
record. As long as the stream has the records, which is 24 hours, they are read again, and their keys join the backlogs.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from core.events import ERROR, event
from regions import aws, backlog, topology
from regions.aws import error_code
from regions.heartbeat import is_heartbeat
from regions.replication import key_of, rules, table_of
from regions.replicator import DRAIN_SECONDS

QUEUE = "foodforthought-failures"
HIDE_SECONDS = 60  # longer than a turn: what has to stay is met once in each
PAGES = 100  # a batch is read in one or two; some of the stream's answers are empty
REASON = "the worker failed with its batch"

Record = Mapping[str, Any]


class Forgotten(Exception):
    """The stream no longer has these records: only a comparison of the regions finds what they changed."""


@dataclass(frozen=True)
class Batch:
    """Where in a stream it is. The sequence numbers are those of its first and its last record."""

    stream: str
    shard: str
    first: str  # as it was written: with its zeros in front
    last: int

    @classmethod
    def of(cls, body: str) -> Self:
        """Of a message: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html"""
        info = json.loads(body)["DDBStreamBatchInfo"]
        first, last = str(info["startSequenceNumber"]), int(info["endSequenceNumber"])
        return cls(str(info["streamArn"]), str(info["shardId"]), first, last)


def drain(also: Callable[[Sequence[Record]], None]) -> None:
    """Give the records of each batch to the backlogs, and to `also`, before letting go of it.

    One that cannot be read stays in the queue, where an alarm sees it (infrastructure/backlog.yaml): somebody has to reconcile.
    """
    sqs, until = aws.client("sqs", topology.here()), time.monotonic() + DRAIN_SECONDS
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    while time.monotonic() < until:
        answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=backlog.BATCH, VisibilityTimeout=HIDE_SECONDS)
        if not answer.get("Messages"):
            return
        for message in answer["Messages"]:
            try:
                records = _read(Batch.of(message["Body"]))
                keys = _keys_of_ours(records)
            except (Forgotten, ValueError, KeyError, TypeError) as error:
                event("failed batch lost: run reconcile here", level=ERROR, error=type(error).__name__)
                continue
            for region in topology.current().others():
                backlog.add(region, [backlog.entry(table, key, REASON) for table, key in keys])
            also(records)
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def _read(batch: Batch) -> list[Record]:
    """The records of a batch, in the shape that Lambda gets them in; `Forgotten` when the stream does not have all of them."""
    streams = aws.client("dynamodbstreams", topology.here())
    records: list[Record] = []
    try:
        iterator = streams.get_shard_iterator(
            StreamArn=batch.stream,
            ShardId=batch.shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            SequenceNumber=batch.first,
        )["ShardIterator"]
        for _ in range(PAGES):
            page = streams.get_records(ShardIterator=iterator)
            records += [{**record, "eventSourceARN": batch.stream} for record in page["Records"]]
            if records and _number(records[-1]) >= batch.last:
                return [record for record in records if _number(record) <= batch.last]
            if not (iterator := page.get("NextShardIterator")):
                break
    except ClientError as error:
        if error_code(error) not in ("TrimmedDataAccessException", "ResourceNotFoundException"):
            raise
    raise Forgotten


def _number(record: Record) -> int:
    return int(record["dynamodb"]["SequenceNumber"])


def _keys_of_ours(records: Sequence[Record]) -> list[tuple[str, tuple[str, ...]]]:
    """Table and key of what has its home here, each once; by the key alone, as the item may be what nobody can read."""
    topo = topology.current()
    keys: dict[tuple[str, tuple[str, ...]], None] = {}
    for record in records:
        rule = rules()[table_of(record)]
        key = key_of(record["dynamodb"]["Keys"], rule)
        home = topo.master if rule.homed_at_master else key[0].partition("#")[0]
        if home == topo.here and "NewImage" in record["dynamodb"] and not is_heartbeat(key):
            keys[rule.table, key] = None
    return list(keys)
