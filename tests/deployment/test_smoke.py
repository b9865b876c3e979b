"""Which answers to the question for its health let a deploy go on."""

import json
from http.client import HTTPMessage
from typing import Any

import pytest

from deployment import smoke
from deployment.account import CannotDeploy, deployed
from deployment.smoke import Answer, is_well

WELL = {"secrets": "ok", "storage": "ok", "traffic": "ok"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"checks": WELL}, True),
        ({"checks": {**WELL, "traffic": "drained"}}, True),
        ({"checks": {**WELL, "storage": "throttled"}}, True),
        ({"checks": {**WELL, "storage": "a write was not read back", "traffic": "drained"}}, False),
        ({"checks": {**WELL, "storage": "a write was not read back"}}, False),
        ({"checks": {**WELL, "traffic": "of a newer release"}}, False),
        ({"message": "Service Unavailable"}, False),
        (["checks"], False),
        (None, False),
    ],
)
def test_a_region_is_well_when_it_is_drained_or_throttled_at_most(document: Any, expected: bool) -> None:
    assert is_well(Answer(503, HTTPMessage(), json.dumps(document).encode())) is expected
    assert not is_well(Answer(502, HTTPMessage(), b"<html>"))


@pytest.mark.parametrize("body", [b"<html>parked</html>", b"[]"])
def test_what_answers_200_with_something_else_stops_the_deploy(monkeypatch: pytest.MonkeyPatch, body: bytes) -> None:
    monkeypatch.setattr(smoke, "ask", lambda *_: Answer(200, HTTPMessage(), body))
    with pytest.raises(CannotDeploy, match="answers something else"):
        smoke.test(deployed(), "eu-west-1")
