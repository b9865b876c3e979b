"""Everything is UTF-8: what says that it is anything else is refused before anybody decodes it."""

import json
from io import BytesIO
from typing import Any

import pytest

from foodforthought.wsgi import application
from regions import topology

REFUSED = [
    "charset=hex", "charset=rot13", "charset=undefined", "charset=idna", "charset=unicode_escape", "charset=utf-16",
    "charset=latin-1", "charset=klingon", "charset=a\0b", "charset*=klingon''utf-8", "charset=" + "x" * 10_000,
]  # fmt: skip


class Answer:
    """What the application itself says: Django's test client makes its requests behind it."""

    def __init__(self, method: str, path: str, content_type: str, body: bytes = b"") -> None:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body), "wsgi.url_scheme": "http",
            "HTTP_HOST": topology.current().jurisdiction_host("na"), "SERVER_NAME": "na", "SERVER_PORT": "80",
            "REMOTE_ADDR": "192.0.2.1", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_ACCEPT_LANGUAGE": "de",
        }  # fmt: skip
        self.body = b"".join(application(environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status, self.headers = int(status[:3]), dict(headers)

    @property
    def problem(self) -> dict[str, Any]:
        assert self.headers["Content-Type"] == "application/problem+json"
        problem: dict[str, Any] = json.loads(self.body)
        return problem


@pytest.mark.parametrize("charset", REFUSED)
@pytest.mark.parametrize(("method", "path"), [("GET", "/?q=1"), ("POST", "/where/")])
def test_a_page_asked_for_in_another_charset(tables: None, charset: str, method: str, path: str) -> None:
    answer = Answer(method, path, f"application/x-www-form-urlencoded; {charset}", b"latitude=1&longitude=%ED%A0%80")
    assert answer.status == 415
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Served-By"] == "us-east-1"
    assert answer.headers["Content-Security-Policy"]
    assert b'<html lang="de"' in answer.body


@pytest.mark.parametrize("charset", REFUSED)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/v1/restaurants?q=1&cell=x"), ("POST", "/api/v1/orders")])
def test_a_request_of_a_program_in_another_charset(tables: None, charset: str, method: str, path: str) -> None:
    answer = Answer(method, path, f"application/json; {charset}", rb'{"token": "\ud800"}')
    assert (answer.status, answer.problem["type"]) == (415, "/problems/unsupported-charset")
    assert answer.headers["Served-By"] == "us-east-1"
    assert "UTF-8" in answer.problem["detail"]


def test_what_is_not_there_is_not_there_in_any_charset(tables: None) -> None:
    assert Answer("GET", "/nowhere/?q=1", "text/html; charset=hex").status == 404


@pytest.mark.parametrize(
    "charset", ["", "; charset=utf-8", "; charset=UTF8", '; charset="utf-8"', "; charset", "; charset="]
)
def test_utf_8_by_any_of_its_names_is_read(tables: None, charset: str) -> None:
    answer = Answer("POST", "/api/v1/orders", f"application/json{charset}", '{"token": "é'.encode())
    assert answer.problem["type"] == "/problems/parse-error"


@pytest.mark.parametrize("member", ["restaurant", "token", "note", "\\ud800"])
def test_half_a_character_is_no_text(tables: None, member: str) -> None:
    """JSON can spell what UTF-8 cannot hold; no table stores it."""
    body = rf'{{"{member}": "caf\u00e9 \ud83c\udf55 \ud800"}}'
    answer = Answer("POST", "/api/v1/orders", "application/json", body.encode())
    assert (answer.status, answer.problem["type"]) == (400, "/problems/parse-error")
    whole = body.replace(r" \ud800", "").replace(r"\ud800", "x")
    assert Answer("POST", "/api/v1/orders", "application/json", whole.encode()).problem["type"] == "/problems/invalid"
