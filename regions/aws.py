"""Clients for another region's AWS, or for services that have no model. Short time-outs: a caller has better things to do."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from regions import topology

# Slow is worse than failed: every caller has a next step (a retry, a replica, the backlog).
CONNECT_TIMEOUT_SECONDS = 1.0
READ_TIMEOUT_SECONDS = 2.0

OPERATIONS = "foodforthought-operations"
"""The one table that is not replicated: what a region keeps about itself."""


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
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=topology.current().aws_endpoints.get(region),
        config=Config(
            connect_timeout=connect_timeout_seconds,
            read_timeout=read_timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=32,
        ),
    )
