"""What somebody may do who deploys: everything of this project but making roles, and removing what holds data."""

import json
from typing import Any

import pytest

from tests.iam import ACCOUNT, Role, queue, table
from tests.infrastructure.templates import DEPLOYED, of_type, resources

REGIONS = list(DEPLOYED.regions)


@pytest.fixture(scope="module")
def deployer() -> Role:
    text = json.dumps(resources("deployer", REGIONS[0], Domain=DEPLOYED.domain)).replace("000000000000", ACCOUNT)
    policies = of_type(json.loads(text), "AWS::IAM::ManagedPolicy")
    return Role({}, {}, {policy["ManagedPolicyName"]: policy["PolicyDocument"] for policy in policies})


def test_the_policies_fit_into_what_aws_lets_them_be(deployer: Role) -> None:
    for document in deployer.managed.values():
        assert len(json.dumps(document, separators=(",", ":"))) <= 6_144
        for statement in document["Statement"]:
            actions: Any = statement["Action"]
            assert not any("*" in action for action in ([actions] if isinstance(actions, str) else actions))


@pytest.mark.parametrize("region", REGIONS)
def test_a_deployer_makes_and_changes_what_a_region_has_and_nobody_elses(deployer: Role, region: str) -> None:
    ours = DEPLOYED.domain.replace(".", "-")
    bucket = f"arn:aws:s3:::{ours}-packages-{region}"
    function = f"arn:aws:lambda:{region}:{ACCOUNT}:function:foodforthought"
    for action, resource in [
        ("cloudformation:CreateStack", f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/foodforthought-edge/1"),
        ("dynamodb:CreateTable", table(region, "foodforthought-orders")),
        ("sqs:CreateQueue", queue(region, "foodforthought-backlog-us-east-1")),
        (
            "secretsmanager:PutSecretValue",
            f"arn:aws:secretsmanager:{region}:{ACCOUNT}:secret:foodforthought/{region}-x",
        ),
        ("s3:CreateBucket", bucket),
        ("s3:PutObject", f"{bucket}/release.zip"),
        ("lambda:UpdateFunctionCode", f"{function}-{region}"),
        ("lambda:CreateFunction", f"{function}-worker-{region}"),
        ("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/foodforthought-web-{region}"),
    ]:
        assert deployer.allows(action, resource), action
        others = resource.replace(ours, "somebody").replace("foodforthought", "somebody")
        assert not deployer.allows(action, others), action


def test_a_deployer_removes_nothing_that_holds_data_and_reads_none_of_it(deployer: Role) -> None:
    orders, secret = (
        table("eu-west-1", "foodforthought-orders"),
        f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:foodforthought/x",
    )
    for action in ("DeleteTable", "Query", "Scan", "PutItem", "ExportTableToPointInTime"):
        assert not deployer.allows(f"dynamodb:{action}", orders)
    assert deployer.allows("dynamodb:GetItem", orders, keys=["eu-west-1#heartbeat#0"]), (
        "filling looks whether they come"
    )
    assert not deployer.allows("dynamodb:GetItem", orders, keys=["eu-west-1#1"])
    assert not deployer.allows("dynamodb:GetItem", orders)
    assert not deployer.allows("secretsmanager:DeleteSecret", secret)
    assert not deployer.allows("route53:DeleteHostedZone", "arn:aws:route53:::hostedzone/Z1")
    for action in ("PurgeQueue", "ReceiveMessage"):
        assert not deployer.allows(f"sqs:{action}", queue("eu-west-1", "foodforthought-backlog-us-east-1"))


def test_a_deployer_makes_no_role_and_gives_the_two_kinds_there_are_to_nobody_but_their_services(
    deployer: Role,
) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/foodforthought-web-eu-west-1"
    for action in ("CreateRole", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "CreatePolicy"):
        assert not deployer.allows(f"iam:{action}", role)
    (passing,) = [statement for statement in deployer.statements if statement["Action"] == "iam:PassRole"]
    assert passing["Condition"]["StringEquals"] == {
        "iam:PassedToService": ["lambda.amazonaws.com", "apigateway.amazonaws.com"]
    }
    assert all("/foodforthought-w" in resource for resource in passing["Resource"])
