"""How a region is reached: every host that it answers for, by TLS, and the records that send people there."""

import fnmatch
from typing import Any

import boto3
import pytest
from moto.core.models import MockAWS

from tests.infrastructure.templates import DEPLOYED, TEMPLATES, of_type, resources, text, written

REGIONS = list(DEPLOYED.regions)
CERTIFICATE, HOST = "AWS::CertificateManager::Certificate", "AWS::ApiGateway::DomainName"
MAPPING, RECORD = "AWS::ApiGateway::BasePathMapping", "AWS::Route53::RecordSet"
ACL, OF_API = "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation"

each_region = pytest.mark.parametrize("region", REGIONS)


def edge(region: str, **parameters: str) -> dict[str, Any]:
    known = {"ZoneId": "zone", "ApiId": "api", "Stage": "stage"}
    return resources("edge", region, **of(region), **known, **parameters)


def traffic(region: str) -> dict[str, Any]:
    return resources("traffic", region, **of(region), ZoneId="zone", HealthCheckId=f"check of {region}")


def of(region: str) -> dict[str, str]:
    return {"Domain": DEPLOYED.domain, "Jurisdiction": DEPLOYED.jurisdiction_of(region)}


def hosts_of(region: str) -> set[str]:
    site = DEPLOYED.jurisdiction_host(DEPLOYED.jurisdiction_of(region))
    return {*DEPLOYED.signpost_hosts, site, DEPLOYED.region_host(region)}


@each_region
def test_a_region_answers_for_its_hosts_by_its_api_and_no_older_tls_than_1_2(region: str) -> None:
    made = edge(region)
    names = {key: part["Properties"]["DomainName"] for key, part in made.items() if part["Type"] == HOST}
    assert sorted(names.values()) == sorted(hosts_of(region))
    for host in of_type(made, HOST):
        assert host["SecurityPolicy"] == "TLS_1_2"
        assert host["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
        assert host["RegionalCertificateArn"] == "Certificate"
    mappings = list(of_type(made, MAPPING))
    assert sorted(mapping.pop("DomainName") for mapping in mappings) == sorted(names)
    assert all(mapping == {"RestApiId": "api", "Stage": "stage"} for mapping in mappings), "no base path"


@each_region
def test_the_certificate_names_every_host_and_is_validated_without_doing_so_twice(region: str) -> None:
    (certificate,) = of_type(edge(region), CERTIFICATE)
    named = [certificate["DomainName"], *certificate["SubjectAlternativeNames"]]
    for host in hosts_of(region):
        # A wildcard stands for one label.
        assert any(fnmatch.fnmatch(host, name) and host.count(".") == name.count(".") for name in named), host
    validated = [option["DomainName"] for option in certificate["DomainValidationOptions"]]
    assert sorted(validated) == sorted({name.removeprefix("*.") for name in named})
    assert {option["HostedZoneId"] for option in certificate["DomainValidationOptions"]} == {"zone"}


@each_region
def test_a_regions_own_host_leads_to_it_whatever_its_health(region: str) -> None:
    (record,) = of_type(edge(region), RECORD)
    assert record == {
        "HostedZoneId": "zone",
        "Name": "RegionDomain",
        "Type": "A",
        "AliasTarget": {
            "DNSName": "RegionDomain.RegionalDomainName",
            "HostedZoneId": "RegionDomain.RegionalHostedZoneId",
            "EvaluateTargetHealth": False,
        },
    }


@each_region
def test_the_names_that_regions_share_lead_to_the_nearest_healthy_one(region: str) -> None:
    records = list(of_type(traffic(region), RECORD))
    assert {record["Name"] for record in records} == hosts_of(region) - {DEPLOYED.region_host(region)}
    for record in records:
        assert record["SetIdentifier"] == record["Region"] == region
        assert record["HealthCheckId"] == f"check of {region}"
        assert (record["HostedZoneId"], record["Type"]) == ("zone", "A")


def test_each_shared_name_leads_to_the_host_of_that_name() -> None:
    """A custom domain answers only by the address that is its own."""
    region = REGIONS[0]
    exported = {
        output["Export"]["Name"]: output["Value"]["Fn::GetAtt"]
        for output in written(next(path for path in TEMPLATES if path.stem == "edge"))["Outputs"].values()
        if "Export" in output
    }
    made = edge(region)
    for record in of_type(traffic(region), RECORD):
        host, attribute = exported[record["AliasTarget"]["DNSName"]]
        assert (made[host]["Properties"]["DomainName"], attribute) == (record["Name"], "RegionalDomainName")
        assert exported[record["AliasTarget"]["HostedZoneId"]][1] == "RegionalHostedZoneId"


def test_no_name_of_one_jurisdiction_leads_to_a_region_of_another() -> None:
    for jurisdiction in DEPLOYED.jurisdictions:
        host = DEPLOYED.jurisdiction_host(jurisdiction)
        leads_to = {
            region for region in REGIONS for record in of_type(traffic(region), RECORD) if record["Name"] == host
        }
        assert leads_to == set(DEPLOYED.members(jurisdiction))


@each_region
def test_the_firewall_is_an_option_that_asks_people_to_come_again(region: str) -> None:
    assert not [*of_type(edge(region), ACL), *of_type(edge(region), OF_API)]
    with_firewall = edge(region, Firewall="true", PostsPerAddress="50")
    (acl,) = of_type(with_firewall, ACL)
    (association,) = of_type(with_firewall, OF_API)
    assert association["ResourceArn"] == f"arn:aws:apigateway:{region}::/restapis/api/stages/stage"
    for rule in acl["Rules"]:
        answer = rule["Action"]["Block"]["CustomResponse"]
        assert answer["ResponseCode"] == 429
        assert "Retry-After" in {header["Name"] for header in answer["ResponseHeaders"]}
    limits = [str(rule["Statement"]["RateBasedStatement"]["Limit"]) for rule in acl["Rules"]]
    assert limits == ["2000", "50"]


@each_region
def test_health_is_asked_of_the_region_by_its_own_name(region: str, moto_aws: MockAWS) -> None:
    """moto makes the check: MiniStack knows none, and moto's own CloudFormation lacks a library."""
    moto_aws.reset()
    (made,) = of_type(resources("health_check", region, **of(region)), "AWS::Route53::HealthCheck")
    config = {**made["HealthCheckConfig"], "RequestInterval": int(made["HealthCheckConfig"]["RequestInterval"])}
    route53 = boto3.client("route53", region)
    check_id = route53.create_health_check(CallerReference=region, HealthCheckConfig=config)["HealthCheck"]["Id"]
    check = route53.get_health_check(HealthCheckId=check_id)["HealthCheck"]["HealthCheckConfig"]
    assert check["FullyQualifiedDomainName"] == DEPLOYED.region_host(region)
    assert (check["Type"], check["Port"], check["ResourcePath"]) == ("HTTPS", 443, "/health/ready")
    assert check["EnableSNI"]
    assert (check["RequestInterval"], check["FailureThreshold"]) == (30, 3)
    assert len(check["Regions"]) == 3


def test_a_new_region_is_no_edit_of_how_regions_are_reached() -> None:
    for name in ("edge", "health_check", "packages", "secrets", "tables", "traffic", "zone"):
        lines = [line for line in text(name).splitlines() if "Regions: [" not in line]  # from where health is asked
        assert not [line for line in lines for region in REGIONS if region in line]
