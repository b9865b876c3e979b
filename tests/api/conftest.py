"""An API client, and a restaurant in the tables."""

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Restaurant
from regions import topology
from tests.factories import save_restaurant


class Api:
    """Calls `/api/v1/…` on an endpoint of this region."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)

    def get(self, path: str, *, host: str | None = None, access: str | None = None, **query: Any) -> Any:
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        return self.client.get(
            f"/api/v1/{path}", query, headers=headers, HTTP_HOST=host or topology.current().signpost_host
        )

    def post(self, path: str, body: Any, *, access: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {access}"} if access else {}
        data = body if isinstance(body, str) else json.dumps(body)
        host = topology.current().signpost_host
        return self.client.post(
            f"/api/v1/{path}", data, content_type="application/json", headers=headers, HTTP_HOST=host
        )


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def restaurant(tables: None) -> Restaurant:
    return save_restaurant()
