"""All tables in every region, in moto, and records of each of them as their homes store them."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from catalog.models import Availability, CatalogRecord
from orders.models import Order
from regions import aws, backlog, failures, topology
from regions.replication import Rule, key_of, rules

MODELS = (CatalogRecord, Availability, Order)
CATALOG, AVAILABILITY, ORDERS = (model.Meta.table_name for model in MODELS)


@pytest.fixture
def four_regions(tables: None) -> Iterator[None]:
    """The tables and the queues of every region."""
    for name in topology.current().regions:
        if name != topology.here():
            for model in MODELS:
                model.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=False)
            aws.client("dynamodb", name).create_table(
                TableName=aws.OPERATIONS, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            )  # fmt: skip
        for target in topology.current().regions:
            aws.client("sqs", name).create_queue(QueueName=backlog.queue_name(target))
        aws.client("sqs", name).create_queue(QueueName=failures.QUEUE)
    backlog._url.cache_clear()
    yield
    backlog._url.cache_clear()
    for model in MODELS:
        model.in_region.cache_clear()


def order(number: int, version: int = 5, home: str = "us-east-1", **attributes: str) -> dict[str, Any]:
    return {
        "key": {"S": f"{home}#{number}"}, "id": {"S": str(number)}, "home": {"S": home}, "version": {"N": str(version)},
        "write_id": {"S": f"w{version}"}, "status": {"S": "placed"}, "contact_name": {"S": "Ada"},
        "of_a_later_release": {"S": "kept"}, **{name: {"S": value} for name, value in attributes.items()},
    }  # fmt: skip


def kitchen(number: int, version: int = 5, home: str = "us-east-1") -> dict[str, Any]:
    key = {"key": {"S": f"{home}#r{number}"}, "home": {"S": home}, "version": {"N": str(version)}}
    return {**key, "write_id": {"S": f"w{version}"}, "restaurant": {"S": f"r{number}"}}


def dish(number: int, version: int = 5) -> dict[str, Any]:
    key = {"pk": {"S": "restaurant#1"}, "sk": {"S": f"item#{number}"}, "home": {"S": "master"}}
    return {**key, "version": {"N": str(version)}, "write_id": {"S": f"w{version}"}, "kind": {"S": "item"}}


def tombstone_of(image: dict[str, Any], version: int) -> dict[str, Any]:
    kept = {name: value for name, value in image.items() if name in ("key", "pk", "sk", "home")}
    times = {"deleted_at": {"N": str(version)}, "expires_at": {"N": "99999999999"}}
    return {**kept, **times, "version": {"N": str(version)}, "write_id": {"S": "t"}}


def write(region: str, table: str, *images: dict[str, Any]) -> None:
    for image in images:
        aws.client("dynamodb", region).put_item(TableName=table, Item=image)


def held(region: str, table: str) -> dict[tuple[str, ...], dict[str, Any]]:
    pages = aws.client("dynamodb", region).get_paginator("scan").paginate(TableName=table)
    return {key_of(item, rules()[table]): item for page in pages for item in page["Items"]}


def records_of(home: str, table: str, images: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    arn = f"arn:aws:dynamodb:{home}:1:table/{table}/stream/1"
    return [{"eventSourceARN": arn, "dynamodb": {"NewImage": image}} for image in images]


def rule_for(table: str) -> Rule:
    return rules()[table]
