"""What is refused before anything is changed, and what is said about it."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core.models import MockAWS

from catalog.models import CatalogRecord
from deployment import account, drift, functions, preflight, secret_values, stacks
from deployment.account import CannotDeploy, deployed
from deployment.packaging import VIRTUALENV, runtime
from deployment.stacks import Stack
from orders.models import Order
from regions import health

TOPOLOGY = deployed()
REGION, SIBLING, ABROAD = "us-east-1", "us-west-2", "eu-west-1"


def make_table(
    model: Any, *, keys: list[str] | None = None, stream: str | None = "NEW_IMAGE", ttl: str | None = "expires_at"
) -> None:
    dynamodb = boto3.client("dynamodb", region_name=REGION)
    names = keys or [
        attribute.attr_name for attribute in (model._hash_key_attribute(), model._range_key_attribute()) if attribute
    ]
    dynamodb.create_table(
        TableName=model.Meta.table_name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in zip(names, ("HASH", "RANGE"), strict=False)],
        **({"StreamSpecification": {"StreamEnabled": True, "StreamViewType": stream}} if stream else {}),
    )  # type: ignore[call-overload]  # fmt: skip
    if ttl:
        dynamodb.update_time_to_live(
            TableName=model.Meta.table_name, TimeToLiveSpecification={"Enabled": True, "AttributeName": ttl}
        )


@pytest.fixture
def aws(moto_aws: MockAWS) -> None:
    moto_aws.reset()


@pytest.mark.usefixtures("aws")
def test_tables_as_the_models_say_are_right_and_those_that_are_not_there_yet() -> None:
    make_table(CatalogRecord)
    make_table(health.Canary, stream=None)
    assert drift.tables([REGION, SIBLING]) == []


@pytest.mark.usefixtures("aws")
def test_tables_that_somebody_has_changed_are_named_with_their_region() -> None:
    make_table(CatalogRecord, keys=["pk"])
    make_table(Order, stream="KEYS_ONLY", ttl=None)
    key, stream, ttl = drift.tables([REGION])
    assert key.startswith("foodforthought-catalog in us-east-1 has the key ['pk'], and the model ['pk', 'sk']")
    assert stream.startswith("foodforthought-orders in us-east-1 has the stream KEYS_ONLY")
    assert ttl.startswith("foodforthought-orders in us-east-1 removes nothing by expires_at")
    assert len(drift.tables([REGION], frozenset({drift.TIME_TO_LIVE}))) == 2


@pytest.mark.usefixtures("aws")
def test_one_new_index_is_added_and_two_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    make_table(Order)
    monkeypatch.setattr(Order, "_indexes", {"by-day": None})
    assert drift.tables([REGION]) == []
    monkeypatch.setattr(Order, "_indexes", {"by-day": None, "by-restaurant": None})
    (refused,) = drift.tables([REGION])
    assert "lacks ['by-day', 'by-restaurant']; AWS adds one index per update" in refused


class Mappings:
    """Lambda and EventBridge of all regions, as the templates make them."""

    def __init__(self) -> None:
        self.mappings = {region: self.of(region) for region in TOPOLOGY.regions}
        resources = stacks.template(Stack(stacks.WAKING, REGION))["Resources"].values()
        self.rules = {r["Properties"]["Name"]: "ENABLED" for r in resources if r["Type"] == "AWS::Events::Rule"}

    def of(self, region: str) -> dict[str, dict[str, Any]]:
        return {
            table: {
                "EventSourceArn": f"arn:aws:dynamodb:{region}:1:table/{table}/stream/x", "UUID": "1", "State": "Enabled",
                "BatchSize": 200, "FilterCriteria": self.filter(homes),
            }
            for table, homes in drift.wanted_homes(TOPOLOGY, region).items()
        }  # fmt: skip

    @staticmethod
    def filter(homes: list[str]) -> dict[str, Any]:
        return {"Filters": [{"Pattern": json.dumps({"dynamodb": {"NewImage": {"home": {"S": homes}}}})}]}

    def client(self, service: str, region: str) -> Any:
        found = list(self.mappings[region].values())
        rules = [{"Name": name, "State": state} for name, state in self.rules.items()]
        answers = {
            "list_event_source_mappings": lambda **_: {"EventSourceMappings": found},
            "list_rules": lambda **_: {"Rules": rules},
        }
        return type("Client", (), {name: staticmethod(answer) for name, answer in answers.items()})


@pytest.fixture
def mappings(monkeypatch: pytest.MonkeyPatch) -> Mappings:
    mappings = Mappings()
    monkeypatch.setattr(drift, "client", mappings.client)
    monkeypatch.setattr(stacks, "exists", lambda stack: True)
    monkeypatch.setattr(stacks, "deployed_body", lambda stack: stack.body)
    return mappings


def test_mappings_as_the_template_makes_them_are_right(mappings: Mappings) -> None:
    assert drift.mappings(TOPOLOGY, list(TOPOLOGY.regions)) == []


def test_a_mapping_that_somebody_has_changed_is_named_with_its_region(mappings: Mappings) -> None:
    mappings.mappings[REGION]["foodforthought-orders"]["State"] = "Disabled"
    mappings.mappings[SIBLING]["foodforthought-catalog"]["FilterCriteria"] = mappings.filter(["master"])
    del mappings.mappings[ABROAD]["foodforthought-availability"]
    disabled, filtered, missing = drift.mappings(TOPOLOGY, [REGION, SIBLING, ABROAD])
    assert "foodforthought-orders in us-east-1 is Disabled" in disabled
    assert "--enabled" in disabled
    assert "foodforthought-catalog in us-west-2 wakes for ['master'], and regions.toml says ['none']" in filtered
    assert "foodforthought-availability in eu-west-1 is missing" in missing


def test_mappings_that_differ_between_regions_are_named(mappings: Mappings) -> None:
    mappings.mappings[SIBLING]["foodforthought-orders"]["BatchSize"] = 10
    (unlike,) = drift.mappings(TOPOLOGY, [REGION, SIBLING])
    assert "foodforthought-orders has BatchSize 200 in us-east-1 and 10 in us-west-2" in unlike


def test_clock_rules_that_are_gone_are_named(mappings: Mappings) -> None:
    del mappings.rules["foodforthought-drain"]
    (missing,) = drift.mappings(TOPOLOGY, [REGION])
    assert "foodforthought-drain in us-east-1 is missing" in missing


def test_a_filter_that_this_release_changes_is_no_drift(mappings: Mappings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "deployed_body", lambda stack: "an older template")
    mappings.mappings[REGION]["foodforthought-catalog"]["FilterCriteria"] = mappings.filter(["none"])
    assert drift.mappings(TOPOLOGY, [REGION]) == []


def test_settings_that_do_not_agree_with_the_regions_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert preflight.settings(TOPOLOGY, TOPOLOGY.regions) == []
    said = preflight.stage_settings
    wrong = {"role_name": "foodforthought-web-eu-west-1"}
    monkeypatch.setattr(preflight, "stage_settings", lambda name: said(name) | (wrong if name == "us_east_1" else {}))
    (line,) = preflight.settings(TOPOLOGY, [REGION])
    assert line == (
        "zappa_settings.json: us_east_1 has role_name “foodforthought-web-eu-west-1”, "
        "and regions.toml wants “foodforthought-web-us-east-1”"
    )


def test_packages_of_another_interpreter_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "DIST", tmp_path)
    assert preflight.interpreter() == ["dist/ has no Zappa: make package"]
    (tmp_path / VIRTUALENV).mkdir()
    configuration = tmp_path / VIRTUALENV / "pyvenv.cfg"
    configuration.write_text("home = /usr/bin\nversion_info = 3.11.7\n")
    assert "made with 3.11, and Lambda runs python3.13" in preflight.interpreter()[0]
    configuration.write_text(f"version_info = {runtime().removeprefix('python')}.1\n")
    assert preflight.interpreter() == []


def test_packages_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "DIST", tmp_path)
    assert preflight.packages([REGION]) == ["dist/ has no worker_us_east_1.zip, us_east_1.zip: make package"]


def secret(keys: list[str]) -> dict[str, Any]:
    return {"SECRET_KEYS": keys}


def test_secrets_are_compared_within_and_between_jurisdictions(monkeypatch: pytest.MonkeyPatch) -> None:
    held = {REGION: secret(["a"]), SIBLING: secret(["b", "a"]), ABROAD: secret(["c"])}
    monkeypatch.setattr(secret_values, "value", held.get)
    assert secret_values.differences(TOPOLOGY, held) == []
    held |= {SIBLING: secret(["b"]), ABROAD: secret(["c", "b"])}
    lost, shared = secret_values.differences(TOPOLOGY, held)
    assert lost.startswith("us-west-2 does not believe what us-east-1 signs")
    assert shared.startswith("us-west-2 and eu-west-1 have a key in common")
    assert not any(key in line for line in (lost, shared) for key in ("'a'", "'b'", "'c'"))


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("interpreter", "templates"):
        monkeypatch.setattr(preflight, name, lambda name=name: [f"the {name} is wrong"])
    monkeypatch.setattr(preflight, "packages", lambda regions: [])
    for name in ("tables", "mappings", "certificates"):
        monkeypatch.setattr(drift, name, lambda *arguments: [])
    monkeypatch.setattr(secret_values, "differences", lambda topology, regions: [])
    with pytest.raises(
        CannotDeploy, match=r"Nothing was changed.*\n- the interpreter is wrong\n- the templates is wrong$"
    ):
        preflight.check(TOPOLOGY, [REGION], lambda line: None, frozenset())


def test_whoever_has_no_credentials_is_told_how_to_name_some(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(service: str, region: str) -> Any:
        raise ClientError({"Error": {"Code": "InvalidClientTokenId", "Message": "invalid"}}, "GetCallerIdentity")

    monkeypatch.setattr(account, "client", refuse)
    with pytest.raises(CannotDeploy, match=r"Nothing was changed. Name credentials: AWS_PROFILE"):
        account.who(REGION)


def test_the_credentials_of_the_laptop_are_not_taken_before_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", account.MADE_UP)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", account.MADE_UP)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("FFT_DOMAIN", "foodforthought.localhost:8000")
    account.use_own_credentials()
    assert not {"AWS_ACCESS_KEY_ID", "AWS_REGION", "FFT_DOMAIN"} & set(account.environment())


def test_a_region_that_there_is_not_is_refused() -> None:
    assert account.regions_named("us-east-1,eu-west-1") == ["us-east-1", "eu-west-1"]
    with pytest.raises(CannotDeploy, match=r"no nowhere; it has us-east-1"):
        account.regions_named("us-east-1,nowhere")
