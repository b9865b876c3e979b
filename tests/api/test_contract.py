"""The API against its own OpenAPI document, by Schemathesis: what it answers is what it says it answers."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from catalog.models import Restaurant
from foodforthought.wsgi import application
from orders import reading
from orders.models import Order
from regions import topology

DOCUMENT = json.loads((Path(__file__).parents[2] / "static" / "openapi.json").read_text())
# Not whether every request that fits the document is accepted: that a restaurant is open is not in it.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]
schema = schemathesis.openapi.from_dict(DOCUMENT)
schema.app = application


@pytest.fixture(autouse=True)
def open_restaurant(restaurant: Restaurant) -> None:
    """Something to find, and a sibling that can be asked for its orders."""
    reading._breaker.cache_clear()
    Order.in_region("us-west-2", timeout_seconds=reading.HOME_TIMEOUT_SECONDS).create_table(
        billing_mode="PAY_PER_REQUEST", wait=True
    )


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_what_is_answered_is_what_is_promised(case: Any) -> None:
    # The WSGI transport does not decompress.
    headers = {"Host": topology.current().signpost_host, "Accept-Encoding": "identity"}
    case.call_and_validate(headers=headers, checks=CHECKS)
