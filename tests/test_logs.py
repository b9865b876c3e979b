"""What is logged when something goes wrong names routes, never an address: an order's page would open to whoever reads it."""

import http.client
import json
import logging
import threading
import traceback
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from django.test import Client
from pynamodb.exceptions import PynamoDBException
from waitress import wasyncore
from waitress.server import create_server

from foodforthought import lambda_worker, stream_worker
from foodforthought.json_log import JsonFormatter
from orders.models import Order
from regions import limits, topology
from tests.factories import order_request, save_restaurant

SECRETS = ["01JX5ECRET0RDER00000000000", "8726401abffffff", "hunter2"]
PAGE = "/orders/us-east-1/01JX5ECRET0RDER00000000000/?access=hunter2"


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """All that is logged, as it is written."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def check_nothing_secret(lines: StringIO) -> list[dict[str, Any]]:
    text = lines.getvalue()
    assert [secret for secret in SECRETS if secret in text] == []
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize(("error", "status"), [(PynamoDBException, 503), (RuntimeError, 500)])
@pytest.mark.parametrize("path", [PAGE, "/api/v1" + PAGE.replace("/?", "?")])
def test_what_fails_is_logged_by_its_route(
    tables: None, lines: StringIO, monkeypatch: pytest.MonkeyPatch, error: type[Exception], status: int, path: str
) -> None:
    def fail(*arguments: Any, **details: Any) -> None:
        raise error("hunter2")

    monkeypatch.setattr("orders.tracking.views.see", fail)
    monkeypatch.setattr("orders.api.views.see", fail)
    client = Client(raise_request_exception=False)
    assert client.get(path, HTTP_HOST=topology.current().jurisdiction_host("na")).status_code == status
    records = check_nothing_secret(lines)
    (failed,) = [record for record in records if record["logger"] == "django.request"]
    assert (failed["status"], failed["level"]) == (status, "ERROR")
    assert "<order_id:order_id>" in failed["route"]
    assert failed["message"] in ("Internal Server Error", "Service Unavailable")


THROTTLED = {"Error": {"Code": "ProvisionedThroughputExceededException", "Message": "hunter2"}}


def test_what_is_throttled_is_logged_by_its_code(
    tables: None, lines: StringIO, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """By the store, and by us: neither says who it was, or what was sent."""
    request = {**order_request(save_restaurant()), "note": "hunter2"}
    who = {"HTTP_HOST": topology.current().jurisdiction_host("na"), "HTTP_X_FORWARDED_FOR": "203.0.113.7"}
    client = Client(raise_request_exception=False)

    def post() -> int:
        return client.post(
            "/api/v1/orders?q=hunter2", json.dumps(request), content_type="application/json",
            HTTP_AUTHORIZATION="Bearer hunter2", HTTP_REFERER=PAGE, HTTP_COOKIE="basket=hunter2", **who,
        ).status_code  # fmt: skip

    settings.API_WRITES_PER_MINUTE = 0
    limits._over.clear()
    assert post() == 429
    limits._over.clear()
    monkeypatch.setattr(BaseClient, "_make_api_call", fail_with(ClientError(THROTTLED, "GetItem")))
    assert post() == 503
    limits._over.clear()
    records = check_nothing_secret(lines)
    assert "203.0.113" not in lines.getvalue()
    assert request["token"] not in lines.getvalue()
    by_name = {record["message"]: record for record in records}
    assert by_name["storage failed"]["error"] == "ProvisionedThroughputExceededException"
    assert [record["status"] for record in records if record["message"] == "request"] == [429, 503]


def fail_with(error: Exception) -> Any:
    def fail(*arguments: Any, **details: Any) -> None:
        raise error

    return fail


def test_a_worker_that_fails_says_nothing_of_the_records_that_it_was_given(
    tables: None, lines: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does Lambda, which writes down the error that it gets. Here are no backlogs, and no tables of other regions."""
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{Order.Meta.table_name}/stream/1"
    image = {"key": {"S": f"us-east-1#{SECRETS[0]}"}, "home": {"S": "us-east-1"}, "version": {"N": "1"}}
    image |= {name: {"S": "hunter2"} for name in Order.personal} | {"id": {"S": SECRETS[0]}, "status": {"S": "placed"}}
    with pytest.raises(lambda_worker.WorkerFailed) as failure:
        lambda_worker.lambda_handler({"Records": [{"eventSourceARN": arn, "dynamodb": {"NewImage": image}}]}, None)
    written = "".join(traceback.format_exception(failure.value))
    assert [secret for secret in SECRETS if secret in written] == []
    assert "WorkerFailed: AWS.SimpleQueueService.NonExistentQueue" in written
    names = [record["message"] for record in check_nothing_secret(lines)]
    assert {"copies failed", "worker failed"} <= set(names)
    for breaker in stream_worker.replicator.breakers.values():
        breaker.succeeded()


def test_the_server_names_no_address_when_the_application_fails(lines: StringIO) -> None:
    def fail(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("hunter2")

    server = create_server(fail, host="127.0.0.1", port=0)
    statuses: list[int] = []

    def ask() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.effective_port, timeout=60)
        connection.request("GET", "/near/8726401abffffff/?q=hunter2", headers={"Connection": "close"})
        statuses.append(connection.getresponse().status)
        connection.close()

    client = threading.Thread(target=ask)
    client.start()
    while client.is_alive():  # the server's own loop, which here ends before anything is closed
        wasyncore.loop(timeout=0.1, map=server._map, count=1)
    server.task_dispatcher.shutdown()
    for channel in list(server._map.values()):
        channel.close()
    assert statuses == [500]
    records = check_nothing_secret(lines)
    assert [record["message"] for record in records if record["logger"] == "waitress"] == ["Exception while serving"]
