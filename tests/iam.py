"""The roles of infrastructure/roles.yaml, and what they allow.

The template is expanded and the policies are evaluated by MiniStack's own parts, which are plain functions: the embedded AWS
tells its policies nothing of keys.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cfnlint.decode.cfn_yaml import load
from ministack.core import iam_evaluator
from ministack.services.cloudformation import language_extensions

from localcloud.layout import ROOT

ACCOUNT = "123456789012"
TEMPLATE = ROOT / "infrastructure" / "roles.yaml"


@dataclass(frozen=True)
class Role:
    """`inline` and `managed` policies by their names."""

    trust: Mapping[str, Any]
    inline: Mapping[str, Any]
    managed: Mapping[str, Any]

    @property
    def policies(self) -> Mapping[str, Any]:
        return {**self.inline, **self.managed}

    @property
    def statements(self) -> list[Mapping[str, Any]]:
        return [statement for policy in self.policies.values() for statement in policy["Statement"]]

    def allows(self, action: str, resource: str, *, keys: Iterable[str] = (), attributes: Iterable[str] = ()) -> bool:
        """`keys`: the partition keys that a request to DynamoDB names. None at all is no key, as it is to AWS's `Null`:

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
        `attributes`: which it writes.
        """
        conditions = {"dynamodb:leadingkeys": list(keys), "dynamodb:attributes": list(attributes)}
        context = iam_evaluator.EvalContext(
            principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/role/session",
            principal_type="AssumedRole",
            principal_account=ACCOUNT,
            action=action,
            resource_arn=resource,
            region=resource.split(":")[3] if ":" in resource else "us-east-1",
            service_context={name: values for name, values in conditions.items() if values},
        )
        policies = [iam_evaluator.parse_policy_document(dict(policy)) for policy in self.policies.values()]
        return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")


@cache
def template() -> dict[str, Any]:
    return dict(json.loads(json.dumps(load(str(TEMPLATE)))))


@cache
def resources() -> dict[str, Any]:
    """The template's resources, one for each turn of its loops, as they are in one account."""
    expanded = json.dumps(language_extensions.apply(template(), {})["Resources"])
    text = expanded.replace("${AWS::Partition}", "aws").replace("${AWS::AccountId}", ACCOUNT)
    return dict(json.loads(text, object_hook=lambda part: part["Fn::Sub"] if set(part) == {"Fn::Sub"} else part))


@cache
def roles() -> dict[str, Role]:
    properties = [resource["Properties"] for resource in resources().values()]
    return {
        name: Role(
            role["AssumeRolePolicyDocument"],
            _by_name([*role["Policies"], *_attached(name, "PolicyName")], "PolicyName"),
            _by_name(_attached(name, "ManagedPolicyName"), "ManagedPolicyName"),
        )
        for role in properties
        if (name := role.get("RoleName"))
    }


def _attached(role: str, kind: str) -> list[dict[str, Any]]:
    properties = [resource["Properties"] for resource in resources().values()]
    return [policy for policy in properties if kind in policy and role in policy["Roles"]]


def _by_name(policies: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = {policy[kind]: policy["PolicyDocument"] for policy in policies}
    assert len(found) == len(policies), "a policy would take another's place"
    return found


def web(region: str) -> Role:
    return roles()[f"foodforthought-web-{region}"]


def worker(region: str) -> Role:
    return roles()[f"foodforthought-worker-{region}"]


def table(region: str, name: str) -> str:
    """The ARN of a table."""
    return f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{name}"


def stream(region: str, name: str) -> str:
    """The ARN of a table's stream."""
    return f"{table(region, name)}/stream/2026-11-28T12:00:00.000"


def queue(region: str, name: str) -> str:
    return f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"
