"""Clients for another region's AWS, or for services that have no model. Short time-outs: a caller has better things to do."""

import threading
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

from regions import topology

# Slow is worse than failed: every caller has a next step (a retry, a replica, the backlog).
CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0

OPERATIONS = "foodforthought-operations"
"""The one table that is not replicated: what a region keeps about itself."""

_making = threading.Lock()  # boto3 makes one client at a time; the clients themselves may be shared between threads


class Unanswered(BotoCoreError):
    """A throttled store kept leaving keys out of its answers."""

    fmt = "{region} left out {count} keys of {table}"


def error_code(error: Exception) -> str:
    """What AWS said, in one word, such as `ConditionalCheckFailedException`; the kind of error when it did not answer.

    Of PynamoDB's errors too, whose own `cause_response_code` raises AttributeError after a time-out. For logs as well: a message
    may quote an item, which no log should.
    """
    cause = (error.cause or error) if isinstance(error, PynamoDBException) else error
    return str(cause.response["Error"]["Code"]) if isinstance(cause, ClientError) else type(cause).__name__


@cache
def client(
    service: str,
    region: str,
    *,
    connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
    read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
    attempts: int = 2,
) -> Any:
    """A boto3 client for a service in a region, kept for the life of the process."""
    config = Config(
        connect_timeout=connect_timeout_seconds,
        read_timeout=read_timeout_seconds,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=32,
    )
    endpoint = topology.current().aws_endpoints.get(region)
    with _making:
        return boto3.client(service, region_name=region, endpoint_url=endpoint, config=config)  # type: ignore[call-overload]


def impatient(service: str, region: str) -> Any:
    """A client that gives up after a second and a half: for looking at a region that may be away, with people waiting."""
    return client(service, region, connect_timeout_seconds=0.5, read_timeout_seconds=1.0, attempts=1)
