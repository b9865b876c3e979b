"""What all tests share. Unit tests run on moto inside the process; nothing leaves the machine."""

import os
import threading

os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "test")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "test")
os.environ.setdefault("FFT_DOMAIN", "foodforthought.localhost:8000")

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from moto import mock_aws
from moto.core.models import MockAWS, botocore_stubber

from regions import topology

if TYPE_CHECKING:
    from tests.gazetteer import ProviderOfPlaces
    from tests.provider import Provider


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "e2e":
            item.add_marker(pytest.mark.cloud)


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


@pytest.fixture(scope="module")
def moto_aws() -> Iterator[MockAWS]:
    """One AWS for a module, emptied for each test: to begin a new one, and clients for it, takes longer than most tests.

    It answers one call at a time: moto looks at a condition and then writes, and another thread may come between.
    """
    one_at_a_time = threading.RLock()
    answer = botocore_stubber.process_request

    def process_request(request: Any) -> Any:
        with one_at_a_time:
            return answer(request)

    with mock_aws() as mocked, pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore_stubber, "process_request", process_request)
        yield mocked


@pytest.fixture
def tables(moto_aws: MockAWS) -> Iterator[None]:
    """An AWS with nothing in it but the empty tables of this process's region."""
    from catalog import menu_cache
    from catalog.models import Availability, CatalogRecord
    from orders.models import Order
    from regions import health, limits, request_counts

    moto_aws.reset()
    menu_cache.forget()
    health._verdict = None
    request_counts._breaker.succeeded()
    limits._over.clear()
    for model in (CatalogRecord, Availability, Order, health.Canary):
        model.create_table(billing_mode="PAY_PER_REQUEST", wait=False)
    yield
    moto_aws.reset()


@pytest.fixture
def leaves_out(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A throttled store: the next so many BatchGets are answered without the first key of each table."""
    left = 0
    original = BaseClient._make_api_call

    def throttled(self: BaseClient, operation: str, arguments: Any) -> Any:
        nonlocal left
        if operation != "BatchGetItem" or not left:
            return original(self, operation, arguments)
        left -= 1
        asked = arguments["RequestItems"]
        missed = {table: {**wanted, "Keys": wanted["Keys"][:1]} for table, wanted in asked.items()}
        rest = {table: {**wanted, "Keys": wanted["Keys"][1:]} for table, wanted in asked.items() if wanted["Keys"][1:]}
        answer = original(self, operation, {"RequestItems": rest}) if rest else {"Responses": {}}
        return {**answer, "UnprocessedKeys": missed}

    def install(times: int) -> None:
        nonlocal left
        left = times

    monkeypatch.setattr(BaseClient, "_make_api_call", throttled)
    return install


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


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> "Iterator[ProviderOfPlaces]":
    """Addresses are looked up in a small gazetteer, over HTTP; it starts when it is asked for the first time."""
    from places import finding
    from tests.gazetteer import provider

    provider.reset()
    finding._breaker.succeeded()
    monkeypatch.setattr(finding, "_client", lambda: provider.client(topology.here()))
    yield provider
    provider.reset()


@pytest.fixture
def places_away(places: "ProviderOfPlaces") -> "ProviderOfPlaces":
    """The provider takes questions and answers none."""
    places.is_frozen = True
    return places


@pytest.fixture
def provider(places: "ProviderOfPlaces", monkeypatch: pytest.MonkeyPatch) -> "Provider":
    """In place of the gazetteer, a provider that says what the test wants it to say."""
    from places import finding
    from tests.provider import Provider

    provider = Provider()
    monkeypatch.setattr(finding, "_client", lambda: provider)
    return provider
