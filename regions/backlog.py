"""What could not be copied yet: keys to copy again from their home, in one SQS queue per target region.

A target that is down, a record that cannot be written, a repair: all are entries here, with a reason. The queues live in the
home's own region, so they can be written while the target, or any other region, is away.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from core.events import WARNING, event
from regions import aws, topology

UNREADABLE = "unreadable"
BATCH = 10  # messages per call, SQS's limit
ATTEMPTS = 3
RETRY_SECONDS = 20
"""An entry that was tried in vain is hidden for so long before it is tried again."""
RENEW_MS = 7 * 86400 * 1000
"""A queue forgets after 14 days at most, so what is older than this is handed to it again."""


@dataclass(frozen=True)
class Entry:
    """One item of one table, by the values of its key; `receipt` is set on one that was received, and lets go of it."""

    table: str
    key: tuple[str, ...]
    reason: str
    since_ms: int
    receipt: str = ""
    sent_ms: int = 0  # when the queue took it: it forgets it after 14 days


def queue_name(target: str) -> str:
    return f"foodforthought-backlog-{target}"


def entry(table: str, key: tuple[str, ...], reason: str) -> Entry:
    return Entry(table, key, reason[:200], clock.now_ms())


def add(target: str, entries: Sequence[Entry]) -> None:
    """Keep these for later. Raises when the queue does not take all of them: then nothing may be counted as done."""
    if not entries:
        return
    # The mark first: whatever the queue has taken of these is never without one.
    _mark(target, oldest(entries))
    refused = _in_batches(_sqs().send_message_batch, target, [{"MessageBody": _body(found)} for found in entries])
    if refused:
        raise NotKept(count=refused, target=target)


def receive(target: str, *, hide_seconds: int = RETRY_SECONDS) -> list[Entry]:
    """The next few entries, hidden from others for a while; none when there are none, or all are hidden."""
    answer = _sqs().receive_message(
        QueueUrl=_url(target),
        MaxNumberOfMessages=BATCH,
        VisibilityTimeout=hide_seconds,
        WaitTimeSeconds=0,
        AttributeNames=["SentTimestamp"],
    )
    return [_entry(message) for message in answer.get("Messages", [])]


def settle(target: str, entries: Iterable[Entry]) -> None:
    """Let go of entries that are copied. One that the queue keeps all the same comes again; copying it again does no harm."""
    receipts = [{"ReceiptHandle": found.receipt} for found in entries]
    refused = _in_batches(_sqs().delete_message_batch, target, receipts)
    if refused:
        event("entries not let go of", level=WARNING, target=target, count=refused)


def renew(target: str, entries: Iterable[Entry]) -> None:
    """Hand those to the queue again that it would forget some day, before letting go of the old ones."""
    old = [found for found in entries if clock.now_ms() - found.sent_ms > RENEW_MS]
    add(target, list({(found.table, found.key): found for found in old}.values()))
    settle(target, old)


def count(target: str, *, home: str | None = None) -> int:
    """How many entries wait in a home (this one), hidden ones included; SQS calls it an approximation."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = aws.impatient("sqs", home or topology.here())
    url = sqs.get_queue_url(QueueName=queue_name(target))["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def oldest(entries: Iterable[Entry]) -> dict[str, int]:
    """Table → the time in milliseconds since when the oldest of these waits."""
    since: dict[str, int] = {}
    for found in entries:
        since[found.table] = min(found.since_ms, since.get(found.table, found.since_ms))
    return since


# SQS tells how many messages wait, not how old they are (on AWS CloudWatch does, a minute late). So a mark in the `operations`
# table says per table since when something has been waiting; where nothing waits, it says nothing.


def mark_key(target: str) -> str:
    return f"backlog#{target}"


def marks_of(item: dict[str, Any]) -> dict[str, int]:
    """Table → since when, out of a mark as it is stored."""
    return {table: int(value["N"]) for table, value in item.items() if table != "key"}


def remember(target: str, missed: Sequence[Entry]) -> bool:
    """After a round of draining that left `missed`: put the mark right. True when nothing waits any longer.

    Where others may have added entries meanwhile, or entries are hidden from this round, the mark stays: rather too old an age.
    """
    waiting = count(target)
    if waiting == 0 or waiting == len(missed):
        item = {"key": {"S": mark_key(target)}, **{table: {"N": str(at)} for table, at in oldest(missed).items()}}
        aws.client("dynamodb", topology.here()).put_item(TableName=aws.OPERATIONS, Item=item)
    return waiting == 0


def _mark(target: str, since_ms: dict[str, int]) -> None:
    """Unless a mark says an older time already. Never raises: the entries are kept, which is what counts."""
    names = {f"#t{number}": table for number, table in enumerate(since_ms)}
    values = {f":t{number}": {"N": str(at_ms)} for number, at_ms in enumerate(since_ms.values())}
    sets = ", ".join(f"#t{n} = if_not_exists(#t{n}, :t{n})" for n in range(len(since_ms)))
    try:
        aws.client("dynamodb", topology.here()).update_item(
            TableName=aws.OPERATIONS,
            Key={"key": {"S": mark_key(target)}},
            UpdateExpression=f"SET {sets}",
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
        )
    except (BotoCoreError, ClientError) as error:
        event("backlog not marked", level=WARNING, target=target, error=type(error).__name__)


class NotKept(BotoCoreError):
    """The backlog did not take an entry; the batch that it came from has to be handed over again."""

    fmt = "{count} entries for {target} were not taken by the queue"


def _in_batches(send: Callable[..., dict[str, Any]], target: str, messages: Sequence[dict[str, str]]) -> int:
    """Send messages, ten at a time, and what SQS reports as failed again; how many it has not taken then.

    A call to SQS succeeds as a whole also when single messages of it do not.
    """
    refused = 0
    for start in range(0, len(messages), BATCH):
        batch = [{"Id": str(number), **message} for number, message in enumerate(messages[start : start + BATCH])]
        for _ in range(ATTEMPTS):
            failed = {entry["Id"] for entry in send(QueueUrl=_url(target), Entries=batch).get("Failed", [])}
            batch = [message for message in batch if message["Id"] in failed]
            if not batch:
                break
        refused += len(batch)
    return refused


def _body(found: Entry) -> str:
    if found.table == UNREADABLE:
        return found.key[0]
    return json.dumps({"table": found.table, "key": found.key, "reason": found.reason, "since_ms": found.since_ms})


def _entry(message: dict[str, Any]) -> Entry:
    receipt, sent_ms = message["ReceiptHandle"], clock.from_real_ms(int(message["Attributes"]["SentTimestamp"]))
    try:
        body = json.loads(message["Body"])
        key = tuple(str(part) for part in body["key"])
        return Entry(str(body["table"]), key, str(body["reason"]), int(body["since_ms"]), receipt, sent_ms)
    except (ValueError, KeyError, TypeError):
        # Of another release, or another hand: no table has this name, so it stays where it can be seen.
        return Entry(UNREADABLE, (message["Body"],), "no entry of this release", sent_ms, receipt, sent_ms)


def _sqs() -> Any:
    return aws.client("sqs", topology.here())


@cache
def _url(target: str) -> str:
    url: str = _sqs().get_queue_url(QueueName=queue_name(target))["QueueUrl"]
    return url
