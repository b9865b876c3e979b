"""Tables are what the models say, and the other way round."""

from typing import Any

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from regions.health import Canary
from regions.replication import rules
from tests.infrastructure.templates import of_type, resources

MODELS = [*map(import_string, settings.REPLICATED), Canary]
TYPES = {"S": "S", "N": "N", "B": "B"}
TABLE, QUEUE = "AWS::DynamoDB::Table", "AWS::SQS::Queue"


def tables(**parameters: str) -> dict[str, dict[str, Any]]:
    return {table["TableName"]: table for table in of_type(resources("tables", "eu-west-1", **parameters), TABLE)}


def keys(schema: list[dict[str, str]]) -> list[str | None]:
    by_kind = {entry["KeyType"]: entry["AttributeName"] for entry in schema}
    return [by_kind.get("HASH"), by_kind.get("RANGE")]


def names(*attributes: Any) -> list[str | None]:
    return [attribute.attr_name if attribute is not None else None for attribute in attributes]


def test_there_is_a_table_for_every_model_and_no_other() -> None:
    assert set(tables()) == {model.Meta.table_name for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
def test_a_table_has_its_models_keys_and_indexes_and_defines_no_other_attributes(model: Any) -> None:
    table = tables()[model.Meta.table_name]
    hash_key, range_key = model._hash_key_attribute(), model._range_key_attribute()
    assert keys(table["KeySchema"]) == names(hash_key, range_key)
    used = {attribute.attr_name: attribute.attr_type for attribute in (hash_key, range_key) if attribute is not None}
    found = {index["IndexName"]: keys(index["KeySchema"]) for index in table.get("GlobalSecondaryIndexes", [])}
    wanted = {}
    for name, index in model._indexes.items():
        of_index = (index._hash_key_attribute(), index._range_key_attribute())
        wanted[name] = names(*of_index)
        used |= {attribute.attr_name: attribute.attr_type for attribute in of_index if attribute is not None}
    assert found == wanted
    assert {entry["AttributeName"]: entry["AttributeType"] for entry in table["AttributeDefinitions"]} == used


@pytest.mark.parametrize("name", tables())
def test_every_table_is_kept_can_be_restored_and_forgets_by_the_models_attribute(name: str) -> None:
    table = tables()[name]
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    if name in rules():
        model = next(model for model in MODELS if model.Meta.table_name == name)
        assert model.expires_at.attr_name == "expires_at"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] is True
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert tables(DeletionProtection="false")[name]["DeletionProtectionEnabled"] is False


@pytest.mark.parametrize("name", tables())
def test_a_key_of_ones_own_is_an_option(name: str) -> None:
    key = "arn:aws:kms:eu-west-1:123456789012:key/1"
    assert "SSESpecification" not in tables()[name]
    wanted = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    assert tables(KeyArn=key)[name]["SSESpecification"] == wanted


@pytest.mark.parametrize(
    ("template", "kind"), [("tables", TABLE), ("backlog", QUEUE), ("zone", None), ("secrets", None)]
)
def test_what_cannot_be_made_again_outlives_its_stack(template: str, kind: str | None) -> None:
    parameters = {"Domain": "foodforthought.example"} if template == "zone" else {}
    for part in resources(template, "eu-west-1", **parameters).values():
        if kind in (None, part["Type"]):
            assert part["DeletionPolicy"] == part["UpdateReplacePolicy"] == "Retain"
