"""The sample restaurants, put into every region directly: the workers then find nothing left to copy."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from catalog.samples.restaurants import sample_records
from localcloud import aws
from localcloud.layout import Layout
from regions.aws import OPERATIONS
from regions.models import HomedModel
from regions.replication import CONDITION

PUTS_PER_TRANSACTION = 100
VERSION = 1_577_836_800_000  # versions are times: no other record is as old as the beginning of 2020
MARK = {"key": {"S": "sample-data"}}


def is_loaded(layout: Layout, region: str) -> bool:
    """The mark is an item of the same store, written last: it is kept, lost and restored together with the restaurants.

    The first of these is looked for, too: somebody may have emptied the table.
    """
    client = aws.client("dynamodb", layout, region)
    first = next(iter(sample_records(1)))
    item = first.serialize()
    keys = [(OPERATIONS, MARK), (type(first).Meta.table_name, {name: item[name] for name in ("pk", "sk")})]
    return all("Item" in client.get_item(TableName=table, Key=key, ConsistentRead=True) for table, key in keys)


def load(layout: Layout, regions: Sequence[str], *, restaurants: int) -> int:
    """Put the sample into the tables of these regions; how many records there are.

    Whatever is there already stays: the sample is older than anything else, and the same each time and everywhere. So an
    interrupted load is simply repeated, and a region that has lost everything gets what the others hold.
    """
    puts = [_put(record) for record in sample_records(restaurants)]
    batches = [puts[start : start + PUTS_PER_TRANSACTION] for start in range(0, len(puts), PUTS_PER_TRANSACTION)]
    with ThreadPoolExecutor(2 * len(regions)) as pool:
        for region in regions:
            client = aws.client("dynamodb", layout, region)
            list(pool.map(_write, [client] * len(batches), batches))
            client.put_item(TableName=OPERATIONS, Item=MARK)
    return len(puts)


def _put(record: HomedModel) -> dict[str, Any]:
    item = record.serialize()
    item |= {"version": {"N": str(VERSION)}, "write_id": {"S": "sample"}}
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
