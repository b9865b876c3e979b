"""Ways to lose an acknowledged write, or to hold all for one: damaged entries, bad keys, throttling, slow regions, lost homes."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError, ReadTimeoutError
from django.core.management import call_command

from core import clock
from foodforthought import stream_worker
from orders import settling
from regions import aws, backlog, puts, replicator, topology
from regions.breaker import Breaker
from regions.comparison import current_images
from regions.replication import Copy, rules
from regions.replicator import Replicator
from tests.regions.conftest import AVAILABILITY, ORDERS, held, kitchen, order, records_of, tombstone_of, write

FAR = "eu-west-1"
KEY = "us-east-1#1"


@pytest.fixture
def copying(four_regions: None) -> Replicator:
    return Replicator(topology=topology.current(), rules=rules())


def add(*keys: str, table: str = ORDERS) -> None:
    backlog.add(FAR, [backlog.entry(table, (key,), "away") for key in keys])


def send(body: str) -> None:
    aws.client("sqs", "us-east-1").send_message(QueueUrl=backlog._url(FAR), MessageBody=body)


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutItem")


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, key: str | None = None) -> list[Copy]:
    """Let puts into the far region fail; the copies that were tried."""
    tried: list[Copy] = []
    put, put_together = replicator.put, replicator.put_together

    def check(copies: Sequence[Copy]) -> None:
        refused = [copy for copy in copies if copy.region == FAR and key in (None, copy.key[0])]
        tried.extend(refused)
        if refused:
            raise error

    monkeypatch.setattr(replicator, "put", lambda copy: check([copy]) or put(copy))
    monkeypatch.setattr(replicator, "put_together", lambda copies: check(copies) or put_together(copies))
    return tried


@pytest.mark.parametrize(
    "bad",
    [
        json.dumps({"table": "of-a-later-release", "key": ["x"], "reason": "away", "since_ms": 1}),
        json.dumps({"table": ORDERS, "key": ["one", "too many"], "reason": "away", "since_ms": 1}),
        json.dumps({"table": ORDERS, "key": [""], "reason": "no key at all", "since_ms": 1}),
        json.dumps({"tables": [ORDERS]}),
        json.dumps(["a list"]),
        "not even JSON",
    ],
)
def test_an_entry_that_nobody_understands_stays_and_is_in_nobodys_way(
    copying: Replicator, bad: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(region: str, rule: Any, keys: Any) -> Any:
        if ("",) in keys:  # DynamoDB refuses all that is asked together with it; moto does not
            raise refusal("ValidationException")
        return current_images(region, rule, keys)

    monkeypatch.setattr(replicator, "current_images", strict)
    write("us-east-1", ORDERS, *(order(number) for number in range(5)))
    send(bad)
    add(*(f"us-east-1#{number}" for number in range(5)))
    report = copying.drain(FAR)
    assert (report.written[FAR], report.missed[FAR]) == (5, 1)
    assert backlog.count(FAR) == 1


def test_an_operator_is_told_of_each_kind_of_entry(copying: Replicator, capsys: pytest.CaptureFixture[str]) -> None:
    write("us-east-1", ORDERS, order(1))
    send("not even JSON")
    add(KEY, "us-east-1#2")
    backlog.add("us-east-1", [backlog.entry(ORDERS, ("us-east-1#7",), "twins not settled: ValueError")])
    call_command("backlog", "explain")
    told = capsys.readouterr().out
    assert "unreadable not even JSON: this release knows no such table or key" in told
    assert f"{ORDERS} {KEY}: 5 here, nothing there" in told
    assert f"{ORDERS} us-east-1#2: nothing here, nothing there" in told
    assert "us-east-1 (twins to be settled here): 1 waiting\n  1 because of twins not settled: ValueError" in told
    call_command("backlog", "redrive", "us-east-1")
    assert capsys.readouterr().out == "us-east-1 (twins to be settled here): 1 waiting\n"


def test_an_entry_is_handed_to_the_queue_again_before_the_queue_forgets_it(
    copying: Replicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("not even JSON")
    later_ms = clock.now_ms() + 8 * 86_400_000
    monkeypatch.setattr(clock, "now_ms", lambda: later_ms)
    copying.drain(FAR)
    monkeypatch.undo()
    (renewed,) = backlog.receive(FAR)
    assert renewed.key == ("not even JSON",), "as it was, and to be seen at once"
    assert backlog.count(FAR) == 1


def test_what_is_gone_at_home_stays_as_long_as_a_copy_lives(copying: Replicator) -> None:
    write(FAR, ORDERS, order(1), tombstone_of(order(2), 9))
    add(KEY, "us-east-1#2", "us-east-1#3")
    assert copying.drain(FAR).missed[FAR] == 1
    assert backlog.count(FAR) == 1, "a tombstone, and what is nowhere, are done with"
    assert held(FAR, ORDERS)[(KEY,)] == order(1)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "ValidationException"]
)
def test_what_a_region_refuses_is_no_reason_to_leave_it_alone(
    copying: Replicator, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    tried = failing(monkeypatch, refusal(code), key=KEY)
    images = [order(number) for number in range(1, 6)]
    assert copying.replicate(records_of("us-east-1", ORDERS, images)).missed == {FAR: 1}
    assert len(tried) == 1
    assert len(held(FAR, ORDERS)) == 4
    assert not copying.breakers[FAR].has_failed


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (refusal("InternalServerError", 500), True),
        (refusal("ServiceUnavailable", 503), True),
        (ReadTimeoutError(endpoint_url="http://away"), True),
        (ParamValidationError(report="no"), False),
        (refusal("ResourceNotFoundException"), False),
    ],
)
def test_silence_and_its_own_failures_are(error: Any, is_away: bool) -> None:
    assert replicator.is_away(error) == is_away


@pytest.mark.parametrize("together", [False, True])
def test_a_slow_region_does_not_hold_the_stream_for_the_others(
    copying: Replicator, monkeypatch: pytest.MonkeyPatch, together: bool
) -> None:
    monkeypatch.setattr(replicator, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(replicator, "PARALLEL_PUTS", 1)
    monkeypatch.setattr(replicator, "MANY", 0 if together else 61)
    monkeypatch.setattr(puts, "PUTS_TOGETHER", 4)
    one_at_a_time = Replicator(topology=topology.current(), rules=rules())

    def put(copy: Copy) -> bool:
        time.sleep(0.3 if copy.region == FAR else 0)
        return True

    monkeypatch.setattr(replicator, "put", put)
    monkeypatch.setattr(replicator, "put_together", lambda copies: put(copies[0]))
    report = one_at_a_time.replicate(records_of("us-east-1", ORDERS, [order(number) for number in range(60)]))
    assert report.written["us-west-2"] == report.written["eu-central-1"] == 60
    assert 0 < report.missed[FAR] < 60, "nobody has waited for all of it, and what was under way has arrived"
    assert report.missed[FAR] + report.written[FAR] == 60
    assert backlog.count(FAR) == report.missed[FAR]


def test_a_record_without_home_or_version_waits_and_its_batch_does_not(copying: Replicator) -> None:
    damaged = {name: value for name, value in order(1).items() if name != "version"}
    write("us-east-1", ORDERS, damaged)
    report = copying.replicate(records_of("us-east-1", ORDERS, [damaged, order(2)]))
    assert report.written == dict.fromkeys(topology.current().others(), 1)
    assert [backlog.count(name) for name in topology.current().others()] == [1, 1, 1]
    assert copying.drain(FAR).missed[FAR] == 1
    copying.catch_up(FAR)


def test_a_table_of_another_release_holds_its_own_stream(copying: Replicator) -> None:
    with pytest.raises(KeyError, match="of-a-later-release"):
        copying.replicate(records_of("us-east-1", "of-a-later-release", [order(1)]))


def test_keys_that_a_throttled_store_leaves_out_are_asked_for_again(
    four_regions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("us-east-1", ORDERS, *(order(number) for number in range(3)))
    original = BaseClient._make_api_call
    stingy = True

    def one_at_a_time(self: BaseClient, operation: str, arguments: Any) -> Any:
        if operation != "BatchGetItem":
            return original(self, operation, arguments)
        (asked,) = arguments["RequestItems"].values()
        kept = [] if stingy else asked["Keys"][:1]
        left = asked["Keys"][len(kept) :]
        answer = {"Responses": {}}
        if kept:
            answer = original(self, operation, {"RequestItems": {ORDERS: {**asked, "Keys": kept}}})
        return {**answer, "UnprocessedKeys": {ORDERS: {**asked, "Keys": left}} if left else {}}

    monkeypatch.setattr(BaseClient, "_make_api_call", one_at_a_time)
    monkeypatch.setattr(aws.time, "sleep", lambda seconds: None)
    keys = [(f"us-east-1#{number}",) for number in range(3)]
    with pytest.raises(aws.Unanswered, match="left out 3 keys"):
        current_images("us-east-1", rules()[ORDERS], keys)
    stingy = False
    assert len(current_images("us-east-1", rules()[ORDERS], keys)) == 3


def test_after_a_failure_one_caller_tries_and_the_others_wait_for_what_it_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = 100.0
    monkeypatch.setattr("regions.breaker.time", SimpleNamespace(monotonic=lambda: seconds))
    breaker = Breaker(open_seconds=5.0)
    breaker.failed()
    assert not breaker.allows()
    seconds += 6
    allowed: list[bool] = []
    threads = [threading.Thread(target=lambda: allowed.append(breaker.allows())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(allowed) == 1
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()


def test_a_region_that_is_back_but_slow_is_not_relied_upon_yet(
    copying: Replicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker = copying.breakers[FAR]
    breaker._closed_again_at = 1.0  # it failed long ago
    monkeypatch.setattr(replicator, "PROBE_SECONDS", -1.0)
    report = copying.replicate(records_of("us-east-1", ORDERS, [order(number) for number in range(40)]))
    assert report.written[FAR] < 40
    assert not breaker.allows()
    monkeypatch.setattr(replicator, "PROBE_SECONDS", 60.0)
    breaker._closed_again_at = 1.0
    copying.replicate(records_of("us-east-1", ORDERS, [order(50)]))
    assert not breaker.has_failed


def test_a_drain_ends_in_time_with_the_rest_still_waiting(copying: Replicator, monkeypatch: pytest.MonkeyPatch) -> None:
    write("us-east-1", AVAILABILITY, *(kitchen(number) for number in range(15)))
    add(*(f"us-east-1#r{number}" for number in range(15)), table=AVAILABILITY)
    monkeypatch.setattr(replicator, "DRAIN_SECONDS", -1.0)
    assert copying.drain(FAR).written[FAR] == 0
    assert backlog.count(FAR) == 15


def test_a_twin_that_cannot_be_settled_holds_nobody_and_is_settled_later(
    four_regions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled: list[str] = []

    def settle(order_id: str) -> None:
        if order_id == "7" and not mended:
            raise ValueError("'vanished' is not a valid Status")
        settled.append(order_id)

    mended = False
    monkeypatch.setattr(settling, "settle_twins", settle)
    twins = [order(number, home="us-west-2") for number in (6, 7, 8)]
    stream_worker.handler({"Records": records_of("us-east-1", ORDERS, twins)}, None)
    assert settled == ["6", "8"]
    (waiting,) = backlog.receive("us-east-1", hide_seconds=0)
    assert (waiting.key, waiting.reason) == (("us-east-1#7",), "twins not settled: ValueError")
    mended = True
    stream_worker.drain({}, None)
    assert settled[-1] == "7"
    assert backlog.count("us-east-1") == 0


def test_bytes_are_copied_as_bytes_though_lambda_hands_them_over_as_text(four_regions: None) -> None:
    image = {**order(1), "seal": {"B": "AAH/"}, "seals": {"BS": ["AAH/"]}, "in": {"M": {"L": {"L": [{"B": "AAH/"}]}}}}
    stream_worker.lambda_handler({"Records": records_of("us-east-1", ORDERS, [image])}, None)
    copy = held("us-west-2", ORDERS)[(KEY,)]
    assert (copy["seal"], copy["seals"]) == ({"B": b"\x00\x01\xff"}, {"BS": [b"\x00\x01\xff"]})
    assert copy["in"] == {"M": {"L": {"L": [{"B": b"\x00\x01\xff"}]}}}


def test_one_region_whose_queue_fails_does_not_keep_the_others_from_being_drained(
    four_regions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("us-east-1", ORDERS, order(1))
    for name in topology.current().others():
        backlog.add(name, [backlog.entry(ORDERS, (KEY,), "away")])
    original: Callable[..., Any] = backlog.receive

    def receive(target: str, **options: Any) -> Any:
        if target == "us-west-2":
            raise refusal("ServiceUnavailable", 503)
        return original(target, **options)

    monkeypatch.setattr(backlog, "receive", receive)
    with pytest.raises(ClientError):
        stream_worker.drain({}, None)
    assert (KEY,) in held("eu-central-1", ORDERS)
    assert (KEY,) in held(FAR, ORDERS)
