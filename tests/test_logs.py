"""What is logged when something goes wrong names routes, never an address: an order's page would open to whoever reads it."""

import http.client
import json
import logging
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from pynamodb.exceptions import PynamoDBException
from waitress import wasyncore
from waitress.server import create_server

from foodforthought.json_log import JsonFormatter
from regions import topology

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
