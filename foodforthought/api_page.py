"""The API for people to read: a page made from static/openapi.json, the same document that programs read."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from regions import topology

EXAMPLES = {
    "list_restaurants": "curl '{base}/api/v1/restaurants?lat=40.7306&lng=-73.9866&q=margherita&open=true&sort=fee'",
    "get_restaurant": "curl '{base}/api/v1/restaurants/<id>'",
    "find_places": "curl '{site}/api/v1/places' -H 'Content-Type: application/json' -d '{{\"text\": \"10003\"}}'",
    "suggest_places": "curl '{site}/api/v1/places/suggestions' -H 'Content-Type: application/json' -d '{{\"text\": \"broadw\"}}'",
    "list_slots": "curl '{base}/api/v1/restaurants/<id>/slots'",
    "place_order": "curl '{base}/api/v1/orders' -H 'Content-Type: application/json' -d '{{\n"
    '  "token": "\'$(date +%s).$(openssl rand -hex 16)\'",\n'
    '  "restaurant": "<id>",\n'
    '  "lines": [{{"dish": "margherita", "quantity": 1, "options": ["size:small"]}}],\n'
    '  "delivery": {{"kind": "delivery", "address": {{"street": "12 E 4th Street", "unit": "Flat 3",\n'
    '    "postcode": "10003", "city": "New York", "region": "NY"}}}},\n'
    '  "contact": {{"name": "Ada", "phone": "+1 212 555 0100"}}\n'
    "}}'",
    "get_order": "curl '<links.self>' -H 'Authorization: Bearer <access>' -H 'If-None-Match: <ETag>'",
    "change_order": "curl -X POST '<links.cancel>' -H 'Authorization: Bearer <access>'",
}
"""By operation; what is in <angle brackets> was in an answer before."""

ORDER = ("places", "restaurants", "orders")
MAX_DEPTH = 4


@dataclass(frozen=True)
class Member:
    """A parameter, or a member of a body: `lines[].dish`."""

    name: str
    kind: str
    is_required: bool
    text: SafeString
    place: str = ""  # of a parameter: path, query, header


@dataclass(frozen=True)
class Answer:
    status: str
    text: SafeString
    headers: tuple[str, ...]


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    text: SafeString
    parameters: tuple[Member, ...]
    body: tuple[Member, ...]
    answer: tuple[Member, ...]
    answers: tuple[Answer, ...]

    @property
    def example(self) -> str:
        topo = topology.current()
        base, site = topo.url(topo.signpost_host), topo.jurisdiction_url(topo.jurisdiction)
        return EXAMPLES.get(self.id, f"curl '{{base}}{self.path}'").format(base=base, site=site)


@require_safe
def api(request: HttpRequest) -> HttpResponse:
    return render(request, "api.html", {"operations": operations()})


@cache
def operations() -> tuple[Operation, ...]:
    document = json.loads((settings.BASE_DIR / "static" / "openapi.json").read_text(encoding="utf-8"))
    found = [
        _operation(document, path, method, entry)
        for path, methods in document["paths"].items()
        for method, entry in methods.items()
    ]
    return tuple(sorted(found, key=lambda operation: (ORDER.index(operation.path.split("/")[3]), len(operation.path))))


def _operation(document: dict[str, Any], path: str, method: str, entry: dict[str, Any]) -> Operation:
    body = entry.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    right = [answer for status, answer in entry["responses"].items() if status.startswith("2")]
    schema = right[0]["content"]["application/json"]["schema"] if right else None
    return Operation(
        id=entry["operationId"],
        method=method.upper(),
        path=path,
        text=_text(entry),
        parameters=tuple(
            Member(p["name"], _kind(document, p["schema"]), p.get("required", False), _text(p), p["in"])
            for p in entry.get("parameters", ())
        ),
        body=tuple(_members(document, body)) if body else (),
        answer=tuple(_members(document, schema)) if schema else (),
        answers=tuple(
            Answer(status, _text(answer), tuple(answer.get("headers", ())))
            for status, answer in sorted(entry["responses"].items())
        ),
    )  # fmt: skip


def _members(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> Iterator[Member]:
    """The members of an object and, behind each, those of what is in it."""
    schema = _resolved(document, schema)
    if schema.get("type") == "array":
        prefix, schema = f"{prefix}[]", _resolved(document, schema["items"])
    for name, entry in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        yield Member(path, _kind(document, entry), name in schema.get("required", ()), _text(entry))
        if path.count(".") < MAX_DEPTH:
            yield from _members(document, entry, path)


def _text(entry: dict[str, Any]) -> SafeString:
    """A description as HTML: `code` is marked, and the words of an enumeration, which its kind lists, are left out."""
    text = escape(entry.get("description", "").partition("* `")[0].strip())
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", text).replace("\n", "<br>"))  # noqa: S308 - escaped above


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    """What fits: `integer, 1 to 50`, `string, at most 100 characters`, `list of string`, `“fee” or “time”`, `string or null`."""
    schema = _resolved(document, schema)
    if "enum" in schema:
        kind = " or ".join(f"“{word}”" for word in schema["enum"])
    elif schema.get("type") == "array":
        kind = f"list of {_kind(document, schema['items'])}"
    else:
        kind = schema.get("type", "anything")
    if "minimum" in schema and "maximum" in schema:
        kind += f", {schema['minimum']} to {schema['maximum']}"
    if "maxLength" in schema:
        kind += f", at most {schema['maxLength']} characters"
    if "maxItems" in schema:
        kind += f", at most {schema['maxItems']}"
    return f"{kind} or null" if schema.get("nullable") else kind


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in schema and len(schema["allOf"]) == 1:
        return {**_resolved(document, schema["allOf"][0]), **{k: v for k, v in schema.items() if k != "allOf"}}
    if "$ref" in schema:
        found: dict[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema
