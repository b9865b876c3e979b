"""Keys are made and rotated step by step, whatever is interrupted, and never shown."""

import json
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from deployment.account import client
from deployment.secrets import KNOWN_AFTER_SECONDS, Keys, NotNow, first_keys, forgetting, made_at, new_key, next_step
from orders.baskets import MAX_AGE_SECONDS
from regions.secrets import parse

NOW = 1_800_000_000
REGIONS = ("eu-west-1", "eu-central-1")
EARLIER, LATER = new_key(NOW - 1000), new_key(NOW - 1)


@given(st.lists(st.sampled_from(["a region is written", "time goes by", "a day goes by"]), max_size=40))
def test_whenever_a_rotation_is_interrupted_every_region_can_read_what_any_signs(events: list[str]) -> None:
    """A process has the keys that its region had within the time that a change takes to be known."""
    now, changed = NOW, NOW - 10 * 86_400
    keys: dict[str, Keys] = dict.fromkeys(REGIONS, (new_key(now - 86_400),))
    still_in_use: list[tuple[int, Keys]] = [(now, own) for own in keys.values()]
    signed_with: list[tuple[int, str]] = []
    for event in events:
        if event != "a region is written":
            now += 86_400 if event == "a day goes by" else KNOWN_AFTER_SECONDS // 2
            continue
        try:
            step = next_step(keys, changed_seconds_ago=now - changed, now_seconds=now)
        except NotNow:
            continue
        region, written = next(iter(step.keys.items()))  # and is interrupted before the next region
        still_in_use = [(at, own) for at, own in still_in_use if at > now - KNOWN_AFTER_SECONDS]
        still_in_use.append((now, keys[region]))
        keys[region], changed = written, now
        in_use = [own for _, own in still_in_use] + list(keys.values())
        signed_with = [(at, key) for at, key in signed_with if at > now - MAX_AGE_SECONDS]
        signed_with += [(now, own[0]) for own in in_use]
        for own in in_use:
            assert {key for _, key in signed_with} <= set(own)


def test_a_rotation_takes_two_steps_and_leaves_one_older_key() -> None:
    keys: dict[str, Keys] = dict.fromkeys(REGIONS, (EARLIER, "made by hand, before"))
    step = next_step(keys, changed_seconds_ago=MAX_AGE_SECONDS, now_seconds=NOW)
    (added,) = set(step.keys.values())
    assert (added[0], made_at(added[1]), len(added)) == (EARLIER, NOW, 2)
    with pytest.raises(NotNow, match="again in 600 seconds"):
        next_step(step.keys, changed_seconds_ago=0, now_seconds=NOW)
    promoted = next_step(step.keys, changed_seconds_ago=KNOWN_AFTER_SECONDS, now_seconds=NOW)
    assert promoted.keys == dict.fromkeys(REGIONS, (added[1], EARLIER))
    with pytest.raises(NotNow, match="again in 23 hours"):
        next_step(promoted.keys, changed_seconds_ago=KNOWN_AFTER_SECONDS, now_seconds=NOW)


def test_a_region_without_keys_gets_those_of_its_siblings() -> None:
    assert first_keys({"a": (LATER, EARLIER), "b": ()}, NOW).keys == {"b": (LATER, EARLIER)}
    assert first_keys({"a": (LATER,), "b": (LATER,)}, NOW).keys == {}
    (made,) = set(first_keys({"a": (), "b": ()}, NOW).keys.values())
    assert made_at(made[0]) == NOW
    with pytest.raises(NotNow, match="different keys"):
        first_keys({"a": (LATER,), "b": (EARLIER,), "c": ()}, NOW)
    with pytest.raises(NotNow, match="b: no keys; “init” first"):
        next_step({"a": (LATER,), "b": ()}, changed_seconds_ago=MAX_AGE_SECONDS, now_seconds=NOW)


def test_a_region_that_comes_between_two_steps_of_a_rotation_gets_keys_that_all_believe() -> None:
    had = {"a": (EARLIER, LATER), "b": (EARLIER,)}
    assert first_keys({**had, "c": ()}, NOW).keys == {"c": (EARLIER, LATER)}
    assert next_step({**had, "c": (EARLIER, LATER)}, changed_seconds_ago=0, now_seconds=NOW).keys == {
        "b": (EARLIER, LATER)
    }


def test_a_key_that_somebody_has_got_hold_of_can_be_forgotten() -> None:
    assert forgetting({"a": (LATER, EARLIER), "b": (LATER,)}).keys == {"a": (LATER,)}
    for halfway in ({"a": (LATER, EARLIER), "b": (EARLIER, LATER)}, {"a": ()}):
        with pytest.raises(NotNow):
            forgetting(halfway)


@pytest.fixture
def stored(moto_aws: Any) -> Iterator[None]:
    """As infrastructure/secrets.yaml makes them: without a value."""
    moto_aws.reset()
    for region in REGIONS:
        client("secretsmanager", region).create_secret(Name=f"foodforthought/{region}")
    yield
    moto_aws.reset()


def run(step: str) -> str:
    output = StringIO()
    call_command("secrets", step, "--jurisdiction", "eu", stdout=output)
    return output.getvalue()


def texts() -> list[str]:
    clients = [(region, client("secretsmanager", region)) for region in REGIONS]
    return [client.get_secret_value(SecretId=f"foodforthought/{region}")["SecretString"] for region, client in clients]


def test_the_command_makes_keys_and_rotates_them(stored: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = run("init")
    (made,) = set(texts())
    first = parse(made)
    assert len(first.operator_key) > 24
    told += run("init")
    assert set(texts()) == {made}
    with pytest.raises(CommandError, match=r"eu: .* again in \d+ seconds(?s:.*)Nothing was changed"):
        run("rotate")
    later_ms = clock.now_ms() + 1000 * (KNOWN_AFTER_SECONDS + 60)
    monkeypatch.setattr(clock, "now_ms", lambda: later_ms)
    told += run("rotate")
    (added,) = set(texts())
    assert (parse(added).keys[0], len(parse(added).keys)) == (first.keys[0], 2)
    later_ms += 1000 * (KNOWN_AFTER_SECONDS + 60)
    told += run("rotate")
    (promoted,) = set(texts())
    assert parse(promoted).keys == parse(added).keys[::-1]
    told += run("forget")
    (forgotten,) = set(texts())
    assert parse(forgotten).keys == parse(promoted).keys[:1]
    assert parse(forgotten).operator_key == first.operator_key
    for key in (*parse(promoted).keys, first.operator_key):
        assert key not in told
    assert told.count("eu-central-1: ") == 5


def test_the_command_changes_nothing_when_a_region_does_not_answer(stored: None) -> None:
    run("init")
    before = texts()[0]
    client("secretsmanager", REGIONS[1]).delete_secret(
        SecretId=f"foodforthought/{REGIONS[1]}", ForceDeleteWithoutRecovery=True
    )
    with pytest.raises(CommandError, match=r"eu-central-1: .*Nothing was changed"):
        run("rotate")
    manager = client("secretsmanager", REGIONS[0])
    assert manager.get_secret_value(SecretId=f"foodforthought/{REGIONS[0]}")["SecretString"] == before


def test_a_jurisdiction_that_is_not_deployed_keeps_nothing_from_the_others(stored: None) -> None:
    output = StringIO()
    with pytest.raises(CommandError, match=r"(?s)na: us-\S+: .*Never deployed\? manage.py deploy --regions us-"):
        call_command("secrets", "init", stdout=output)
    assert "eu-west-1: has keys" in output.getvalue()


def test_what_else_a_secret_holds_stays(stored: None) -> None:
    manager = client("secretsmanager", REGIONS[0])
    manager.put_secret_value(
        SecretId=f"foodforthought/{REGIONS[0]}", SecretString=json.dumps({"STRIPE_KEY": "sk_test"})
    )
    run("init")
    assert json.loads(texts()[0])["STRIPE_KEY"] == "sk_test"
