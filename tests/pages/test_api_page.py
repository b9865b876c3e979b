"""The API's page says what the API's document says."""

import gzip
import json
from pathlib import Path

from foodforthought.api_page import EXAMPLES, operations
from tests.pages.conftest import Browser, text_of

DOCUMENT = json.loads((Path(__file__).parents[2] / "static" / "openapi.json").read_text())


def test_every_operation_parameter_and_answer_is_on_the_page(browser: Browser) -> None:
    page = browser.get("/api/")
    text = text_of(page)
    assert page.status_code == 200
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in text
            assert f'id="{operation["operationId"]}"' in page.content.decode()
            shown = next(found for found in operations() if found.id == operation["operationId"])
            assert {member.name for member in shown.parameters} == {p["name"] for p in operation.get("parameters", ())}
            assert {answer.status for answer in shown.answers} == set(operation["responses"])
    assert "lines[].dish required" in text
    assert "integer, 1 to 50" in text
    assert "“distance” or “fee” or “time”" in text


def test_every_operation_has_an_example() -> None:
    assert set(EXAMPLES) == {operation.id for operation in operations()}


def test_the_page_is_small_and_is_found(browser: Browser) -> None:
    page = browser.get("/api/")
    assert len(gzip.compress(page.content)) < 20_000
    assert "<script" not in page.content.decode()
    assert 'href="/api/"' in browser.get("/").content.decode()


def test_what_is_not_there_is_still_answered_as_an_api(browser: Browser) -> None:
    answer = browser.get("/api/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
