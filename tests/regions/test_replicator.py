"""Batches, regions that are away, records that cannot be written, draining and comparing."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from django.core.management import call_command

from catalog.models import Availability
from regions import aws, backlog, puts, replicator, topology
from regions.puts import grouped
from regions.reconciliation import Findings, Reconciliation
from regions.replication import Copy, copies_of, rule_of
from regions.replicator import Replicator
from tests.conftest import region

RULE = rule_of(Availability)
TABLE = RULE.table
OTHERS = topology.current().others()


@pytest.fixture
def everywhere(tables: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replicator]:
    """The table in every region, and this region's backlogs. No region is too slow, however busy the machine."""
    monkeypatch.setattr(replicator, "GRACE_SECONDS", 60.0)
    for name in OTHERS:
        Availability.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=False)
        aws.client("sqs", "us-east-1").create_queue(QueueName=backlog.queue_name(name))
    backlog._url.cache_clear()
    yield Replicator(topology=topology.current(), rules={TABLE: RULE})
    backlog._url.cache_clear()


def image(number: int, version: int = 5, home: str = "us-east-1") -> dict[str, Any]:
    return {
        "key": {"S": f"{home}#{number}"}, "home": {"S": home}, "version": {"N": str(version)},
        "restaurant": {"S": str(number)}, "of_a_later_release": {"S": "kept"},
    }  # fmt: skip


def record(number: int, version: int = 5) -> dict[str, Any]:
    arn = f"arn:aws:dynamodb:us-east-1:1:table/{TABLE}/stream/1"
    return {"eventSourceARN": arn, "dynamodb": {"NewImage": image(number, version)}}


def write_at_home(*images: dict[str, Any]) -> None:
    for item in images:
        aws.client("dynamodb", "us-east-1").put_item(TableName=TABLE, Item=item)


def held(name: str) -> dict[str, Any]:
    answer = aws.client("dynamodb", name).scan(TableName=TABLE)
    return {item["key"]["S"]: item for item in answer["Items"]}


SIZES = [390_000] * 20 + [10] * 250


def size_of(copy: Copy) -> int:
    return len(copy.image["text"]["S"]) + 200


def times_out() -> Exception:
    return ConnectTimeoutError(endpoint_url="http://away")


def is_poison() -> Exception:
    return ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "PutItem")


@pytest.fixture
def fail(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Copy]]:
    """Let puts into a region fail; the copies that were tried."""

    def install(name: str, error: Callable[[], Exception], key: str | None = None) -> list[Copy]:
        tried: list[Copy] = []
        put, put_together = replicator.put, replicator.put_together

        def check(copies: Sequence[Copy]) -> None:
            refused = [copy for copy in copies if copy.region == name and key in (None, copy.key[0])]
            tried.extend(refused)
            if refused:
                raise error()

        monkeypatch.setattr(replicator, "put", lambda copy: check([copy]) or put(copy))
        monkeypatch.setattr(replicator, "put_together", lambda copies: check(copies) or put_together(copies))
        return tried

    return install


def compared(name: str) -> Findings:
    """What a dry comparison finds in a region."""
    run = Reconciliation(
        topology=topology.current(), rules={TABLE: RULE}, targets=[name], replicator=None,
        standing=lambda found: None, progress=lambda how_far: None,
    )  # fmt: skip
    return run.run().findings[f"{TABLE}@{name}"]


def test_an_attribute_that_this_release_does_not_know_is_copied(everywhere: Replicator) -> None:
    report = everywhere.replicate([record(1)])
    assert report.written == dict.fromkeys(OTHERS, 1)
    assert held("eu-west-1") == held("us-west-2") == {"us-east-1#1": image(1)}


def test_of_a_batch_only_the_newest_of_an_item_is_copied(everywhere: Replicator) -> None:
    report = everywhere.replicate([record(1, 7), record(1, 9), record(1, 8), record(2, 5)])
    assert report.written["eu-west-1"] == 2
    assert held("eu-west-1")["us-east-1#1"]["version"] == {"N": "9"}


def test_what_is_older_than_the_replica_is_stale_not_an_error(everywhere: Replicator) -> None:
    everywhere.replicate([record(1, 9)])
    report = everywhere.replicate([record(1, 8), record(2)])
    assert (report.stale["eu-west-1"], report.written["eu-west-1"], sum(report.missed.values())) == (1, 1, 0)


def test_a_region_that_is_away_keeps_nobody_waiting_and_gets_all_of_it_later(
    everywhere: Replicator, fail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_at_home(*(image(number) for number in range(30)))
    tried = fail("eu-west-1", times_out)
    report = everywhere.replicate([record(number) for number in range(30)])
    assert report.missed == {"eu-west-1": 30}
    assert len(held("us-west-2")) == len(held("eu-central-1")) == 30
    assert len(tried) <= replicator.PARALLEL_PUTS, "after the first failures it is left alone"
    assert backlog.count("eu-west-1") == 30
    monkeypatch.undo()
    assert everywhere.drain("eu-west-1").written["eu-west-1"] == 30
    assert held("eu-west-1") == held("us-west-2")
    assert backlog.count("eu-west-1") == 0


def test_a_region_known_to_be_away_is_not_asked(everywhere: Replicator, fail: Any) -> None:
    tried = fail("eu-west-1", times_out)
    everywhere.breakers["eu-west-1"].failed()
    assert everywhere.replicate([record(1)]).missed == {"eu-west-1": 1}
    assert tried == []


def test_draining_finds_out_that_a_region_is_still_away_so_that_no_batch_has_to(
    everywhere: Replicator, fail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = fail("eu-west-1", times_out)
    monkeypatch.setattr(replicator, "answers", lambda name: False)
    breaker = everywhere.breakers["eu-west-1"]
    breaker._closed_again_at = 1.0  # it failed long ago
    assert breaker.allows()
    everywhere.drain("eu-west-1")
    assert not breaker.allows()
    assert everywhere.replicate([record(1)]).missed == {"eu-west-1": 1}
    assert tried == []
    monkeypatch.setattr(replicator, "answers", lambda name: True)
    everywhere.drain("eu-west-1")
    assert breaker.allows()


def test_one_poison_record_among_a_hundred_waits_alone_and_is_redriven_after_the_repair(
    everywhere: Replicator, fail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_at_home(*(image(number) for number in range(100)))
    fail("eu-west-1", is_poison, key="us-east-1#7")
    report = everywhere.replicate([record(number) for number in range(100)])
    assert (report.written["eu-west-1"], report.missed["eu-west-1"]) == (99, 1)
    assert everywhere.breakers["eu-west-1"].allows(), "one bad record is not a region that is away"
    monkeypatch.setattr(backlog, "RETRY_SECONDS", 0)
    (waiting,) = backlog.receive("eu-west-1", hide_seconds=0)
    assert (waiting.key, waiting.reason) == (("us-east-1#7",), "ValidationException")
    monkeypatch.undo()
    assert everywhere.drain("eu-west-1").written["eu-west-1"] == 1
    assert len(held("eu-west-1")) == 100


def test_many_copies_are_put_together_and_only_the_groups_that_hold_a_stale_one_are_put_one_by_one(
    everywhere: Replicator, fail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(puts, "PUTS_TOGETHER", 20)
    aws.client("dynamodb", "eu-west-1").put_item(TableName=TABLE, Item=image(7, version=9))
    singly: list[Copy] = []
    put = replicator.put
    monkeypatch.setattr(replicator, "put", lambda copy: singly.append(copy) or put(copy))
    report = everywhere.replicate([record(number) for number in range(100)])
    assert report.written == {"us-west-2": 100, "eu-west-1": 99, "eu-central-1": 100}
    assert report.stale == {"eu-west-1": 1} and not report.missed
    assert len(singly) == 20 and {copy.region for copy in singly} == {"eu-west-1"}
    assert held("eu-west-1") == held("us-west-2") | {"us-east-1#7": image(7, version=9)}


def test_what_is_put_together_fits_into_a_transaction() -> None:
    copies = [Copy("eu-west-1", TABLE, (f"us-east-1#{size}",), 1, {"text": {"S": "x" * size}}) for size in SIZES]
    groups = list(grouped(copies))
    assert [copy for group in groups for copy in group] == copies
    assert all(len(group) <= puts.PUTS_TOGETHER for group in groups)
    assert all(len(group) == 1 or sum(map(size_of, group)) <= 4_000_000 for group in groups)
    assert len(groups) < 12, "and they are few"


def test_a_lost_heartbeat_is_no_entry_of_a_backlog_and_no_difference(everywhere: Replicator, fail: Any) -> None:
    pulse = {**image(0), "key": {"S": "us-east-1#heartbeat#0"}}
    write_at_home(pulse)
    assert compared("eu-west-1") == Findings()
    fail("eu-west-1", times_out)
    assert everywhere.replicate([{**record(0), "dynamodb": {"NewImage": pulse}}]).missed == {"eu-west-1": 1}
    assert backlog.count("eu-west-1") == 0


def test_draining_copies_what_is_current_not_what_was_missed(
    everywhere: Replicator, fail: Any, monkeypatch: Any
) -> None:
    write_at_home(image(1, version=5))
    fail("eu-west-1", times_out)
    everywhere.replicate([record(1, 5)])
    write_at_home(image(1, version=8))
    monkeypatch.undo()
    everywhere.drain("eu-west-1")
    assert held("eu-west-1")["us-east-1#1"]["version"] == {"N": "8"}


def test_a_batch_fails_when_not_even_the_backlog_takes_it(everywhere: Replicator, fail: Any) -> None:
    fail("eu-west-1", times_out)
    aws.client("sqs", "us-east-1").delete_queue(QueueUrl=backlog._url("eu-west-1"))
    with pytest.raises(ClientError):
        everywhere.replicate([record(1)])


def test_a_comparison_finds_what_is_missing_older_or_ahead_and_a_second_one_nothing(everywhere: Replicator) -> None:
    write_at_home(*(image(number) for number in range(120)), image(500, home="us-west-2"))
    far = aws.client("dynamodb", "eu-west-1")
    far.put_item(TableName=TABLE, Item=image(0))
    far.put_item(TableName=TABLE, Item=image(1, version=4))
    far.put_item(TableName=TABLE, Item=image(2, version=9))
    assert compared("eu-west-1") == Findings(compared=120, behind=118, ahead=1)
    assert everywhere.catch_up("eu-west-1").written["eu-west-1"] == 118
    assert held("eu-west-1")["us-east-1#2"]["version"] == {"N": "9"}, "a replica ahead is not overwritten"
    assert compared("eu-west-1") == Findings(compared=120, ahead=1)


def test_reconcile_repairs_what_a_stream_lost_and_a_second_run_finds_nothing(
    everywhere: Replicator, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("regions.management.commands.reconcile.rules", lambda: {TABLE: RULE})
    monkeypatch.setattr("regions.management.commands.backlog.rules", lambda: {TABLE: RULE})
    write_at_home(*(image(number) for number in range(100)))
    everywhere.replicate([record(number) for number in range(100) if number % 10 >= 3])
    call_command("reconcile", "--dry-run", "eu-west-1")
    assert "100 compared, 30 missing or older would be copied" in capsys.readouterr().out
    assert backlog.count("eu-west-1") == 0
    call_command("reconcile")
    assert capsys.readouterr().out.count("100 compared, 30 missing or older copied,") == len(OTHERS)
    for name in OTHERS:
        assert backlog.count(name) == 0
        assert len(held(name)) == 100
    call_command("reconcile", "--dry-run")
    assert capsys.readouterr().out.count("100 compared, 0 missing or older would be copied") == len(OTHERS)


def test_copies_of_a_copy_are_not_made() -> None:
    with region("eu-west-1"):
        assert copies_of(image(1), rule=RULE, topology=topology.current()) == []
