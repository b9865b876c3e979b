"""What a stream lost is found and repaired; a run that is ended goes on; what a home has lost is decided by a person."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.management import call_command
from django.core.management.base import CommandError

from foodforthought import stream_worker
from regions import aws, backlog, comparison, reconciliation, replicator, restored_home, topology
from regions.comparison import Standing
from regions.management.commands import reconcile
from regions.reconciliation import Progress
from regions.replication import copies_of, rules
from regions.replicator import Replicator
from tests.conftest import region
from tests.regions.conftest import (
    AVAILABILITY,
    CATALOG,
    ORDERS,
    dish,
    held,
    kitchen,
    order,
    records_of,
    tombstone_of,
    write,
)

OTHERS = topology.current().others()
pytestmark = pytest.mark.usefixtures("four_regions")


def replicate(home: str, table: str, images: list[dict[str, Any]]) -> None:
    for start in range(0, len(images), 25):
        report = Replicator(topology=topology.current(), rules=rules()).replicate(
            records_of(home, table, images[start : start + 25])
        )
        assert not report.missed


def drain_all() -> None:
    copying = Replicator(topology=topology.current(), rules=rules())
    for name in topology.current().others():
        copying.drain(name)
        assert backlog.count(name) == 0


def differences(home: str) -> list[str]:
    """Every way in which a region differs from what a home says that it should hold."""
    found = []
    with region(home):
        here = topology.current()
        for rule in rules().values():
            there = {name: held(name, rule.table) for name in here.regions}
            for image in there[home].values():
                for copy in copies_of(image, rule=rule, topology=here):
                    if there[copy.region].get(copy.key) != copy.image:
                        found.append(f"{copy.key} in {copy.region}")
    return found


def run(*arguments: str) -> str:
    from io import StringIO

    out = StringIO()
    call_command("reconcile", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("home", ["us-east-1", "eu-west-1"])
def test_thirty_percent_of_a_stream_lost_are_repaired_and_a_second_run_finds_nothing(home: str) -> None:
    stored = {
        ORDERS: [order(n, home=home) for n in range(60)],
        AVAILABILITY: [kitchen(n, home=home) for n in range(20)],
        CATALOG: [dish(n) for n in range(40)] if home == topology.current().master else [],
    }
    with region(home):
        backlog._url.cache_clear()
        for table, images in stored.items():
            write(home, table, *images)
            replicate(home, table, [image for n, image in enumerate(images) if n % 10 >= 3])
            # Then a part is removed or changed, and of that, too, a third is lost.
            later = [
                tombstone_of(image, 9) if n % 2 else {**image, "version": {"N": "9"}} for n, image in enumerate(images)
            ]
            write(home, table, *later[::3])
            replicate(home, table, [image for n, image in enumerate(later[::3]) if n % 10 >= 3])
        assert differences(home)
        out = run()
        assert all(backlog.count(name) == 0 for name in topology.current().others()), "copied at once"
        assert differences(home) == []
        for name in topology.current().others():
            assert f"{name}: {sum(map(len, stored.values()))} compared" in out
        again = run("--from-start")
    assert again.count(" 0 missing or older copied, 0 ahead of this home, 0 unknown to it") == 3
    assert "Capacity units read: " in again
    assert all(name in again.rpartition("Capacity units read")[2] for name in topology.current().regions)


def test_home_is_read_once_for_all_targets_and_what_is_found_is_copied_page_by_page(
    monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    monkeypatch.setattr(comparison, "PAGE_ITEMS", 10)
    write("us-east-1", ORDERS, *(order(n) for n in range(30)))
    calls.clear()
    run("--dry-run", "eu-west-1")
    with_one = calls.count("Scan")
    calls.clear()
    run("--dry-run")
    assert calls.count("Scan") - with_one == 2 * 3, "of the other targets' three tables each"
    assert not held("eu-west-1", ORDERS)
    copied: list[int] = []
    monkeypatch.setattr(
        reconcile.Command, "_show", lambda self, progress: copied.append(len(held("eu-west-1", ORDERS)))
    )
    run("eu-west-1", "--from-start")
    pages = [count for count in copied if count]
    assert pages[:3] == [10, 20, 30]


@pytest.mark.parametrize("end", [KeyboardInterrupt, RuntimeError])
def test_a_run_that_is_ended_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, calls: list[str], end: type[BaseException]
) -> None:
    monkeypatch.setattr(comparison, "PAGE_ITEMS", 10)
    write("us-east-1", ORDERS, *(order(n) for n in range(50)))
    write("us-east-1", AVAILABILITY, *(kitchen(n) for n in range(10)))

    def stop(self: Any, progress: Progress) -> None:
        if progress.findings[f"{ORDERS}@us-west-2"].compared >= 30 if progress.step == ORDERS else False:
            raise end

    original = reconcile.Command._show
    monkeypatch.setattr(reconcile.Command, "_show", stop)
    with pytest.raises(CommandError if end is KeyboardInterrupt else end):
        run("us-west-2")
    assert len(held("us-west-2", ORDERS)) + len(held("us-west-2", AVAILABILITY)) == 40
    monkeypatch.setattr(reconcile.Command, "_show", original)
    assert "us-west-2: 60 compared, 20 missing or older would be copied" in run("us-west-2", "--dry-run"), (
        "a dry run is another"
    )
    calls.clear()
    out = run("us-west-2")
    assert "went on where an earlier run had stopped" in out
    assert "us-west-2: 60 compared, 60 missing or older copied" in out, "nothing twice, nothing left out"
    assert len(held("us-west-2", ORDERS)) + len(held("us-west-2", AVAILABILITY)) == 60
    out = run("us-west-2")
    assert "went on" not in out, "the place is forgotten at the end"
    assert "60 compared" in out


def test_a_place_that_is_too_old_is_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    write("us-east-1", ORDERS, order(1))
    monkeypatch.setattr(reconciliation, "PLACE_SECONDS", -1)

    def stop(self: Any, progress: Progress) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reconcile.Command, "_show", stop)
    with pytest.raises(CommandError, match="Stopped. The same command goes on here"):
        run()
    monkeypatch.undo()
    assert "went on" not in run()


def test_progress_is_told_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "PROGRESS_SECONDS", 0.0)
    write("us-east-1", ORDERS, order(1))
    assert f"… at {ORDERS}: 1 compared, 1 missing or older; " in run("us-west-2")


def test_a_write_at_home_during_the_comparison_is_not_taken_for_a_replica_ahead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write("us-east-1", ORDERS, order(1, 5))
    original = reconciliation.versions_in
    raced: list[str] = []

    def versions_in(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "us-west-2" and not raced:
            raced.append(name)
            write("us-east-1", ORDERS, order(1, 9))
            write("us-west-2", ORDERS, order(1, 9))
        return original(name, *arguments, **options)

    monkeypatch.setattr(reconciliation, "versions_in", versions_in)
    assert "0 ahead" in run("us-west-2")
    assert raced


def test_what_a_home_has_lost_is_told_once_and_left_alone() -> None:
    write("us-west-2", ORDERS, order(1, 9), tombstone_of(order(2), 9), order(3, home="us-west-2"))
    write("eu-west-1", ORDERS, order(1, 8))
    out = run()
    assert out.count(f"{ORDERS} us-east-1#1: not at home, 9 in us-west-2, 8 in eu-west-1") == 1
    assert "us-west-2: 0 compared, 0 missing or older copied, 0 ahead of this home, 1 unknown to it" in out
    assert "us-east-1#2" not in out, "a tombstone without a home loses nothing"
    assert "us-west-2#3" not in out
    assert len(held("us-west-2", ORDERS)) == 3


def test_a_target_that_does_not_answer_is_named_and_the_others_are_repaired() -> None:
    write("us-east-1", ORDERS, order(1))
    for table in (CATALOG, AVAILABILITY, ORDERS):
        aws.client("dynamodb", "eu-west-1").delete_table(TableName=table)
    with pytest.raises(CommandError, match="Without an answer: eu-west-1"):
        run()
    assert [len(held(name, ORDERS)) for name in ("us-west-2", "eu-central-1")] == [1, 1]


def test_what_a_region_does_not_take_waits_in_its_backlog(monkeypatch: pytest.MonkeyPatch) -> None:
    write("us-east-1", ORDERS, *(order(n) for n in range(5)))
    original = replicator.put

    def put(copy: Any) -> bool:
        if copy.key == ("us-east-1#3",):
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "PutItem")
        return original(copy)

    monkeypatch.setattr(replicator, "put", put)
    assert "5 missing or older copied except 1 that wait in the backlog" in run("us-west-2")
    assert (len(held("us-west-2", ORDERS)), backlog.count("us-west-2")) == (4, 1)
    monkeypatch.undo()
    with region("us-east-1"):
        drain_all()
    assert len(held("us-west-2", ORDERS)) == 5


@pytest.mark.parametrize("many", [1, 50])
def test_what_is_changed_and_copied_meanwhile_ends_newest(many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicator, "MANY", many)
    write("us-east-1", ORDERS, *(order(n) for n in range(5)))
    original = Replicator.copy_at_once

    def after_a_write(self: Replicator, target: str, copies: list[Any], *details: Any) -> int:
        if copies:
            write("us-east-1", ORDERS, order(3, 9))
            replicate("us-east-1", ORDERS, [order(3, 9)])
        return original(self, target, copies, *details)

    monkeypatch.setattr(Replicator, "copy_at_once", after_a_write)
    assert "5 missing or older copied, 0 ahead" in run("us-west-2")
    assert held("us-west-2", ORDERS)["us-east-1#3",]["version"] == {"N": "9"}
    assert len(held("us-west-2", ORDERS)) == 5


def test_the_worker_reconciles_in_slices_within_lambdas_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "PAGE_ITEMS", 10)
    monkeypatch.setattr(
        stream_worker, "replicator", Replicator(topology=topology.current(), rules={ORDERS: rules()[ORDERS]})
    )
    write("us-east-1", ORDERS, *(order(n) for n in range(30)))
    left = SimpleNamespace(get_remaining_time_in_millis=lambda: 0)
    answers = [stream_worker.lambda_handler({"reconcile": ["us-west-2"]}, left)]
    assert len(held("us-west-2", ORDERS)) == 10
    while not answers[-1]["done"]:
        answers.append(stream_worker.lambda_handler({"reconcile": ["us-west-2"]}, left))
    assert len(held("us-west-2", ORDERS)) == 30
    assert answers[-1]["findings"][f"{ORDERS}@us-west-2"]["behind"] == 30
    assert len(answers) < 12
    json.dumps(answers)
    with pytest.raises(ValueError, match="mars-1"):
        stream_worker.lambda_handler({"reconcile": ["mars-1"]}, left)


@pytest.fixture
def restored() -> dict[str, dict[str, Any]]:
    """Home is as of yesterday: it holds an older order 1 and no order 2; it has gone on with order 3."""
    newer = {"1": order(1, 9, status="delivered"), "2": order(2, 8)}
    write("us-east-1", ORDERS, order(1, 5), order(3, 20))
    write("us-west-2", ORDERS, newer["1"], newer["2"], order(3, 9))
    for name in ("eu-west-1", "eu-central-1"):
        for image in newer.values():
            rule = rules()[ORDERS]
            (copy,) = copies_of(image, rule=rule, topology=topology.current(), to=[name])
            write(name, ORDERS, dict(copy.image))
    return newer


@pytest.mark.parametrize("flag", ["--adopt", "--rewrite"])
def test_records_are_changed_only_when_they_are_named_or_all_are_meant(flag: str, restored: Any) -> None:
    with pytest.raises(CommandError, match="name them with --key or say --yes"):
        run(flag)
    out = run(flag, "--dry-run")
    assert "would adopt version 9 from us-west-2" in out if flag == "--adopt" else "would rewrite it with" in out
    assert held("us-east-1", ORDERS)["us-east-1#1",]["version"] == {"N": "5"}
    assert len(held("us-east-1", ORDERS)) == 2


def test_a_restored_home_adopts_the_whole_copies_as_they_are_and_everything_converges(restored: Any) -> None:
    out = run("--adopt", "--yes")
    assert out.count("adopted version 9 from us-west-2") == 1
    at_home = held("us-east-1", ORDERS)
    assert (at_home["us-east-1#1",], at_home["us-east-1#2",]) == (restored["1"], restored["2"])
    assert at_home["us-east-1#3",] == order(3, 20), "what home has written since is not touched"
    replicate("us-east-1", ORDERS, list(at_home.values()))
    assert differences("us-east-1") == []
    drain_all()
    assert "0 ahead of this home, 0 unknown" in run("--from-start", "us-west-2")


def test_a_stub_is_not_enough_to_be_adopted() -> None:
    write("us-east-1", ORDERS, order(1, 5))
    write("us-west-2", ORDERS, order(1, 7))
    write("eu-west-1", ORDERS, order(1, 9))
    assert "adopted version 7 from us-west-2; a stub is newer still" in run("--adopt", "--yes")
    assert "not adopted: only stubs are newer" in run("--adopt", "--key", ORDERS, "us-east-1#1")
    write("eu-west-1", CATALOG, dish(1, 9))
    out = run("--adopt", "--key", CATALOG, "restaurant#1", "item#1")
    assert "adopted version 9 from eu-west-1" in out, "the catalogue is whole everywhere"


def test_home_insists_and_everything_converges_also_on_what_it_does_not_know(restored: Any) -> None:
    out = run("--rewrite", "--yes")
    at_home = held("us-east-1", ORDERS)
    rewritten = at_home["us-east-1#1",]
    assert int(rewritten["version"]["N"]) > 9
    assert {k: v for k, v in rewritten.items() if k not in ("version", "write_id")} == {
        k: v for k, v in order(1, 5).items() if k not in ("version", "write_id")
    }
    assert set(at_home["us-east-1#2",]) == {"key", "home", "version", "write_id", "deleted_at", "expires_at"}
    assert out.count("buried with version") == 1
    replicate("us-east-1", ORDERS, list(at_home.values()))
    assert differences("us-east-1") == []


@pytest.mark.parametrize("flag", ["--adopt", "--rewrite"])
def test_a_write_at_home_at_the_same_moment_is_not_lost(
    flag: str, restored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = restored_home.current_images

    def images(*arguments: Any) -> Any:
        answer = original(*arguments)
        write("us-east-1", ORDERS, order(1, 50, status="accepted"))
        return answer

    monkeypatch.setattr(restored_home, "current_images", images)
    assert ": not " in run(flag, "--key", ORDERS, "us-east-1#1")
    assert held("us-east-1", ORDERS)["us-east-1#1",] == order(1, 50, status="accepted")


@pytest.mark.parametrize(
    ("flag", "told", "then"),
    [("--adopt", ": adopted version 9 from us-west-2", "9"), ("--rewrite", ": not rewritten: home has lost it", None)],
)
def test_a_record_that_home_loses_between_two_reads_ends_nothing(
    flag: str, told: str, then: str | None, restored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = restored_home.current_images

    def images(*arguments: Any) -> Any:
        aws.client("dynamodb", "us-east-1").delete_item(TableName=ORDERS, Key={"key": {"S": "us-east-1#1"}})
        return original(*arguments)

    monkeypatch.setattr(restored_home, "current_images", images)
    assert told in run(flag, "--key", ORDERS, "us-east-1#1")
    assert held("us-east-1", ORDERS).get(("us-east-1#1",), {}).get("version", {}).get("N") == then


@pytest.mark.parametrize("flag", ["--adopt", "--rewrite"])
@pytest.mark.parametrize("lacks", ["home", "version"])
@pytest.mark.parametrize("place", ["us-east-1", "us-west-2"])
def test_what_nobody_can_read_is_told_and_ends_nothing(flag: str, lacks: str, place: str, restored: Any) -> None:
    damaged = held(place, ORDERS)["us-east-1#1",]
    del damaged[lacks]
    write(place, ORDERS, damaged)
    out = run(flag, "--yes")
    assert "us-east-1#2" in out, "the others are decided on"


@pytest.mark.parametrize("flag", ["--adopt", "--rewrite"])
def test_only_its_home_decides_about_a_record(flag: str, restored: Any) -> None:
    write("us-west-2", ORDERS, order(9, 9, home="us-west-2"))
    with pytest.raises(CommandError, match="Run the command there"):
        run(flag, "--key", ORDERS, "us-west-2#9")
    assert ("us-west-2#9",) not in held("us-east-1", ORDERS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mars-1"], "mars-1: not a region other than this"),
        (["--adopt", "--key", ORDERS], "give a table and its key: foodforthought-catalog pk sk"),
        (["--adopt", "--key", "nowhere", "x"], "give a table and its key"),
        (["--key", ORDERS, "x"], "goes with --adopt or --rewrite"),
    ],
)
def test_a_wrong_command_says_what_would_be_right(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_nothing_newer_is_nothing_to_decide() -> None:
    rule = rules()[ORDERS]
    same = Standing(ORDERS, ("us-east-1#1",), 5, {})
    decide: Callable[..., str]
    for decide in (reconcile.adopt, reconcile.rewrite):
        assert decide(same, rule, topology=topology.current()).startswith(("not adopted", "nothing to rewrite"))


def test_what_nobody_can_read_elsewhere_does_not_end_a_comparison() -> None:
    good, damaged, foreign = order(1), order(2), order(3)
    write("us-east-1", ORDERS, good, damaged)
    del damaged["version"], foreign["home"]
    write("us-west-2", ORDERS, damaged, foreign)
    told = run("us-west-2")
    assert "2 missing or older" in told, told
    drain_all()
    assert held("us-west-2", ORDERS)["us-east-1#2",]["version"] == {"N": "5"}
