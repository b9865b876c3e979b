"""What all tests share. Unit tests run on moto inside the process; nothing leaves the machine."""

import os

os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
os.environ.setdefault("FFT_DOMAIN", "foodforthought.localhost:8000")

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws

from regions import aws, topology


@contextmanager
def region(name: str) -> Iterator[None]:
    """This process is another region for a while. Models stay with the table of the region that they were made for."""
    before = topology.current
    there = replace(before(), here=name)
    topology.current = lambda: there
    try:
        yield
    finally:
        topology.current = before


@pytest.fixture
def acting_as() -> Callable[[str], AbstractContextManager[None]]:
    return region


@pytest.fixture
def tables() -> Iterator[None]:
    """Empty tables of this process's region, in moto."""
    from catalog import menu
    from catalog.models import Availability, CatalogRecord
    from orders.models import Order
    from regions import health

    with mock_aws():
        aws.client.cache_clear()
        menu.forget()
        health._verdict = None
        for model in (CatalogRecord, Availability, Order, health.Canary):
            model.create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        yield
    aws.client.cache_clear()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The operations that were sent, in order; clear it before what is counted."""
    sent: list[str] = []
    original = BaseClient._make_api_call

    def counted(self: BaseClient, operation: str, arguments: Any) -> Any:
        sent.append(operation)
        return original(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", counted)
    yield sent
