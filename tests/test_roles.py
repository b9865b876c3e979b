"""What the roles allow and refuse, evaluated for every region, table and kind of write."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from django.conf import settings
from django.utils.module_loading import import_string
from moto.core.models import MockAWS

from localcloud.layout import ROOT
from orders.models import Order
from regions import failures, heartbeat, topology
from regions.aws import OPERATIONS
from regions.backlog import queue_name
from regions.models import MASTER
from regions.replication import Rule, rule_of, rules
from tests.iam import Role, queue, resources, roles, stream, table, template, web, worker

TOPOLOGY = topology.current()
REGIONS = list(TOPOLOGY.regions)
RULES = [rule_of(import_string(name)) for name in settings.REPLICATED]
ORDERS = Order.Meta.table_name
CATALOGUE = next(rule.table for rule in RULES if rule.homed_at_master)
READS = ["GetItem", "BatchGetItem", "Query", "Scan", "ConditionCheckItem", "PartiQLSelect"]
WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"]

each_region = pytest.mark.parametrize("region", REGIONS)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.table)
each_kind = pytest.mark.parametrize("role_of", [web, worker])


def keys_of(rule: Rule, home: str) -> list[str]:
    """Partition keys that a table may hold of a home."""
    if not rule.homed_at_master:
        return [f"{home}#01J", heartbeat.key(home)]
    return ["restaurant#lucette", "cell#872a1072bffffff", heartbeat.key(MASTER)] if home == TOPOLOGY.master else []


def not_of(rule: Rule, region: str) -> Iterator[list[str]]:
    """What requests may name that are not all of a region's own records: foreign keys, mixed ones, strange ones, none."""
    own = keys_of(rule, region)
    for home in REGIONS:
        if home != region:
            for foreign in keys_of(rule, home):
                yield [foreign]
                yield [*own, foreign]
    yield from ([f"x{region}#01J"], [region], ["*"], [f"{region[:-1]}#01J"], ["no region"], [])


def allowed(role: Role, actions: list[str], arn: str, keys: list[str]) -> set[str]:
    """The actions that are; a write names an attribute that is always there."""
    return {name for name in actions if role.allows(f"dynamodb:{name}", arn, keys=keys, attributes=["version"])}


@each_kind
@each_rule
@each_region
def test_no_role_writes_a_record_of_another_region(region: str, rule: Rule, role_of: Any) -> None:
    for target in REGIONS:
        for keys in not_of(rule, region):
            assert not allowed(role_of(region), WRITES, table(target, rule.table), keys), (target, keys)


@each_rule
@each_region
def test_pages_write_their_own_records_at_home_and_nowhere_else(region: str, rule: Rule) -> None:
    for target in REGIONS:
        for key in keys_of(rule, region):
            is_home = target == region and not (rule.homed_at_master and heartbeat.is_heartbeat([key, heartbeat.NAME]))
            wanted = {"PutItem", "UpdateItem"} if is_home else set()
            assert allowed(web(region), WRITES, table(target, rule.table), [key]) == wanted, (target, key)


@each_rule
@each_region
def test_a_worker_puts_copies_of_its_own_records_everywhere_and_changes_only_its_own_orders(
    region: str, rule: Rule
) -> None:
    for target in REGIONS:
        if keys := keys_of(rule, region):
            wanted = {"PutItem"} | ({"UpdateItem"} if (target, rule.table) == (region, ORDERS) else set())
            assert allowed(worker(region), WRITES, table(target, rule.table), keys) == wanted, target


@each_kind
def test_the_catalogue_is_written_by_its_master_only(role_of: Any) -> None:
    keys = [[key] for key in keys_of(rules()[CATALOGUE], TOPOLOGY.master)]
    writers = {
        region
        for region in REGIONS
        for target in REGIONS
        for named in [*keys, ["any"], []]
        if allowed(role_of(region), WRITES, table(target, CATALOGUE), named)
    }
    assert writers == {TOPOLOGY.master}


@each_region
def test_pages_read_orders_in_their_own_jurisdiction_only(region: str) -> None:
    """Abroad, where only heartbeats may be read, orders are not even in a request together with them."""
    jurisdiction = TOPOLOGY.jurisdiction_of(region)
    for target in REGIONS:
        orders, is_abroad = table(target, ORDERS), target not in TOPOLOGY.members(jurisdiction)
        for home in REGIONS:
            beat, order = heartbeat.key(home, 3), f"{home}#01J"
            for keys in ([order], [beat, order]):
                assert ("GetItem" in allowed(web(region), READS, orders, keys)) is not is_abroad
                assert not is_abroad or not allowed(web(region), READS, orders, keys)
            assert "BatchGetItem" in allowed(web(region), READS, orders, [beat])
        assert bool(allowed(web(region), READS, orders, [])) is (target == region)


@each_region
def test_a_worker_reads_of_other_regions_copies_of_its_own_records_only(region: str) -> None:
    for target in set(REGIONS) - {region}:
        for rule in RULES:
            assert not any(
                allowed(worker(region), READS, table(target, rule.table), keys) for keys in not_of(rule, region)
            )
            if keys := keys_of(rule, region):
                assert allowed(worker(region), READS, table(target, rule.table), keys) == {"BatchGetItem"}


@each_region
def test_an_order_leaves_its_jurisdiction_as_a_stub_and_in_no_other_shape(region: str) -> None:
    inside = TOPOLOGY.members(TOPOLOGY.jurisdiction_of(region))
    stub = rules()[ORDERS].stub
    for target in REGIONS:

        def may_put(attributes: set[str], orders: str = table(target, ORDERS)) -> bool:
            return worker(region).allows("dynamodb:PutItem", orders, keys=[f"{region}#01J"], attributes=attributes)

        assert may_put({*stub})
        assert may_put({*Order.get_attributes()}) is (target in inside)
        for attribute in set(Order.get_attributes()) - stub:
            assert may_put({*stub, attribute}) is (target in inside), attribute
        assert not may_put(set())


@each_kind
@each_region
def test_what_a_region_keeps_about_itself_is_written_there_only_and_who_asked_it_is_read_there_only(
    region: str, role_of: Any
) -> None:
    role = role_of(region)
    for target in REGIONS:
        operations = table(target, OPERATIONS)
        for home in REGIONS:
            for key in (f"canary#{home}", f"requests#{home}#hash", f"{home}#placed#2026-11-28T12", "any", "lag#1"):
                if target != region:
                    assert not allowed(role, WRITES, operations, [key])
        for key in (f"requests#{target}#hash", f"reconcile#repair#{target}"):
            goes_on_there = (target, role, key.partition("#")[0]) == (region, worker(region), "reconcile")
            assert allowed(role, READS, operations, [key]) == ({"GetItem"} if goes_on_there else set())
            assert not allowed(role, READS, operations, ["lag#1", key])
        assert not allowed(role, READS + WRITES, operations, [])
    own = table(region, OPERATIONS)
    others = [name for name in REGIONS if name != region]
    assert not any(
        allowed(role, WRITES, own, [key]) for name in others for key in (f"canary#{name}", f"{name}#placed#1")
    )


@each_region
def test_a_worker_keeps_its_place_in_a_comparison_and_deletes_nothing_else(region: str) -> None:
    place, deletes = "reconcile#repair#eu-west-1", ["DeleteItem"]
    for target in REGIONS:
        operations = table(target, OPERATIONS)
        for keys in ([place, "lag#1"], ["lag#1"], [f"{region}#placed#1"], []):
            assert not allowed(worker(region), deletes, operations, keys)
        assert bool(allowed(worker(region), deletes, operations, [place])) is (target == region)
        assert not allowed(web(region), WRITES, operations, [place])


@each_kind
@each_region
def test_a_region_reads_its_own_secret_only_and_changes_none(region: str, role_of: Any) -> None:
    for target in REGIONS:
        for name in (target, f"{target}-of-somebody-else", f"{target}x", "other"):
            secret = f"arn:aws:secretsmanager:{target}:123456789012:secret:foodforthought/{name}-aB3dE6"
            may = [
                action
                for action in ("GetSecretValue", "PutSecretValue", "DeleteSecret", "DescribeSecret")
                if role_of(region).allows(f"secretsmanager:{action}", secret)
            ]
            assert may == (["GetSecretValue"] if name == target == region else [])


@each_region
def test_only_a_worker_reads_streams_and_what_lambda_has_given_up_on_and_only_at_home(region: str) -> None:
    for target in REGIONS:
        failed = queue(target, failures.QUEUE)
        uses = ["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueUrl"]
        assert all(worker(region).allows(f"sqs:{use}", failed) is (target == region) for use in uses)
        assert not worker(region).allows("sqs:PurgeQueue", failed)
        assert not any(web(region).allows(f"sqs:{use}", failed) for use in uses)
        for rule in RULES:
            for use in ("GetShardIterator", "GetRecords", "DescribeStream"):
                assert worker(region).allows(f"dynamodb:{use}", stream(target, rule.table)) is (target == region)
                assert not web(region).allows(f"dynamodb:{use}", stream(target, rule.table))


@each_region
def test_only_a_worker_holds_and_lets_go_of_what_waits_and_only_at_home(region: str) -> None:
    changes = ["SendMessage", "ReceiveMessage", "DeleteMessage", "PurgeQueue", "DeleteQueue", "SetQueueAttributes"]
    for target in REGIONS:
        for waiting_for in REGIONS:
            waiting = queue(target, queue_name(waiting_for))
            assert not any(web(region).allows(f"sqs:{change}", waiting) for change in changes)
            may = {change for change in changes if worker(region).allows(f"sqs:{change}", waiting)}
            assert may == (set(changes[:3]) if target == region else set())


@each_region
def test_pages_look_places_up_in_their_own_region_and_a_worker_nowhere(region: str) -> None:
    """Not even in the sibling: it is the process's own region that is asked."""
    asked = {"Autocomplete", "Geocode", "ReverseGeocode"}
    for target in REGIONS:
        for provider in ("default", "other"):
            arn = f"arn:aws:geo-places:{target}::provider/{provider}"
            actions = [*asked, "GetPlace", "SearchNearby", "SearchText", "Suggest"]
            may = {name for name in actions if web(region).allows(f"geo-places:{name}", arn)}
            assert may == (asked if (target, provider) == (region, "default") else set()), arn
            assert not any(worker(region).allows(f"geo-places:{name}", arn) for name in actions)


def test_without_its_guard_a_condition_is_true_of_a_request_that_names_no_key() -> None:
    """So the guard stands beside each, and the tests above would see one that is missing."""
    role = web(REGIONS[0])
    policies = json.loads(json.dumps([role.inline, role.managed]))
    unguarded = 0
    for policy in [policy for kind in policies for policy in kind.values()]:
        for statement in policy["Statement"]:
            unguarded += statement.get("Condition", {}).pop("Null", None) is not None
    assert unguarded
    without = replace(role, inline=policies[0], managed=policies[1])
    orders = table(REGIONS[0], ORDERS)
    assert (allowed(role, WRITES, orders, []), allowed(without, WRITES, orders, [])) == (
        set(),
        {"PutItem", "UpdateItem"},
    )


@pytest.mark.parametrize("name", roles())
def test_every_condition_on_keys_is_guarded_and_every_write_has_one(name: str) -> None:
    for statement in roles()[name].statements:
        condition = statement.get("Condition", {})
        for operator in condition:
            for key in condition[operator] if operator.startswith("ForAllValues:") else ():
                assert condition["Null"][key] is False
        if {f"dynamodb:{action}" for action in WRITES} & set(_as_list(statement["Action"])):
            assert "dynamodb:LeadingKeys" in condition["ForAllValues:StringLike"]


@pytest.mark.parametrize("name", roles())
def test_nothing_is_wider_than_aws_lets_it_be(name: str) -> None:
    for statement in roles()[name].statements:
        assert statement["Effect"] == "Allow"
        actions = _as_list(statement["Action"])
        assert not any("*" in action for action in actions)
        for resource in _as_list(statement["Resource"]):
            # Those two list what there is. A stream is named after the time at which it was made, a log's by chance.
            if resource == "*":
                assert set(actions) <= {"dynamodb:ListStreams", "dynamodb:ListTables"}
                assert statement["Condition"] == {"StringEquals": {"aws:RequestedRegion": REGIONS}}
            else:
                assert "*" not in resource.removesuffix("/stream/*").removesuffix(":*")


def test_the_roles_trust_lambda_and_those_of_pages_api_gateway() -> None:
    trusted = {
        name: set(_as_list(role.trust["Statement"][0]["Principal"]["Service"])) for name, role in roles().items()
    }
    pages, workers = {"lambda.amazonaws.com", "apigateway.amazonaws.com"}, {"lambda.amazonaws.com"}
    assert trusted == {name: pages if "-web-" in name else workers for name in roles()}


def test_every_stage_has_its_role_which_may_invoke_and_log_for_its_function() -> None:
    stages = json.loads((ROOT / "zappa_settings.json").read_text())
    project = stages["base"]["project_name"]
    deployed = {name: stage for name, stage in stages.items() if "role_name" in stage}
    assert {stage["role_name"] for stage in deployed.values()} == set(roles())
    for name, stage in deployed.items():
        function, region, role = f"{project}-{name.replace('_', '-')}", stage["aws_region"], roles()[stage["role_name"]]
        logs = f"arn:aws:logs:{region}:123456789012:log-group:/aws/lambda/{function}"
        assert role.allows("logs:CreateLogGroup", logs)
        assert role.allows("logs:PutLogEvents", f"{logs}:log-stream:1")
        invoked = f"arn:aws:lambda:{region}:123456789012:function:{function}"
        assert role.allows("lambda:InvokeFunction", invoked) is not name.startswith("worker_")


def test_the_template_knows_the_regions_and_their_master() -> None:
    assert template()["Mappings"]["Regions"] == {
        name: {
            "Jurisdiction": region.jurisdiction,
            **{other: "Inside" if other == region.jurisdiction else "Abroad" for other in TOPOLOGY.jurisdictions},
        }
        for name, region in TOPOLOGY.regions.items()
    }
    loops = list(_loops(template()["Resources"]))
    assert sorted(map(tuple, loops)) == sorted([tuple(REGIONS)] * 3 + [(TOPOLOGY.master,)])
    ids = {kind: {f"{kind}{name.replace('-', '')}" for name in REGIONS} for kind in ("Web", "Worker")}
    for resource in resources().values():
        if resource["Type"] != "AWS::IAM::Role":
            kind = "Web" if "-web-" in resource["Properties"]["Roles"][0] else "Worker"
            assert set(resource["DependsOn"]) == ids[kind], (
                "a policy is attached by name, to a role that has to be there"
            )


def test_the_roles_of_all_regions_are_made_in_one_account(moto_aws: MockAWS) -> None:
    """IAM's names are an account's; moto refuses one that is there already, and AWS what is longer."""
    moto_aws.reset()
    iam = boto3.client("iam", "us-east-1")
    for name, role in roles().items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role.trust))
        for policy, document in role.inline.items():
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        for policy, document in role.managed.items():
            made = iam.create_policy(PolicyName=policy, PolicyDocument=json.dumps(document))
            iam.attach_role_policy(RoleName=name, PolicyArn=made["Policy"]["Arn"])
        assert sum(len(json.dumps(document, separators=(",", ":"))) for document in role.inline.values()) <= 10_240
        assert max(len(json.dumps(document, separators=(",", ":"))) for document in role.managed.values()) <= 6_144
        assert len(role.managed) <= 10
    assert {role["RoleName"] for role in iam.list_roles()["Roles"]} == set(roles())
    assert len(roles()) == 2 * len(REGIONS)
    with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=next(iter(roles())), AssumeRolePolicyDocument="{}")


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _loops(fragment: dict[str, Any]) -> Iterator[list[str]]:
    for key, value in fragment.items():
        if key.startswith("Fn::ForEach::"):
            yield value[1]
            yield from _loops(value[2])
