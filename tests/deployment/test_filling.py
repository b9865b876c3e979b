"""A region is filled by all homes before it takes traffic, and is not said to be when something is amiss."""

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from core import clock
from deployment import filling
from deployment.filling import Answers, NotFilled, Way
from regions import aws, backlog, heartbeat, replicator, topology
from regions.models import MASTER
from tests.conftest import region
from tests.regions.conftest import (
    AVAILABILITY,
    CATALOG,
    ORDERS,
    dish,
    four_regions,  # noqa: F401 - a fixture
    held,
    kitchen,
    order,
    write,
)

NEW = "eu-central-1"
HOMES = [name for name in topology.current().regions if name != NEW]
pytestmark = pytest.mark.usefixtures("four_regions")


def in_this_process(home: str, new: str) -> Answers:
    answers: list[Mapping[str, Any]] = []
    filling.compare(home, new, answers.append)
    yield from answers


def beat_and_copy(home: str) -> None:
    """What the clock and the worker of a home do."""
    for table, said in ((ORDERS, home), (AVAILABILITY, home), *([(CATALOG, MASTER)] if home == "us-east-1" else [])):
        names = ("pk", "sk") if table == CATALOG else ("key",)
        values = (heartbeat.key(said), heartbeat.NAME)
        key = {name: {"S": value} for name, value in zip(names, values, strict=False)}
        write(NEW, table, {**key, "home": {"S": said}, "version": {"N": str(clock.now_ms())}})


HERE = Way(in_this_process, beat_and_copy, lambda name: aws.client("dynamodb", name))


def test_every_home_copies_what_the_region_lacks_and_a_second_run_finds_nothing() -> None:
    for home in HOMES:
        write(home, ORDERS, *(order(n, home=home) for n in range(30)))
        write(home, AVAILABILITY, *(kitchen(n, home=home) for n in range(5)))
    write("us-east-1", CATALOG, *(dish(n) for n in range(20)))
    write(NEW, ORDERS, order(1, 4, home="eu-west-1"), order(1, home=NEW))
    done = filling.fill(NEW, HOMES, HERE, lambda line: None)
    assert done.startswith("125 records of 3 homes compared, 125 missing or older and copied")
    assert (len(held(NEW, ORDERS)), len(held(NEW, AVAILABILITY)), len(held(NEW, CATALOG))) == (91, 15, 20)
    assert held(NEW, ORDERS)[("eu-west-1#1",)] == order(1, home="eu-west-1")
    assert "contact_name" not in held(NEW, ORDERS)[("us-east-1#1",)], "from abroad come stubs"
    assert " 0 missing" in filling.fill(NEW, HOMES, HERE, lambda line: None)
    filling.check_streams(NEW, HOMES, HERE)


def test_what_the_region_does_not_take_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    write("eu-west-1", ORDERS, order(1, home="eu-west-1"))
    aws.client("dynamodb", NEW).delete_table(TableName=CATALOG)
    write("us-east-1", CATALOG, dish(1))
    with pytest.raises(NotFilled, match="not taken everything .us-east-1: ResourceNotFoundException"):
        filling.fill(NEW, HOMES, HERE, lambda line: None)
    assert len(held(NEW, ORDERS)) == 1, "what the others had to copy is there"

    def full(copy: Any) -> bool:
        raise aws.Unanswered(region=NEW, count=1, tables=ORDERS)

    monkeypatch.setattr(replicator, "put", full)
    write("us-west-2", ORDERS, order(2, home="us-west-2"))
    with pytest.raises(NotFilled, match="us-west-2: 1 wait in its backlog"), region("us-west-2"):
        backlog._url.cache_clear()
        filling.fill(NEW, ["us-west-2"], HERE, lambda line: None)


def test_a_home_whose_writes_do_not_arrive_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "ARRIVES_SECONDS", 0.0)

    def all_but_one(home: str) -> None:
        if home != "us-west-2":
            beat_and_copy(home)

    with pytest.raises(NotFilled, match="What us-west-2 writes does not arrive in eu-central-1"):
        filling.check_streams(NEW, HOMES, replace(HERE, beat=all_but_one))


class Lambda:
    def __init__(self, answers: Iterator[dict[str, Any]]) -> None:
        self.answers, self.events = answers, []

    def invoke(self, **request: str) -> dict[str, Any]:
        self.events.append((request["FunctionName"], json.loads(request["Payload"])))
        answer = next(self.answers)
        failed = {"FunctionError": "Unhandled"} if "errorMessage" in answer else {}
        return {"Payload": io.BytesIO(json.dumps(answer).encode()), **failed}


def test_a_deployed_worker_is_asked_until_it_is_done_and_its_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = {"errorMessage": "eu-central-1: not a region other than this"}
    deployed = Lambda(iter([{"done": False, "read": 1}, {"done": True, "read": 2}, refusal]))
    monkeypatch.setattr(boto3.session.Session, "client", lambda session, service, **details: deployed)
    assert [answer["read"] for answer in filling.ON_AWS.compare("us-east-1", NEW)] == [1, 2]
    assert deployed.events == [("foodforthought-worker-us-east-1", {"reconcile": [NEW]})] * 2
    with pytest.raises(NotFilled, match="The worker of us-east-1 failed: eu-central-1: not a region other than this"):
        list(filling.ON_AWS.compare("us-east-1", NEW))
