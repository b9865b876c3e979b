"""Whatever the code says about itself goes through `core.events.event`, in fields that are known to say nothing of a person."""

import ast
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import get_resolver

from core import events
from core.events import FIELDS, Kind, event
from foodforthought.json_log import JsonFormatter
from tests.deployed.test_package import routes

ROOT = Path(__file__).parent.parent
CODE = ("core", "regions", "places", "catalog", "orders", "admin_portal", "foodforthought", "deployment", "localcloud")
MAY_LOG = {
    "core/events.py",
    "foodforthought/json_log.py",
    "localcloud/emulator.py",
}  # the last is another program: MiniStack
UNITS = {Kind.COUNT: "", Kind.MILLISECONDS: "_ms"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for name in CODE:
        for file in (ROOT / name).rglob("*.py"):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def calls_of_event(module: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "event":
            yield node


def test_every_event_has_a_name_and_fields_that_are_known() -> None:
    """Written out, so that whoever looks for one finds it: no name is made, no fields are handed through."""
    used: set[str] = set()
    for path, module in modules():
        for call in calls_of_event(module):
            place = f"{path}:{call.lineno}"
            (name,) = call.args
            assert isinstance(name, ast.Constant), place
            assert isinstance(name.value, str), place
            fields = {keyword.arg for keyword in call.keywords}
            assert None not in fields, f"{place}: fields are handed through"
            used |= {str(field) for field in fields} - {"level", "traceback"}
            unknown = fields - FIELDS.keys() - {"level", "traceback"}
            assert not unknown, f"{place}: {unknown} are not in core.events.FIELDS"
    assert used == set(FIELDS), "nothing logs what is listed and not used"


def test_nobody_logs_past_it() -> None:
    for path, module in modules():
        imports = {alias.name for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names} | {
            node.module for node in ast.walk(module) if isinstance(node, ast.ImportFrom)
        }
        assert path in MAY_LOG or "logging" not in imports, path


def test_a_number_says_its_unit() -> None:
    for name, kind in FIELDS.items():
        if kind in UNITS:
            assert name.endswith(UNITS[kind]), name
        assert kind is Kind.MILLISECONDS or not name.endswith("_ms"), name


@pytest.mark.parametrize(
    ("fields", "logged"),
    [
        ({"target": "eu-west-1", "written": 3, "duration_ms": 0.5}, {"target": "eu-west-1", "written": 3, "duration_ms": 0.5}),
        ({"target": "eu-west-1", "address": "12 Canary Street"}, {"target": "eu-west-1"}),
        ({"route": None, "status": 200}, {"route": None, "status": 200}),
        ({"error": "x" * 1000}, {}),
        ({"error": ValueError("12 Canary Street")}, {}),
        ({"target": {"name": "Ada Canary"}, "written": "Ada Canary", "error": ["Ada Canary"]}, {}),
    ],
)  # fmt: skip
def test_what_is_not_known_is_left_out(
    fields: dict[str, object], logged: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    event("something happened", **fields)  # type: ignore[arg-type]
    (record,) = caplog.records
    line = json.loads(JsonFormatter().format(record))
    assert line.pop("at")
    assert line == {
        "level": "INFO", "logger": "event", "region": "us-east-1", "message": "something happened", **logged,
    }  # fmt: skip


def test_every_route_fits_into_its_field() -> None:
    for _, route in routes(get_resolver("foodforthought.urls")):
        assert events._is_known("route", route)


def test_a_traceback_says_where_and_not_what(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError("12 Canary Street")
    except ValueError:
        event("something broke", level=events.ERROR, traceback=True)
    line = JsonFormatter().format(caplog.records[0])
    assert "Canary" not in line
    assert json.loads(line)["exception"][-1] == "ValueError"
