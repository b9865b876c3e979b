"""One region fails at each of its steps, on an account that is a dictionary: the real Zappa and stacks are in tests/deployed."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from deployment import filling, functions, rollout, secret_values, smoke, stacks
from deployment.account import CannotDeploy, deployed
from deployment.functions import Function
from deployment.rollout import Rollout, Stopped, order
from deployment.stacks import Stack

TOPOLOGY = deployed()
FIRST, FAILING, LAST = "us-west-2", "eu-west-1", "us-east-1"
REGIONS = (LAST, FIRST, FAILING)
ADDED = "eu-central-1"
OLD, NEW = "0" * 64, "1" * 64


@dataclass
class Account:
    """What is there, by region and name; `breaks` is the step that does not work."""

    state: dict[tuple[str, str], str] = field(default_factory=dict)
    breaks: tuple[str, str] | None = None
    done: list[tuple[str, str]] = field(default_factory=list)

    def do(self, region: str, name: str, release: str = NEW) -> str:
        if (region, name) == self.breaks:
            raise CannotDeploy("it is broken")
        if self.state.get((region, name)) == release:
            return "as it was"
        self.state[region, name] = release
        self.done.append((region, name))
        return "updated"

    def of(self, region: str) -> dict[str, str]:
        return {name: release for (of, name), release in self.state.items() if of == region}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with the old release in all regions."""
    account = Account()
    for module, name, act in [
        (stacks, "apply", lambda topology, stack, given: account.do(stack.region, stack.template)),
        (stacks, "once_region", lambda topology: LAST),
        (stacks, "deploy_api", lambda region: None),
        (stacks, "exists", lambda stack: (stack.region, stack.template) in account.state),
        (filling, "fill", lambda region, homes, reach, tell: account.do(region, "fill")),
        (filling, "check_streams", lambda region, homes, reach: None),
        (functions, "apply", lambda function, release: account.do(function.region, function.name, release)),
        (functions, "upload", lambda function: None),
        (functions, "keep", lambda function: "as it was"),
        (
            functions,
            "is_up_to_date",
            lambda function, release: account.state.get((function.region, function.name)) == release,
        ),
        (functions, "release_of", lambda package: NEW),
        (functions, "deployed_release", lambda function: account.state.get((function.region, function.name))),
        (secret_values, "fill", lambda topology, region: account.do(region, "keys")),
        (smoke, "test", lambda topology, region: account.do(region, "smoke test")),
        (smoke, "watch", lambda topology, region, good_answers: account.do(region, "health")),
    ]:
        monkeypatch.setattr(module, name, act)
    for region in REGIONS:
        for name in STEPS:
            account.state[region, in_region(name, region)] = OLD
    return account


def run(said: list[str] | None = None) -> None:
    Rollout(TOPOLOGY, (said if said is not None else []).append).run(REGIONS)


STEPS = [
    *stacks.DATA,
    "keys",
    "foodforthought-worker-R",
    "foodforthought-R",
    "worker",
    "edge",
    "smoke test",
    "health",
    "traffic",
]


def in_region(step: str, region: str) -> str:
    return step.replace("-R", f"-{region}")


@pytest.mark.parametrize("step", STEPS)
def test_what_fails_in_a_region_stops_there_and_the_next_run_goes_on(account: Account, step: str) -> None:
    account.breaks = (FAILING, in_region(step, FAILING))
    untouched = account.of(LAST)
    with pytest.raises(Stopped) as stopped:
        run()
    message = str(stopped.value)
    assert message.startswith(f"Stopped at {FAILING}: ")
    assert "it is broken" in message
    assert re.search(rf"^{FIRST} +deployed", message, re.MULTILINE), message
    assert re.search(rf"^{FAILING} +failed", message, re.MULTILINE), message
    assert re.search(rf"^{LAST} +not begun: as it was$", message, re.MULTILINE), message
    assert "run the same again" in message
    # The regions before it have the release, the ones after it are as they were, its own functions are those of before.
    assert set(account.of(FIRST).values()) == {NEW}
    assert account.of(LAST) == {**untouched, "roles": NEW, "zone": NEW}
    for function in functions.of_region(FAILING):
        assert account.state[FAILING, function.name] == OLD
    account.breaks = None
    account.done.clear()
    run()
    assert {region for region, _ in account.done} == {FAILING, LAST}
    assert {release for (_, name), release in account.state.items()} == {NEW}


def test_a_region_that_was_never_deployed_and_fails_is_led_to_by_nobody(account: Account) -> None:
    account.state = {key: release for key, release in account.state.items() if key[0] != FAILING}
    account.breaks = (FAILING, "smoke test")
    with pytest.raises(Stopped, match=rf"{FAILING} +failed: .*new, and not led to"):
        run()
    assert "traffic" not in account.of(FAILING)


def test_functions_that_cannot_be_put_back_are_named(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    account.breaks = (FAILING, "smoke test")
    apply = functions.apply

    def apply_new_only(function: Function, release: str) -> str:
        if release == OLD:
            raise CannotDeploy("the bucket is gone")
        return apply(function, release)

    monkeypatch.setattr(functions, "apply", apply_new_only)
    with pytest.raises(Stopped, match="NOT put back to 000000000000"):
        run()


def go_back(monkeypatch: pytest.MonkeyPatch, kept: dict[str, str | None]) -> None:
    """With these releases kept, by the function's name."""
    monkeypatch.setattr(functions, "previous", lambda function: kept.get(function.name))
    Rollout(TOPOLOGY, lambda line: None).go_back([FIRST, FAILING])


def test_nothing_goes_back_where_a_region_has_nothing_to_go_back_to(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CannotDeploy, match=rf"{FAILING} has kept no release .* Nothing was changed"):
        go_back(monkeypatch, {f"foodforthought-{FIRST}": NEW})
    assert account.done == []


def test_a_function_that_never_had_another_release_stays(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    go_back(monkeypatch, {f"foodforthought-{FIRST}": NEW, f"foodforthought-{FAILING}": NEW})
    assert [name for _, name in account.done if name.startswith("foodforthought-")] == [
        f"foodforthought-{FIRST}", f"foodforthought-{FAILING}",
    ]  # fmt: skip


def test_the_state_of_all_regions_is_said_when_aws_answers_no_more(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    account.breaks = (FAILING, "smoke test")

    def expired(function: Function) -> str:
        if function.region == FAILING and (FAILING, "edge") in account.done:
            raise client_error("the token has expired")
        return OLD

    monkeypatch.setattr(functions, "deployed_release", expired)
    with pytest.raises(Stopped, match=rf"{FAILING} +failed: .*NOT put back .*expired(.|\n)*{LAST} +not begun"):
        run()


def test_a_second_run_changes_nothing_and_says_so(account: Account) -> None:
    run()
    account.done.clear()
    said: list[str] = []
    run(said)
    assert account.done == []
    assert all("as it was" in line or "takes traffic already" in line for line in said if " s  " in line)


def test_the_master_comes_last_and_behind_it_what_takes_no_traffic_yet(account: Account) -> None:
    assert order(TOPOLOGY, REGIONS) == [FIRST, FAILING, LAST]
    assert order(TOPOLOGY, TOPOLOGY.regions) == [FIRST, FAILING, LAST, ADDED]
    account.state.clear()
    assert order(TOPOLOGY, TOPOLOGY.regions)[-1] == TOPOLOGY.master, "where all are new"


def test_a_region_that_is_added_is_filled_by_all_that_take_traffic_before_it_does(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, list[str]]] = []

    def fill(region: str, homes: list[str], *rest: Any) -> str:
        asked.append((region, homes))
        return account.do(region, "fill")

    monkeypatch.setattr(filling, "fill", fill)
    Rollout(TOPOLOGY, [].append).run(TOPOLOGY.regions)
    assert asked == [(ADDED, [LAST, FIRST, FAILING])]
    assert account.done.index((ADDED, "fill")) == account.done.index((ADDED, "traffic")) - 2  # health_check is between
    account.state.clear()
    asked.clear()
    Rollout(TOPOLOGY, [].append).run(TOPOLOGY.regions)
    assert [len(homes) for _, homes in asked] == [1, 2, 3], "the first one has nobody to be filled by"


def test_a_region_that_is_not_filled_takes_no_traffic(account: Account) -> None:
    account.breaks = (ADDED, "fill")
    with pytest.raises(Stopped, match="fill: it is broken"):
        Rollout(TOPOLOGY, [].append).run(TOPOLOGY.regions)
    assert (ADDED, "traffic") not in account.state


def test_a_new_zone_says_what_its_registrar_has_to_be_told(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stacks, "apply", lambda topology, stack, given: "made")
    monkeypatch.setattr(stacks, "output", lambda stack, name: f"the {name} of {stack.name}")
    said: list[str] = []
    run(said)
    assert [line for line in said if "registrar" in line] == [
        f"    0.0 s  zone (us-east-1): made. Have the registrar of {TOPOLOGY.domain} name these: "
        "the NameServers of foodforthought-zone"
    ]


def test_what_is_left_out_is_said(account: Account) -> None:
    said: list[str] = []
    Rollout(TOPOLOGY, said.append, left_out=frozenset({"health_check"})).run([FIRST])
    assert any("health_check: left out" in line for line in said)
    assert (FIRST, "health_check") not in account.done


class CloudFormation:
    """One stack, of which each change ends as it is told to."""

    def __init__(self, status: str | None, ends: str, reason: str = "") -> None:
        self.status, self.ends, self.reason = status, ends, reason
        self.calls: list[str] = []
        self.body = ""

    def describe_stacks(self, **_: Any) -> Any:
        if self.status is None:
            raise client_error("Stack with id foodforthought-zone does not exist")
        return {
            "Stacks": [
                {"StackStatus": self.status, "Parameters": [{"ParameterKey": "Domain", "ParameterValue": "x.example"}]}
            ]
        }

    def get_template(self, **_: Any) -> Any:
        return {"TemplateBody": self.body}

    def describe_stack_events(self, **_: Any) -> Any:
        failed = {"LogicalResourceId": "Zone", "ResourceStatus": "CREATE_FAILED", "ResourceStatusReason": self.reason}
        began = {"LogicalResourceId": "foodforthought-zone", "ResourceStatus": "CREATE_IN_PROGRESS"}
        return {"StackEvents": [failed, began]}

    def change(self, call: str, **_: Any) -> Any:
        self.calls.append(call)
        self.status = None if call == "delete_stack" else self.ends

    def __getattr__(self, call: str) -> Any:
        return lambda **arguments: self.change(call, **arguments)


def client_error(message: str) -> Exception:
    from botocore.exceptions import ClientError

    return ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStacks")


def applied(monkeypatch: pytest.MonkeyPatch, cloudformation: CloudFormation) -> str:
    monkeypatch.setattr(Stack, "cloudformation", cloudformation)
    return stacks.apply(TOPOLOGY, Stack("zone", FIRST), {"Domain": "x.example"})


def test_a_stack_is_made_updated_or_left(monkeypatch: pytest.MonkeyPatch) -> None:
    new = CloudFormation(None, "CREATE_COMPLETE")
    assert applied(monkeypatch, new) == "made"
    old = CloudFormation("CREATE_COMPLETE", "UPDATE_COMPLETE")
    assert applied(monkeypatch, old) == "updated"
    same = CloudFormation("UPDATE_COMPLETE", "UPDATE_COMPLETE")
    same.body = Stack("zone", FIRST).body
    assert applied(monkeypatch, same) == "as it was"
    assert (new.calls, old.calls, same.calls) == (["create_stack"], ["update_stack"], [])


def test_a_stack_that_was_never_made_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = CloudFormation("ROLLBACK_COMPLETE", "CREATE_COMPLETE")
    assert applied(monkeypatch, failed) == "made"
    assert failed.calls == ["delete_stack", "create_stack"]


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_somebody_has_to_look_at_is_left(monkeypatch: pytest.MonkeyPatch, status: str) -> None:
    busy = CloudFormation(status, "UPDATE_COMPLETE")
    with pytest.raises(CannotDeploy, match=r"Wait|continue-update-rollback"):
        applied(monkeypatch, busy)
    assert busy.calls == []


def test_what_cloudformation_refuses_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = CloudFormation("CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "the zone is another account's")
    with pytest.raises(
        CannotDeploy, match=r"foodforthought-zone in us-west-2 is UPDATE_ROLLBACK_COMPLETE: Zone: the zone is another"
    ):
        applied(monkeypatch, refused)


@pytest.mark.parametrize("count", [1, rollout.GOOD_ANSWERS])
def test_health_is_watched_until_enough_answers_in_a_row_were_good(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    well, ill = b'{"checks": {"storage": "ok"}}', b'{"checks": {"storage": "away"}}'
    answers = iter([well] * (count - 1) + [ill] + [well] * count)
    monkeypatch.setattr(smoke, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(smoke, "ask", lambda *_: smoke.Answer(200, {}, next(answers)))  # type: ignore[arg-type]
    assert "good answers" in smoke.watch(TOPOLOGY, FIRST, count)
    assert next(answers, None) is None


def test_a_region_that_never_gets_well_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(smoke, "ask", lambda *_: smoke.Answer(503, {}, b'{"status": "not ready"}'))  # type: ignore[arg-type]
    with pytest.raises(CannotDeploy, match=r'it last said: 503 {"status": "not ready"}'):
        smoke.watch(TOPOLOGY, FIRST, 3)
