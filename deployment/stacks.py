"""The stacks of CloudFormation: which template each is made of, its parameters, and how it comes to be as the template says."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from botocore.exceptions import ClientError

from deployment import ROOT
from deployment.account import CannotDeploy, client
from regions.topology import Topology

ONCE = ("roles", "zone")
"""Templates that are deployed in one region for all of them."""

DATA = ("tables", "backlog", "secrets", "packages")
"""Templates of a region, in this order, before its functions; `WAKING` and `EDGE` are after them, `TRAFFIC` comes last."""
WAKING = "worker"
EDGE = "edge"
TRAFFIC = ("health_check", "traffic")

OF_A_REGION = (*DATA, WAKING, EDGE, *TRAFFIC)

CAPABILITIES: Any = [
    "CAPABILITY_NAMED_IAM",
    "CAPABILITY_AUTO_EXPAND",
]  # roles have names; templates repeat a part for each region
MOST_BYTES = 51_200
"""Of a template that is not fetched from a bucket."""

WAIT_SECONDS = 45 * 60
"""A certificate is waited for until its domain is delegated to the zone; everything else takes minutes."""

UNFINISHED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED", "REVIEW_IN_PROGRESS")
"""A stack that was never made: there is nothing in it, and it cannot be updated."""


@dataclass(frozen=True)
class Stack:
    template: str  # the file in infrastructure/ without its ending
    region: str

    @property
    def name(self) -> str:
        return f"foodforthought-{self.template.replace('_', '-')}"

    @property
    def body(self) -> str:
        return (ROOT / "infrastructure" / f"{self.template}.yaml").read_text()

    @property
    def cloudformation(self) -> Any:
        return client("cloudformation", self.region)

    def __str__(self) -> str:
        return f"{self.name} in {self.region}"


class _Loader(yaml.SafeLoader):
    """CloudFormation's tags as plain values."""


_Loader.add_multi_constructor("!", lambda loader, suffix, node: node.value)


def template(stack: Stack) -> dict[str, Any]:
    return dict(yaml.load(stack.body, Loader=_Loader))  # noqa: S506 - a safe one


def described(stack: Stack) -> dict[str, Any] | None:
    """What CloudFormation says of it; None when there is none."""
    try:
        (description,) = stack.cloudformation.describe_stacks(StackName=stack.name)["Stacks"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return None
    return dict(description) if description["StackStatus"] != "DELETE_COMPLETE" else None


def exists(stack: Stack) -> bool:
    description = described(stack)
    return description is not None and description["StackStatus"] not in UNFINISHED


def output(stack: Stack, name: str) -> str:
    """`CannotDeploy` when the stack is not there, or has no such output."""
    outputs = (described(stack) or {}).get("Outputs", [])
    for entry in outputs:
        if entry["OutputKey"] == name:
            return str(entry["OutputValue"])
    raise CannotDeploy(f"There is no output {name} of {stack}: deploy that stack first.")


def once_region(topology: Topology) -> str:
    """Where the stacks for all regions are: in the master's region, or where they were made when another one was the master."""
    for region in (topology.master, *topology.regions):
        if exists(Stack(ONCE[0], region)):
            return region
    return topology.master


def parameters_of(topology: Topology, stack: Stack) -> Mapping[str, Callable[[], str]]:
    """Parameter → what says its value. Templates are given those that they declare."""
    region = stack.region
    return {
        "Domain": lambda: topology.domain,
        "Jurisdiction": lambda: topology.jurisdiction_of(region),
        "ZoneId": lambda: output(Stack("zone", once_region(topology)), "ZoneId"),
        "HealthCheckId": lambda: output(Stack("health_check", region), "HealthCheckId"),
        "ApiId": lambda: api_id(region),
        "Stage": lambda: stage(region),
    }


def api_id(region: str) -> str:
    """Of the stack that Zappa makes, which has no outputs."""
    name = f"foodforthought-{region}"
    try:
        resource = client("cloudformation", region).describe_stack_resource(StackName=name, LogicalResourceId="Api")
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        raise CannotDeploy(f"There is no API in {region}: deploy its functions first.") from error
    return str(resource["StackResourceDetail"]["PhysicalResourceId"])


def stage(region: str) -> str:
    """Of Zappa, and so of its API."""
    return region.replace("-", "_")


def deploy_api(region: str) -> None:
    client("apigateway", region).create_deployment(restApiId=api_id(region), stageName=stage(region))


def parameters(topology: Topology, stack: Stack, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """For each parameter of the template: what is given, what the topology or another stack says, or what it was before."""
    before = {entry["ParameterKey"] for entry in (described(stack) or {}).get("Parameters", [])}
    known = parameters_of(topology, stack)
    values: list[dict[str, Any]] = []
    for name in template(stack).get("Parameters", {}):
        if name in given:
            values.append({"ParameterKey": name, "ParameterValue": given[name]})
        elif name in known:
            values.append({"ParameterKey": name, "ParameterValue": known[name]()})
        elif name in before:
            values.append({"ParameterKey": name, "UsePreviousValue": True})
    return values


def is_up_to_date(stack: Stack, values: Iterable[Mapping[str, Any]]) -> bool:
    """Nothing of it would change, as far as its template and its parameters say."""
    description = described(stack)
    if description is None or description["StackStatus"] in UNFINISHED:
        return False
    before = {entry["ParameterKey"]: entry.get("ParameterValue") for entry in description.get("Parameters", [])}
    return deployed_body(stack) == stack.body and all(
        value.get("UsePreviousValue") or before.get(value["ParameterKey"]) == value["ParameterValue"]
        for value in values
    )


def deployed_body(stack: Stack) -> str:
    """The template as it was deployed."""
    body = stack.cloudformation.get_template(StackName=stack.name, TemplateStage="Original")["TemplateBody"]
    return body if isinstance(body, str) else ""  # boto3 makes a dictionary of JSON, which ours are not


def apply(topology: Topology, stack: Stack, given: Mapping[str, str]) -> str:
    """Have it as the template says: “made”, “updated” or “as it was”. `CannotDeploy` says what CloudFormation refused."""
    description = described(stack)
    if (
        description
        and description["StackStatus"].endswith("_IN_PROGRESS")
        and description["StackStatus"] not in UNFINISHED
    ):
        raise CannotDeploy(
            f"{stack} is being changed by somebody ({description['StackStatus']}). Wait, and run this again."
        )
    if description and description["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise CannotDeploy(
            f"{stack} could not be put back after a failed update. Mend what its events say, then "
            f"`aws cloudformation continue-update-rollback --region {stack.region} --stack-name {stack.name}`."
        )
    if description and description["StackStatus"] in UNFINISHED:
        delete(stack)
        description = None
    values = parameters(topology, stack, given)
    if is_up_to_date(stack, values):
        return "as it was"
    call = stack.cloudformation.update_stack if description else stack.cloudformation.create_stack
    try:
        # What is kept when its stack goes is not when the stack fails to be made: the next run could not make it again.
        call(
            StackName=stack.name, TemplateBody=stack.body, Parameters=values, Capabilities=CAPABILITIES,
            RetainExceptOnCreate=True,
        )  # fmt: skip
    except ClientError as error:
        if "No updates" in str(error):
            return "as it was"
        raise CannotDeploy(f"{stack}: {error.response['Error']['Message']}") from error
    wait(stack, "UPDATE_COMPLETE" if description else "CREATE_COMPLETE")
    return "updated" if description else "made"


def wait(stack: Stack, wanted: str) -> None:
    """Until it is as wanted. `CannotDeploy` when it has become something else, with the first reason."""
    pause = 0.2
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        status = (described(stack) or {"StackStatus": "DELETE_COMPLETE"})["StackStatus"]
        if status == wanted:
            return
        if not status.endswith("_IN_PROGRESS"):
            raise CannotDeploy(f"{stack} is {status}: {_reason(stack)}")
        if time.monotonic() > deadline:
            raise CannotDeploy(f"{stack} is still {status} after {WAIT_SECONDS // 60} minutes: {_reason(stack)}")
        time.sleep(pause)
        pause = min(2 * pause, 5)


def _reason(stack: Stack) -> str:
    """Why the last operation failed: the first resource that did not work. The others were cancelled because of it."""
    reason = "its events say no more."
    for event in stack.cloudformation.describe_stack_events(StackName=stack.name)["StackEvents"]:  # the newest first
        if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason"):
            reason = f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
        if event["LogicalResourceId"] == stack.name and event["ResourceStatus"] in (
            "CREATE_IN_PROGRESS",
            "UPDATE_IN_PROGRESS",
        ):
            break
    return reason


def delete(stack: Stack) -> str:
    """“deleted”, or “not there”."""
    if described(stack) is None:
        return "not there"
    stack.cloudformation.delete_stack(StackName=stack.name)
    wait(stack, "DELETE_COMPLETE")
    return "deleted"
