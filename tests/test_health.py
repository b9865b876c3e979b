"""Health: only what a region has to itself decides."""

import pytest
from django.test import Client

from regions import health


def get(path: str, host: str = "10.0.0.7") -> tuple[int, dict[str, object]]:
    response = Client().get(path, HTTP_HOST=host)
    return response.status_code, response.json()


def test_live_touches_nothing(calls: list[str]) -> None:
    assert get("/health/live") == (200, {"status": "live", "region": "us-east-1"})
    assert calls == []


def test_ready_writes_and_reads_a_canary_and_remembers_the_verdict(tables: None, calls: list[str]) -> None:
    calls.clear()
    for _ in range(5):
        status, document = get("/health/ready")
        assert (status, document["status"]) == (200, "ready")
    assert calls == ["UpdateItem", "GetItem"]


def test_a_region_without_its_table_is_not_ready(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    health.Canary.delete_table()
    status, document = get("/health/ready")
    assert (status, document["status"]) == (503, "not ready")
    assert document["checks"] == {"secrets": "ok", "storage": "the table cannot be written and read"}


def test_a_canary_that_is_not_read_back_is_a_failure(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    health.Canary(key="canary#us-east-1", written_at=1, nonce="old").save()
    monkeypatch.setattr(health.Canary, "update", lambda self, actions: None)
    assert get("/health/ready")[0] == 503
