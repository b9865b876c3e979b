"""Clients for another region's AWS, or for services that have no model. Short time-outs: a caller has better things to do."""

import threading
import time
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from regions import topology
from regions.attribute_parser import Parsers

# Slow is worse than failed: every caller has a next step (a retry, a replica, the backlog).
CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0
BATCH_GET_KEYS = 100  # DynamoDB's limit
IMPATIENT_ATTEMPTS = 3  # of asking for what a throttled store has left out, with people waiting

OPERATIONS = "foodforthought-operations"
"""The one table that is not replicated: what a region keeps about itself."""

_making = threading.Lock()  # a session makes one client at a time; the clients themselves may be shared between threads


class Unanswered(BotoCoreError):
    """A throttled store kept leaving keys out of its answers."""

    fmt = "{region} left out {count} keys of {tables}"


def error_code(error: Exception) -> str:
    """What AWS said, in one word, such as `ConditionalCheckFailedException`; the kind of error when it did not answer.

    Of PynamoDB's errors too, whose own `cause_response_code` raises AttributeError after a time-out. For logs as well: a message
    may quote an item, which no log should.
    """
    cause = (error.cause or error) if isinstance(error, PynamoDBException) else error
    return str(cause.response["Error"]["Code"]) if isinstance(cause, ClientError) else type(cause).__name__


THROTTLES = {
    "ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded", "Throttling",
    "ProvisionedThroughputExceeded", "ThrottlingError",  # of what was to be in a transaction
}  # fmt: skip
"""What AWS says when it is asked for more than it gives at the moment: it works, and has done nothing."""


def is_throttled(error: Exception) -> bool:
    """Has AWS refused this for being too much? A transaction says so in the reasons why it was cancelled."""
    cause = (error.cause or error) if isinstance(error, PynamoDBException) else error
    reasons = [reason.code for reason in getattr(cause, "cancellation_reasons", ()) if reason]
    return not THROTTLES.isdisjoint([error_code(error), *reasons])


@cache
def client(
    service: str,
    region: str,
    *,
    connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
    attempts: int = 2,
    checks_parameters: bool = True,
) -> Any:
    """A client of botocore for a service in a region, kept for the life of the process."""
    config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=32,
        parameter_validation=checks_parameters,
    )
    endpoints = topology.current().aws_endpoints
    endpoint = endpoints.get(f"{service} {region}", endpoints.get(region))
    with _making:
        return _session().create_client(service, region_name=region, endpoint_url=endpoint, config=config)


@cache
def _session() -> botocore.session.Session:
    """What clients share: the models of services, 40 ms of CPU for the first of them."""
    session = botocore.session.get_session()
    session.register_component("response_parser_factory", Parsers())
    return session


def impatient(service: str, region: str) -> Any:
    """A client that gives up after a second and a half: for looking at a region that may be away, with people waiting."""
    return client(service, region, connect_timeout_seconds=0.5, read_timeout_seconds=1.0, attempts=1)


def batch_get(client: Any, request: dict[str, Any], *, attempts: int = 8) -> Iterator[dict[str, Any]]:
    """DynamoDB's answers to a BatchGet of at most 100 keys, until it has answered for all of them.

    A throttled table leaves keys out, which does not say that the items are not there: they are asked for again. `Unanswered`
    when they are left out too often (after 2.5 seconds with 8 attempts, 60 milliseconds with 3).
    """
    for attempt in range(attempts):
        if attempt:
            time.sleep(0.01 * 2**attempt)
        answer = client.batch_get_item(RequestItems=request, ReturnConsumedCapacity="TOTAL")
        yield answer
        request = answer.get("UnprocessedKeys") or {}
        if not request:
            return
    count = sum(len(wanted["Keys"]) for wanted in request.values())
    raise Unanswered(region=client.meta.region_name, count=count, tables=", ".join(request))


def operations_items(region: str, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Up to 100 items of a region's `operations` table, by key; asked for impatiently. Raises when it does not answer for all."""
    request = {OPERATIONS: {"Keys": [{"key": {"S": key}} for key in keys]}}
    answers = batch_get(impatient("dynamodb", region), request, attempts=IMPATIENT_ATTEMPTS)
    return {item["key"]["S"]: item for answer in answers for item in answer["Responses"].get(OPERATIONS, [])}
