"""Where a region is not as its siblings, its template or the models say: somebody changed it by hand, or it was left half way."""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from botocore.exceptions import ClientError
from django.conf import settings
from django.utils.module_loading import import_string

from deployment import stacks
from deployment.account import client
from deployment.stacks import Stack
from regions.aws import OPERATIONS
from regions.models import MASTER
from regions.topology import Topology

TIME_TO_LIVE = "time_to_live"
COMPARED = (
    "BatchSize",
    "ParallelizationFactor",
    "StartingPosition",
    "MaximumRetryAttempts",
    "BisectBatchOnFunctionError",
    "MaximumRecordAgeInSeconds",
)


def tables(regions: Iterable[str], left_out: frozenset[str] = frozenset()) -> list[str]:
    """Of the tables that are there: keys, streams and times to live are as the models say, and one index at most is new."""
    return [line for region in regions for model in _models() for line in _table(region, model, left_out)]


def _models() -> list[Any]:
    return [*map(import_string, settings.REPLICATED), import_string("regions.health.Canary")]


def _table(region: str, model: Any, left_out: frozenset[str]) -> list[str]:
    dynamodb, name = client("dynamodb", region), model.Meta.table_name
    try:
        table = dynamodb.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return []
    keys = [entry["AttributeName"] for entry in sorted(table["KeySchema"], key=lambda entry: entry["KeyType"])]
    wanted_keys = [
        attribute.attr_name for attribute in (model._hash_key_attribute(), model._range_key_attribute()) if attribute
    ]
    stream = table.get("StreamSpecification", {}).get("StreamViewType")
    wanted_stream = None if name == OPERATIONS else "NEW_IMAGE"
    new = set(model._indexes) - {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
    said = f"{name} in {region}"
    wrong = [
        (keys != wanted_keys, f"{said} has the key {keys}, and the model {wanted_keys}: move its items to a new table"),
        (stream != wanted_stream, f"{said} has the stream {stream}, not {wanted_stream}: put it back by hand"),
        (len(new) > 1, f"{said} lacks {sorted(new)}; AWS adds one index per update: release them one after the other"),
    ]
    if TIME_TO_LIVE not in left_out:
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        is_on = ttl["TimeToLiveStatus"] in ("ENABLED", "ENABLING") and ttl.get("AttributeName") == "expires_at"
        wrong.append(
            (not is_on, f"{said} removes nothing by expires_at: `aws dynamodb update-time-to-live` puts it back")
        )
    return [line for is_wrong, line in wrong if is_wrong]


def mappings(topology: Topology, regions: Sequence[str]) -> list[str]:
    """What wakes the workers that are there: switched on, for the homes that they copy, and alike in all regions."""
    wrong, alike = [], {}
    for region in regions:
        stack = Stack(stacks.WAKING, region)
        if not stacks.exists(stack):
            continue
        deployed = _mappings(region)
        is_current = stacks.deployed_body(stack) == stack.body
        for table, homes in wanted_homes(topology, region).items():
            wrong += _mapping(region, table, deployed.get(table), homes if is_current else None)
        if is_current:
            alike[region] = deployed
            wrong += _rules(stack)
    return wrong + _unlike(alike)


def _rules(stack: Stack) -> list[str]:
    """The clock's: Zappa deletes them with a worker that is undeployed by hand."""
    rules = client("events", stack.region).list_rules(NamePrefix="foodforthought-")["Rules"]
    states = {rule["Name"]: rule["State"] for rule in rules}
    resources = stacks.template(stack)["Resources"].values()
    wanted = [resource["Properties"]["Name"] for resource in resources if resource["Type"] == "AWS::Events::Rule"]
    return [
        f"The rule {name} in {stack.region} is {states.get(name, 'missing')}: delete the stack {stack.name} there, the next "
        "run makes it anew"
        for name in wanted
        if states.get(name) != "ENABLED"
    ]


def wanted_homes(topology: Topology, region: str) -> dict[str, list[str]]:
    """For which homes of a table's records a region's worker is woken."""
    return {
        "foodforthought-catalog": [MASTER if region == topology.master else "none"],
        "foodforthought-availability": [region],
        "foodforthought-orders": list(topology.members(topology.jurisdiction_of(region))),
    }


def _mappings(region: str) -> dict[str, Mapping[str, Any]]:
    name = f"foodforthought-worker-{region}"
    try:
        entries = client("lambda", region).list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return {}
    return {entry["EventSourceArn"].split("/")[1]: entry for entry in entries}


def _mapping(region: str, table: str, mapping: Mapping[str, Any] | None, homes: list[str] | None) -> list[str]:
    said = f"The mapping of {table} in {region}"
    if mapping is None:
        return [f"{said} is missing: delete the stack foodforthought-worker there, the next run makes it anew"]
    if mapping["State"] not in ("Enabled", "Enabling", "Creating", "Updating"):
        return [
            f"{said} is {mapping['State']}: `aws lambda update-event-source-mapping --enabled --uuid {mapping['UUID']}`"
        ]
    if homes is not None and _homes(mapping) != homes:
        return [f"{said} wakes for {_homes(mapping)}, and regions.toml says {homes}: put its filter back"]
    return []


def _homes(mapping: Mapping[str, Any]) -> Any:
    try:
        (pattern,) = mapping["FilterCriteria"]["Filters"]
        return json.loads(pattern["Pattern"])["dynamodb"]["NewImage"]["home"]["S"]
    except (KeyError, ValueError, TypeError):
        return "everything"


def _unlike(deployed: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
    return [
        f"The mapping of {table} has {name} {ours.get(name)} in {region} and {theirs.get(name)} in {other}, and one template"
        for region, other in combinations(deployed, 2)
        for table in deployed[region].keys() & deployed[other].keys()
        for ours, theirs in [(deployed[region][table], deployed[other][table])]
        for name in COMPARED
        if ours.get(name) != theirs.get(name)
    ]


def certificates(topology: Topology, regions: Iterable[str]) -> list[str]:
    """Of the hosts that are there already; a new one is waited for while its stack is made."""
    wrong = []
    for region in regions:
        host = topology.region_host(region)
        try:
            domain = client("apigateway", region).get_domain_name(domainName=host)
        except ClientError as error:
            if error.response["Error"]["Code"] != "NotFoundException":
                raise
            continue
        arn = domain.get("regionalCertificateArn")
        status = (
            client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]["Status"]
            if arn
            else "missing"
        )
        if status != "ISSUED":
            wrong.append(
                f"The certificate of {host} is {status}: look at it in ACM; its records of validation are in the zone"
            )
    return wrong


def unequal_stacks(regions: Sequence[str]) -> list[str]:
    """Stacks whose template differs between regions: a rollout stopped between them, and this one goes on."""
    lines = []
    for template in stacks.OF_A_REGION:
        bodies = {
            region: stacks.deployed_body(Stack(template, region))
            for region in regions
            if stacks.exists(Stack(template, region))
        }
        if len(set(bodies.values())) > 1:
            old = [region for region, body in bodies.items() if body != Stack(template, regions[0]).body]
            lines.append(
                f"{Stack(template, regions[0]).name} is of an older release in {', '.join(old)}; this brings it up to date."
            )
    return lines
