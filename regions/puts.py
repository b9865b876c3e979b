"""Writing replicas into their region, one or many together, under the condition that makes replays harmless."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from regions import aws
from regions.aws import error_code
from regions.replication import CONDITION, Copy

PUTS_TOGETHER = 100  # DynamoDB's limit of a transaction
BYTES_TOGETHER = 3_000_000  # of JSON; DynamoDB's limit is 4 MB of items


def put(copy: Copy) -> bool:
    """Write one replica; False when the region holds that version or a newer one already."""
    try:
        aws.client("dynamodb", copy.region, attempts=1).put_item(**_conditional(copy))
    except ClientError as error:
        if error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def put_together(copies: Sequence[Copy]) -> None:
    """Write replicas of one region in a transaction: a single one that is stale, or cannot be written, refuses them all."""
    aws.client("dynamodb", copies[0].region, attempts=1).transact_write_items(
        TransactItems=[{"Put": _conditional(copy)} for copy in copies]
    )


def grouped(copies: Iterable[Copy]) -> Iterator[list[Copy]]:
    """Copies in their order, parted so that each part fits into a transaction."""
    group: list[Copy] = []
    group_bytes = 0
    for copy in copies:
        copy_bytes = len(json.dumps(copy.image, default=str))
        if group and (len(group) == PUTS_TOGETHER or group_bytes + copy_bytes > BYTES_TOGETHER):
            yield group
            group, group_bytes = [], 0
        group.append(copy)
        group_bytes += copy_bytes
    if group:
        yield group


def is_away(error: BotoCoreError | ClientError) -> bool:
    """Does it lie with the region? Whatever it refuses, throttling too, it refuses quickly: then only that record waits."""
    if isinstance(error, ClientError):
        return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)) >= 500
    return not isinstance(error, ParamValidationError)


def _conditional(copy: Copy) -> dict[str, Any]:
    return {
        "TableName": copy.table,
        "Item": copy.image,
        "ConditionExpression": CONDITION,
        "ExpressionAttributeValues": {":version": {"N": str(copy.version)}},
    }
