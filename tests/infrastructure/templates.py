"""The templates as CloudFormation understands them, by MiniStack's own parts, which are plain functions."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import engine

from localcloud.layout import ROOT
from regions import topology

TEMPLATES = sorted((ROOT / "infrastructure").glob("*.yaml"))
DEPLOYED = topology.load({})
"""The topology as it is on AWS."""


class _Attributes(str):
    """Of a resource that has not been made: every one is known by its name, `Resource.Attribute`."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: Any) -> str:
        return f"{self}.{name}"


def text(name: str) -> str:
    return (ROOT / "infrastructure" / f"{name}.yaml").read_text()


def written(path: Path) -> dict[str, Any]:
    """A template with what its loops repeat, but for that as it stands."""
    template: dict[str, Any] = engine._apply_transforms(engine._parse_template(path.read_text()))
    return template


def resources(name: str, region: str, **parameters: str) -> dict[str, dict[str, Any]]:
    """The resources of a template in a region, with these parameters: those whose condition is true, their references resolved.

    Another resource is named by its logical id, and what is imported from another stack by the name of the export.
    """
    given = [{"Key": key, "Value": value} for key, value in parameters.items()]
    template = engine._apply_transforms(engine._parse_template(text(name)), given)
    template = json.loads(json.dumps(template), object_hook=lambda part: part.get("Fn::ImportValue", part))
    before = responses._request_region.set(region)
    try:
        values = engine._resolve_parameters(template, given)
        conditions = engine._evaluate_conditions(template, values)
        made = {key: {"PhysicalResourceId": key, "Attributes": _Attributes(key)} for key in template["Resources"]}
        return {
            key: engine._resolve_refs(resource, made, values, conditions, template.get("Mappings", {}), name, name)
            for key, resource in template["Resources"].items()
            if conditions.get(resource.get("Condition"), True)
        }
    finally:
        responses._request_region.reset(before)


def of_type(found: dict[str, dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    """The properties of all resources of a type."""
    yield from (part.get("Properties", {}) for part in found.values() if part["Type"] == kind)
