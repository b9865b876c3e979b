"""Changing the master: never do two regions have the permission to write the catalogue, and nothing that can be known is lost."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from catalog.models import Restaurant
from core import clock
from core.errors import WrongRegion
from deployment import account, master
from deployment.master import NotChanged, change
from regions import aws, topology
from tests import iam
from tests.factories import make_restaurant
from tests.regions.conftest import (
    CATALOG,
    dish,
    four_regions,  # noqa: F401 - a fixture
    held,
    write,
)
from tests.regions.test_reconcile import differences, replicate, run

OLD, NEW = topology.current().master, "us-west-2"
REGIONS = list(topology.current().regions)
AFTER = replace(account.deployed(), master=NEW)
PLACE = ["restaurant#1"]
pytestmark = pytest.mark.usefixtures("four_regions", "roles")

Writers = Callable[[], set[str]]


@pytest.fixture
def roles(four_regions: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Those of infrastructure/roles.yaml, as IAM holds them before the master is changed."""
    account.client.cache_clear()
    monkeypatch.setattr(master, "SPREAD_SECONDS", 0)
    monkeypatch.setattr(master, "CAUGHT_UP_SECONDS", 0)
    client = boto3.client("iam", region_name=OLD)
    for name, role in iam.roles().items():
        client.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(role.trust))
        for policy, document in role.inline.items():
            client.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
    yield
    account.client.cache_clear()


def inline(role: str) -> dict[str, Any]:
    client = boto3.client("iam", region_name=OLD)
    names = client.list_role_policies(RoleName=role)["PolicyNames"]
    return {name: client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}


def writers(kind: str = "web") -> set[str]:
    """The regions whose pages (or workers) may write the catalogue somewhere."""
    found = set()
    for region in REGIONS:
        role = iam.Role({}, inline(f"foodforthought-{kind}-{region}"), {})
        tables = [iam.table(target, CATALOG) for target in REGIONS]
        if any(role.allows("dynamodb:PutItem", table, keys=PLACE) for table in tables):
            found.add(region)
    return found


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Who may write after every single change of IAM."""
    states: list[set[str]] = []
    original = BaseClient._make_api_call

    def watched(self: BaseClient, operation: str, arguments: Any) -> Any:
        answer = original(self, operation, arguments)
        if operation in ("PutRolePolicy", "DeleteRolePolicy"):
            states.append(writers())
        return answer

    monkeypatch.setattr(BaseClient, "_make_api_call", watched)
    return states


def quiet(line: str) -> None:
    pass


def test_the_permission_goes_from_one_to_the_other_and_never_do_two_have_it(seen: list[set[str]]) -> None:
    assert (writers(), writers("worker")) == ({OLD}, {OLD})
    for region in REGIONS:
        write(region, CATALOG, dish(1))
    assert change(AFTER, quiet) == OLD
    assert (writers(), writers("worker")) == ({NEW}, {NEW})
    assert max(map(len, seen)) == 1
    assert seen[0] == set(), "the old one is closed before anything else"
    assert change(AFTER, quiet) == NEW, "again: nothing is left to be done"


def test_what_deploy_then_makes_of_the_template_is_there_already(monkeypatch: pytest.MonkeyPatch) -> None:
    change(AFTER, quiet)
    template = json.loads(json.dumps(iam.template()))
    name, [_, *rest] = "Fn::ForEach::Master", template["Resources"]["Fn::ForEach::Master"]
    assert rest[0] == [OLD]
    rest[0][:] = [NEW]
    template["Resources"][name] = ["Master", *rest]
    with monkeypatch.context() as patch:
        patch.setattr(iam, "template", lambda: template)
        for kept in (iam.resources, iam.roles):
            kept.cache_clear()
        wanted = {name: dict(role.inline) for name, role in iam.roles().items()}
    for kept in (iam.resources, iam.roles):
        kept.cache_clear()
    assert {name: inline(name) for name in wanted} == wanted


@pytest.mark.parametrize("calls", range(12))
def test_ended_anywhere_it_leaves_one_writer_at_most_and_can_be_given_again(
    calls: int, seen: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = BaseClient._make_api_call
    left = calls

    def killed(self: BaseClient, operation: str, arguments: Any) -> Any:
        nonlocal left
        if operation in ("PutRolePolicy", "DeleteRolePolicy"):
            left -= 1
            if left < 0:
                raise SystemExit
        return original(self, operation, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", killed)
        with pytest.raises(SystemExit):
            change(AFTER, quiet)
    change(AFTER, quiet)
    assert (writers(), writers("worker")) == ({NEW}, {NEW})
    assert max(map(len, seen)) == 1


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([], "copies are missing or older: `manage.py reconcile` in us-east-1 copies them"),
        ([dish(1, 9)], "copies are newer than in us-east-1, or unknown to it"),
        ([dish(1), dish(2)], "copies are newer than in us-east-1, or unknown to it"),
    ],
)
def test_until_all_that_the_old_one_wrote_is_everywhere_it_stays_the_master(
    there: list[dict[str, Any]], told: str, seen: list[set[str]]
) -> None:
    for region in REGIONS:
        write(region, CATALOG, *([dish(1)] if region != "eu-west-1" else there))
    with pytest.raises(NotChanged, match=told):
        change(AFTER, quiet)
    assert (writers(), writers("worker")) == ({OLD}, {OLD})
    assert max(map(len, seen)) == 1


def test_a_master_that_answers_is_not_lost_and_one_that_does_not_answer_is_no_master() -> None:
    with pytest.raises(NotChanged, match="without --lost"):
        change(AFTER, quiet, lost=True)
    aws.client("dynamodb", NEW).delete_table(TableName=CATALOG)
    with pytest.raises(NotChanged, match="us-west-2 does not answer"):
        change(AFTER, quiet)
    assert writers() == {OLD}


def lose_old(monkeypatch: pytest.MonkeyPatch) -> None:
    answering = master._answering
    monkeypatch.setattr(master, "_answering", lambda topo, names: answering(topo, [n for n in names if n != OLD]))


def acting_as_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new master, with the package that says so."""
    there = replace(topology.current(), here=NEW, master=NEW)
    monkeypatch.setattr(topology, "current", lambda: there)


def test_of_a_lost_master_nothing_is_lost_that_any_other_region_holds(
    seen: list[set[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what only it had is told when it is back, and brought home; nothing that it holds wins over what came since."""
    alone, changed_since, only_abroad = dish(3, 9), dish(4, 9), dish(2, 9)
    for region in REGIONS:
        write(region, CATALOG, dish(1), dish(4))
    write(OLD, CATALOG, alone, changed_since, only_abroad)
    write("eu-west-1", CATALOG, only_abroad)
    lose_old(monkeypatch)
    change(AFTER, quiet, lost=True)
    assert max(map(len, seen)) == 1
    assert writers() == {NEW}, "also when the old one comes back with its old package"
    assert held(NEW, CATALOG)[("restaurant#1", "item#2")] == only_abroad

    acting_as_new(monkeypatch)
    write(NEW, CATALOG, dish(4, 20))
    replicate(NEW, CATALOG, list(held(NEW, CATALOG).values()))
    told = run("--dry-run", OLD, "--from-start")
    assert "restaurant#1 item#3: not at home, 9 in us-east-1" in told
    assert "1 unknown to it" in told
    assert held(OLD, CATALOG)[("restaurant#1", "item#4")] == dish(4, 20), "the newer one has won"
    assert "adopted version 9 from us-east-1" in run("--adopt", "--yes", OLD)
    replicate(NEW, CATALOG, list(held(NEW, CATALOG).values()))
    assert differences(NEW) == []


def test_versions_rise_above_those_of_the_old_one_whatever_its_clock_said(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = clock.now_ms() + 3_600_000
    monkeypatch.setattr(clock, "now_ms", lambda: ahead)
    restaurant = make_restaurant()
    restaurant.save()
    monkeypatch.undo()
    acting_as_new(monkeypatch)
    again = Restaurant.get(restaurant.pk, restaurant.sk)
    again.update([Restaurant.name.set("Of the new master")])
    assert again.version == ahead + 1


def test_the_old_master_refuses_what_it_may_no_longer_change(monkeypatch: pytest.MonkeyPatch) -> None:
    there = replace(topology.current(), master=NEW)
    monkeypatch.setattr(topology, "current", lambda: there)
    with pytest.raises(WrongRegion) as refused:
        make_restaurant().save()
    assert refused.value.home == NEW
    assert not held(OLD, CATALOG)
