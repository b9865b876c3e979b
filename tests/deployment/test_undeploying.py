"""When a region may be taken away, and in which order its parts go."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from deployment import account, undeploying
from deployment.account import CannotDeploy, deployed

TOPOLOGY = deployed()
MASTER, SIBLING, ABROAD = "us-east-1", "us-west-2", "eu-west-1"


@pytest.fixture
def lengths(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Queue → entries, in any region."""
    lengths: dict[str, int] = {}
    monkeypatch.setattr(undeploying, "_queues", lambda region: {name: name for name in lengths})
    monkeypatch.setattr(undeploying, "_length", lambda region, url: lengths[url])
    monkeypatch.setattr(undeploying, "others", lambda topology, region: [SIBLING] if region != SIBLING else [ABROAD])
    monkeypatch.setattr(account, "use_own_credentials", lambda: None)
    monkeypatch.setattr(account, "who", lambda region: "somebody")
    return lengths


def test_the_master_stays_while_others_need_it(lengths: dict[str, int]) -> None:
    with pytest.raises(
        CannotDeploy, match=r"us-east-1 is the home of the catalogue that us-west-2 show. Nothing was changed"
    ):
        undeploying.check(TOPOLOGY, MASTER)


@pytest.mark.parametrize("queue", ["foodforthought-backlog-us-west-2", "foodforthought-failures"])
def test_a_region_stays_while_something_waits_there(lengths: dict[str, int], queue: str) -> None:
    lengths[queue] = 3
    with pytest.raises(CannotDeploy, match=rf"something waits to be copied: {queue} \(3\). Nothing was changed"):
        undeploying.check(TOPOLOGY, ABROAD)


def test_what_waits_for_a_region_that_is_not_there_keeps_nobody(lengths: dict[str, int]) -> None:
    lengths |= {"foodforthought-backlog-eu-central-1": 3, "foodforthought-backlog-us-west-2": 0}
    undeploying.check(TOPOLOGY, ABROAD)


def test_nobody_is_led_there_first_and_the_clock_rules_go_before_zappa(lengths: dict[str, int]) -> None:
    names = list(undeploying.steps(TOPOLOGY, ABROAD))
    assert names == [
        "traffic", "health_check", "edge", "worker", "foodforthought-eu-west-1", "foodforthought-worker-eu-west-1",
        "backlog", "packages",
    ]  # fmt: skip


def test_the_last_region_leaves_the_roles_to_whoever_made_them(
    lengths: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator did: the policies of whoever deploys do not let them delete a role."""
    monkeypatch.setattr(undeploying, "others", lambda topology, region: [])
    undeploying.check(TOPOLOGY, MASTER)
    assert "roles" not in undeploying.steps(TOPOLOGY, MASTER)


def test_what_cannot_be_taken_away_is_refused_before_anything_is_asked(
    lengths: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda prompt: pytest.fail("asked"))
    with pytest.raises(CommandError, match="home of the catalogue"):
        call_command("undeploy", MASTER)


@pytest.mark.parametrize("typed", ["us-west-2", EOFError])
def test_nothing_is_taken_away_that_is_not_named(
    lengths: dict[str, int], monkeypatch: pytest.MonkeyPatch, typed: str | type[Exception]
) -> None:
    def answer(prompt: str) -> str:
        if isinstance(typed, str):
            return typed
        raise typed

    monkeypatch.setattr("builtins.input", answer)
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("undeploy", ABROAD)
