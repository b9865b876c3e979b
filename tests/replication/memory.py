"""DynamoDB and SQS of several regions in memory, for the calls that this project makes: thousands of runs take seconds.

`test_memory.py` holds it to the answers of moto, and the state machine runs on moto too.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from core import clock

Item = dict[str, dict[str, Any]]
Asked = Mapping[str, Any]
Answer = dict[str, Any]
_TOKEN = re.compile(r"[#:]?\w+|<=|>=|[=<>(),]")
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip


class Memory:
    """One item store and one set of queues per region; every table has the key `key`."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str], dict[str, Item]] = {}
        self.queues: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.receipts = 0

    def item(self, region: str, table: str, key: str) -> Item | None:
        found = self.tables.get((region, table), {}).get(key)
        return dict(found) if found else None

    def items(self, region: str, table: str) -> list[Item]:
        return [dict(item) for item in self.tables.get((region, table), {}).values()]

    def call(self, region: str, operation: str, arguments: Asked) -> Answer:
        """What the region's AWS answers; raises `ClientError` as botocore does."""
        answer: Answer = getattr(self, f"_{xform_name(operation)}")(region, arguments)
        return answer

    # DynamoDB

    def _put_item(self, region: str, asked: Asked) -> Answer:
        key, table = asked["Item"]["key"]["S"], asked["TableName"]
        self._check(region, key, "PutItem", asked)
        self.tables.setdefault((region, table), {})[key] = dict(asked["Item"])
        return {}

    def _update_item(self, region: str, asked: Asked) -> Answer:
        key, table = asked["Key"]["key"]["S"], asked["TableName"]
        self._check(region, key, "UpdateItem", asked)
        item = self.item(region, table, key) or dict(asked["Key"])
        names, values = asked.get("ExpressionAttributeNames", {}), asked.get("ExpressionAttributeValues", {})
        kind, *assignments = re.split(r"\s*,\s*|\s+", asked["UpdateExpression"].replace(" = ", "=").strip())
        if kind != "SET":
            raise NotImplementedError(asked["UpdateExpression"])
        for assignment in assignments:
            name, value = assignment.split("=")
            item[names.get(name, name)] = values[value]
        self.tables.setdefault((region, table), {})[key] = item
        return {"Attributes": dict(item)} if asked.get("ReturnValues") == "ALL_NEW" else {}

    def _delete_item(self, region: str, asked: Asked) -> Answer:
        self.tables.get((region, asked["TableName"]), {}).pop(asked["Key"]["key"]["S"], None)
        return {}

    def _get_item(self, region: str, asked: Asked) -> Answer:
        found = self.item(region, asked["TableName"], asked["Key"]["key"]["S"])
        return {"Item": found} if found else {}

    def _batch_get_item(self, region: str, asked: Asked) -> Answer:
        responses: dict[str, list[Item]] = {}
        for table, wanted in asked["RequestItems"].items():
            found = [self.item(region, table, key["key"]["S"]) for key in wanted["Keys"]]
            responses[table] = [_projected(item, wanted) for item in found if item]
        return {"Responses": responses, "UnprocessedKeys": {}}

    def _transact_get_items(self, region: str, asked: Asked) -> Answer:
        return {"Responses": [self._get_item(region, entry["Get"]) for entry in asked["TransactItems"]]}

    def _scan(self, region: str, asked: Asked) -> Answer:
        found = [_projected(item, asked) for item in self.items(region, asked["TableName"])]
        return {"Items": found, "Count": len(found), "ScannedCount": len(found)}

    def _list_tables(self, region: str, asked: Asked) -> Answer:
        return {"TableNames": []}

    def _check(self, region: str, key: str, operation: str, asked: Asked) -> None:
        condition = asked.get("ConditionExpression")
        if condition and not holds(condition, self.item(region, asked["TableName"], key) or {}, asked):
            error = {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
            raise ClientError({"Error": error}, operation)  # type: ignore[typeddict-item]

    # SQS: no order is promised; a message that was received is hidden until its time is up or it is deleted.

    def _get_queue_url(self, region: str, asked: Asked) -> Answer:
        return {"QueueUrl": asked["QueueName"]}

    def _send_message_batch(self, region: str, asked: Asked) -> Answer:
        queue = self.queues.setdefault((region, asked["QueueUrl"]), [])
        sent = {"SentTimestamp": str(clock.now_ms() - clock.offset_ms())}
        queue += [{"Body": entry["MessageBody"], "Attributes": sent, "shown_at": 0} for entry in asked["Entries"]]
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def _receive_message(self, region: str, asked: Asked) -> Answer:
        now_ms = clock.now_ms()
        queue = self.queues.get((region, asked["QueueUrl"]), [])
        received = [message for message in queue if message["shown_at"] <= now_ms][: asked["MaxNumberOfMessages"]]
        for message in received:
            self.receipts += 1
            shown_at = now_ms + asked["VisibilityTimeout"] * 1000
            message |= {"shown_at": shown_at, "ReceiptHandle": f"receipt {self.receipts}"}
        return {"Messages": [dict(message) for message in received]} if received else {}

    def _delete_message_batch(self, region: str, asked: Asked) -> Answer:
        gone = {entry["ReceiptHandle"] for entry in asked["Entries"]}
        queue = self.queues.get((region, asked["QueueUrl"]), [])
        queue[:] = [message for message in queue if message.get("ReceiptHandle") not in gone]
        return {"Successful": [{"Id": entry["Id"]} for entry in asked["Entries"]]}

    def _get_queue_attributes(self, region: str, asked: Asked) -> Answer:
        now_ms = clock.now_ms()
        hidden = [message["shown_at"] > now_ms for message in self.queues.get((region, asked["QueueUrl"]), [])]
        shown = {
            "ApproximateNumberOfMessages": str(len(hidden) - sum(hidden)),
            "ApproximateNumberOfMessagesNotVisible": str(sum(hidden)),
        }
        return {"Attributes": shown}


def _projected(item: Item, details: Asked) -> Item:
    if "ProjectionExpression" not in details:
        return item
    names = details.get("ExpressionAttributeNames", {})
    wanted = {names.get(name, name) for name in re.split(r"\s*,\s*", details["ProjectionExpression"])}
    return {name: value for name, value in item.items() if name in wanted}


def holds(condition: str, item: Item, details: Asked) -> bool:
    """Does a condition hold of an item? Comparisons, attribute_exists, attribute_not_exists, AND, OR, NOT, brackets."""
    names, values = details.get("ExpressionAttributeNames", {}), details.get("ExpressionAttributeValues", {})
    tokens = _TOKEN.findall(condition)

    def either() -> bool:
        found = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            found = both() or found
        return found

    def both() -> bool:
        found = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            found = single() and found
        return found

    def single() -> bool:
        token = tokens.pop(0)
        if token == "NOT":
            return not single()
        if token == "(":
            found = either()
            tokens.pop(0)
            return found
        if token in ("attribute_exists", "attribute_not_exists"):
            _, name, _ = tokens.pop(0), tokens.pop(0), tokens.pop(0)
            return (names.get(name, name) in item) == (token == "attribute_exists")
        compare = _COMPARISONS[tokens.pop(0)]
        left, right = operand(token), operand(tokens.pop(0))
        return left is not None and right is not None and left[0] == right[0] and compare(left[1], right[1])

    def operand(token: str) -> tuple[str, Any] | None:
        typed = values[token] if token.startswith(":") else item.get(names.get(token, token))
        if typed is None:
            return None
        ((kind, value),) = typed.items()
        return kind, Decimal(value) if kind == "N" else value

    found = either()
    if tokens:
        raise NotImplementedError(condition)
    return found
