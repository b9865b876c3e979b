"""The sample restaurants, put into every region directly: the workers then find nothing left to copy."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from catalog.samples.restaurants import sample_records
from core import clock, ids
from localcloud import aws
from localcloud.layout import Layout
from regions.models import HomedModel
from regions.replication import CONDITION

PUTS_PER_TRANSACTION = 100


def load(layout: Layout, regions: Sequence[str], *, restaurants: int) -> int:
    """Put the sample into the tables of these regions, unless it has been before; how many records were put.

    What is there already in this version or a newer one stays: an interrupted load is simply repeated.
    """
    if layout.sample_marker.exists():
        return 0
    puts = [_put(record) for record in sample_records(restaurants)]
    batches = [puts[start : start + PUTS_PER_TRANSACTION] for start in range(0, len(puts), PUTS_PER_TRANSACTION)]
    with ThreadPoolExecutor(2 * len(regions)) as pool:
        for region in regions:
            client = aws.client("dynamodb", layout, region)
            list(pool.map(_write, [client] * len(batches), batches))
    layout.sample_marker.touch()
    return len(puts)


def _put(record: HomedModel) -> dict[str, Any]:
    item = record.serialize()
    item |= {"version": {"N": str(clock.now_ms())}, "write_id": {"S": ids.new_write_id()}}
    return {
        "Put": {
            "TableName": type(record).Meta.table_name,
            "Item": item,
            "ConditionExpression": CONDITION,
            "ExpressionAttributeValues": {":version": item["version"]},
        }
    }


def _write(client: Any, batch: list[dict[str, Any]]) -> None:
    try:
        client.transact_write_items(TransactItems=batch)
    except ClientError as error:
        if error.response["Error"]["Code"] != "TransactionCanceledException":
            raise
        # Some of them are there: then one by one.
        for put in batch:
            _write_one(client, put)


def _write_one(client: Any, put: dict[str, Any]) -> None:
    try:
        client.put_item(**put["Put"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
