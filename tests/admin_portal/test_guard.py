"""Every page of the portal refuses a stranger, and does not exist without a key."""

import base64

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from admin_portal import urls, views
from admin_portal.overview import Overview
from regions import topology

HOST = topology.current().region_host("us-east-1")
PATHS = [reverse(pattern.name) for pattern in urls.urlpatterns]


@pytest.fixture(autouse=True)
def nothing_to_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "overview", lambda: Overview([], [], []))


def get(path: str, password: str | None = None, scheme: str = "Basic") -> int:
    credentials = base64.b64encode(f"operator:{password}".encode()).decode()
    headers = {} if password is None else {"Authorization": f"{scheme} {credentials}"}
    response = Client().get(path, HTTP_HOST=HOST, headers=headers)
    assert ("WWW-Authenticate" in response) == (response.status_code == 401)
    return response.status_code


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_refused(path: str, settings: LazySettings) -> None:
    settings.OPERATOR_KEY = "the key of this stage: long"
    assert get(path) == 401
    assert get(path, "") == 401
    assert get(path, "the key of this stage: lon") == 401
    assert get(path, settings.OPERATOR_KEY, scheme="Bearer") == 401
    assert get(path, settings.OPERATOR_KEY) == 200


@pytest.mark.parametrize("path", PATHS)
def test_without_a_key_there_is_no_such_page(path: str, settings: LazySettings) -> None:
    settings.OPERATOR_KEY = ""
    assert get(path, "") == 404


@pytest.mark.parametrize("header", ["Basic", "Basic %%%", "Basic /w==", "Basic b3BlcmF0b3I", "Basic é"])
def test_a_malformed_header_opens_nothing(header: str) -> None:
    response = Client().get(PATHS[0], HTTP_HOST=HOST, headers={"Authorization": header})
    assert response.status_code == 401
