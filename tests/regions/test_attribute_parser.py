"""What our parser makes of DynamoDB's answers is what botocore's makes of them."""

import base64
import json
from typing import Any

import botocore.session
import pytest
from botocore.parsers import JSONParser, ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from regions import aws
from regions.attribute_parser import AttributeParser

MODEL = botocore.session.get_session().get_service_model("dynamodb")
TEXTS = st.text(max_size=5)
BINARY = st.binary(max_size=5).map(lambda content: base64.b64encode(content).decode())
KINDS = {
    "S": TEXTS, "N": st.integers().map(str), "BOOL": st.booleans(), "NULL": st.just(True), "B": BINARY,
    "SS": st.lists(TEXTS), "NS": st.lists(st.integers().map(str)), "BS": st.lists(BINARY),
}  # fmt: skip
ATTRIBUTES = st.recursive(
    st.one_of(*(values.map(lambda value, kind=kind: {kind: value}) for kind, values in KINDS.items())),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: {"L": parts})
        | st.dictionaries(TEXTS, inner, max_size=3).map(lambda parts: {"M": parts})
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(TEXTS, ATTRIBUTES, max_size=6)


def parsed(kind: type[JSONParser], operation: str, body: Any, *, status: int = 200) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"x-amzn-requestid": "1", "X-Amz-Crc32": "2"}
    shape = MODEL.operation_model(operation).output_shape
    try:
        return kind().parse({"body": content, "headers": headers, "status_code": status, "context": {}}, shape)
    except (ResponseParserError, AttributeError, TypeError, ValueError) as error:
        return type(error)


def assert_same(operation: str, body: Any, *, status: int = 200) -> None:
    ours, theirs = (parsed(kind, operation, body, status=status) for kind in (AttributeParser, JSONParser))
    assert ours == theirs
    assert repr(ours) == repr(theirs)  # the kinds of values, and their order


@given(items=st.lists(ITEMS, max_size=4), last=ITEMS)
def test_items_are_the_same(items: list[Any], last: Any) -> None:
    assert_same("Query", {"Items": items, "Count": len(items), "LastEvaluatedKey": last, "What": "is new"})
    assert_same("Scan", {"Items": items, "ConsumedCapacity": {"TableName": "t", "CapacityUnits": 0.5}})
    assert_same("GetItem", {"Item": last})
    assert_same("UpdateItem", {"Attributes": last})
    assert_same("TransactGetItems", {"Responses": [{"Item": item} for item in items]})
    unprocessed = {"t": {"Keys": items, "ConsistentRead": True}}
    assert_same("BatchGetItem", {"Responses": {"t": items}, "UnprocessedKeys": unprocessed})


@pytest.mark.parametrize(
    "attribute",
    [
        None, {}, [], "S", {"S": None}, {"S": 1}, {"N": 1}, {"S": "a", "N": "1"}, {"S": "a", "N": None}, {"new": "kind"},
        {"S": "a", "__type": "x"}, {"B": "no base64!"}, {"M": None}, {"L": [None]}, {"BOOL": None}, {"SS": ["a", None]},
    ],
)  # fmt: skip
def test_what_is_not_as_documented_is_the_same(attribute: Any) -> None:
    assert_same("GetItem", {"Item": {"a": attribute, "b": {"S": "text"}}})


@pytest.mark.parametrize("status", [400, 500, 503])
def test_errors_are_the_same(status: int) -> None:
    code = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"
    assert_same("PutItem", {"__type": code, "message": "no", "Item": {"a": {"S": "b"}}}, status=status)
    assert_same("TransactWriteItems", {"__type": code, "CancellationReasons": [{"Code": "None"}]}, status=status)
    for body in (b"", b"<html>", b"{", b"null"):
        assert_same("Query", body, status=status)


@pytest.mark.parametrize("service", ["dynamodb", "sqs"])
def test_clients_use_it(service: str) -> None:
    client = aws.client(service, "us-east-1")
    assert isinstance(client._endpoint._response_parser_factory.create_parser("json"), AttributeParser)
