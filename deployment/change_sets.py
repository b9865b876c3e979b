"""What CloudFormation would do to a stack: for a dry run."""

import time
from collections.abc import Mapping
from typing import Any

from deployment.stacks import CAPABILITIES, Stack, exists, is_up_to_date, parameters
from regions.topology import Topology

NAME = "foodforthought-dry-run"


def plan(topology: Topology, stack: Stack, given: Mapping[str, str]) -> str:
    """What `stacks.apply` would do, in words. Another stack's outputs may not be there yet."""
    if not exists(stack):
        return "would be made"
    values = parameters(topology, stack, given)
    if is_up_to_date(stack, values):
        return "as it is"
    return f"would be updated: {_changes(stack, values)}"


def _changes(stack: Stack, values: list[dict[str, Any]]) -> str:
    """What a change set says; it is not kept."""
    cloudformation = stack.cloudformation
    cloudformation.create_change_set(
        StackName=stack.name, ChangeSetName=NAME, TemplateBody=stack.body, Parameters=values, Capabilities=CAPABILITIES,
    )  # fmt: skip
    try:
        while True:
            change_set = cloudformation.describe_change_set(StackName=stack.name, ChangeSetName=NAME)
            if change_set["Status"] in ("CREATE_COMPLETE", "FAILED"):
                break
            time.sleep(0.5)
    finally:
        cloudformation.delete_change_set(StackName=stack.name, ChangeSetName=NAME)
    changes = [change["ResourceChange"] for change in change_set.get("Changes", [])]
    return ", ".join(_change(change) for change in changes) or str(change_set.get("StatusReason") or "nothing")


def _change(change: Mapping[str, Any]) -> str:
    replaced = " and replace" if change.get("Replacement") == "True" else ""
    return f"{change['Action'].lower()}{replaced} {change['LogicalResourceId']}"
