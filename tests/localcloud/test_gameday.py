"""What a game day is made of: its plan, its judgement, its report and its picture."""

from collections import Counter
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

from core import ids
from localcloud import audit
from localcloud.gameday.customers import Asked, Customer
from localcloud.gameday.picture import picture
from localcloud.gameday.plan import FATES, plan
from localcloud.gameday.report import percentiles, report
from localcloud.gameday.run import Options, Result, recovered
from localcloud.gameday.scenarios import SCENARIOS, Stop, sentence
from localcloud.gameday.witness import Lag, Seen, foreign, lags
from regions import topology

REGIONS = list(topology.current().regions)
ORDERS = "foodforthought-orders"


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    asked: dict[str, Any] = {"orders": 500, "rate": 20.0, "regions": REGIONS, "twins": 0.3}
    planned = plan(**asked, seed=1)
    assert planned == plan(**asked, seed=1) != plan(**asked, seed=2)
    assert planned[-1].at == sorted(p.at for p in planned)[-1]
    assert 20 < planned[-1].at < 30
    assert {p.region for p in planned} == set(REGIONS)
    assert {p.fate for p in planned} == set(FATES)
    assert 100 < sum(p.loses_answer for p in planned) < 200


def test_every_scenario_is_explained() -> None:
    wanted = {"stop", "partition", "slow", "poison", "crash", "repeat", "away", "join", "master", "lossy"}
    assert SCENARIOS.keys() >= wanted
    assert all(sentence(kind).endswith(".") for kind in SCENARIOS.values())


def order(home: str, order_id: str, status: str, *history: str, accepted: bool = False) -> dict[str, Any]:
    entries = ", ".join(f'{{"status": "{entry}", "at": 1}}' for entry in history)
    image = {"id": {"S": order_id}, "home": {"S": home}, "status": {"S": status}, "history": {"S": f"[{entries}]"}}
    return {f"{home}#{order_id}": image | ({"accepted_at": {"N": "1"}} if accepted else {})}


def test_orders_are_judged_by_what_was_acknowledged() -> None:
    stored = {
        **order("a", "1", "accepted"), **order("b", "1", "placed"),  # both go on
        **order("a", "2", "duplicate"), **order("b", "2", "accepted"),  # as it should be
        **order("a", "3", "duplicate"), **order("b", "3", "duplicate"),  # nobody goes on
        **order("a", "4", "duplicate", accepted=True), **order("b", "4", "placed"),  # the wrong one goes on
        **order("a", "5", "rejected"), **order("b", "5", "accepted"),  # what was rejected defeats nobody
        **order("a", "6", "ready", "placed", "accepted", "ready"),
    }  # fmt: skip
    done = {"a#6": "accept", "a#5": "reject"}
    verdict = audit.judge(stored, acknowledged=["a#1", "a#2", "a#3", "a#9"], done=done)
    assert verdict.doubled == ["1"]
    assert verdict.lost == ["a#3", "a#9"]
    assert verdict.misjudged == ["4"]
    assert verdict.forgotten == ["a#5 reject"]
    assert verdict.twins == 5
    assert verdict.is_bad


def test_only_the_orders_of_a_run_are_judged() -> None:
    token, earlier = (ids.new_token(now_seconds=1_800_000_000) for _ in range(2))
    mine, theirs = ids.order_id_from(token), ids.order_id_from(earlier)
    stored = {**order("a", mine, "placed"), **order("a", theirs, "placed"), **order("b", theirs, "duplicate")}
    assert audit.judge(stored, acknowledged=[], done={}).twins == 1
    own = audit.placed_with([token], stored)
    assert own.keys() == {f"a#{mine}"}
    assert audit.judge(own, acknowledged=[f"a#{mine}"], done={}) == audit.Verdict([], [], [], [], twins=0)


def seen(region: str, home: str, version: int, at_ms: int, **values: str) -> Seen:
    key = f"{home}#1"
    image = {"key": {"S": key}, "home": {"S": home}, "version": {"N": str(version)}, "id": {"S": "1"}}
    return Seen(region, ORDERS, (key,), at_ms, image | {name: {"S": value} for name, value in values.items()})


def test_a_copy_is_late_by_the_time_since_it_was_written_at_home() -> None:
    home, near, far = "us-east-1", "us-west-2", "eu-west-1"
    found = lags([seen(home, home, 1000, 1010), seen(home, home, 1100, 1110), seen(near, home, 1000, 1050),
                  seen(near, home, 1100, 1150), seen(far, home, 1100, 1300)])  # fmt: skip
    assert sorted((lag.region, lag.written_ms, lag.lag_ms) for lag in found) == [
        (far, 1000, 300), (far, 1100, 200), (near, 1000, 50), (near, 1100, 50)
    ]  # fmt: skip


def test_a_write_that_no_home_has_made_is_found() -> None:
    home, near, far = "us-east-1", "us-west-2", "eu-west-1"
    written = seen(home, home, 1000, 1010, contact_name="Ada", status="placed")
    assert written.image
    known = {(ORDERS, written.key, 1000): written.image}
    copied = replace(written, region=near)
    stub = seen(far, home, 1000, 1010, status="placed")
    assert foreign([written, copied, stub], known) == []
    (found,) = foreign([written, copied, replace(copied, region=far)], known)
    assert "not what its home wrote" in found, "what is personal has left the jurisdiction"
    (found,) = foreign([written, seen(near, home, 1001, 1020)], known)
    assert "never written at home" in found
    (found,) = foreign([written, copied, copied], known)
    assert "after version 1000" in found
    assert foreign([written, copied, replace(copied, image=None), copied], known) == [], "it was removed in between"


def result(**values: Any) -> Result:
    lag = Lag("us-east-1", "us-west-2", 1000, 300)
    right = Customer("eu-west-1", began=0.0, ended=0.5, key="eu-west-1#1")
    unlucky = Customer("eu-west-1", began=0.0, ended=9.0)
    asked = [Asked(0.0, "eu-west-1", "201"), *[Asked(1.0, "us-east-1", answer) for answer in ("504", "409", "timeout")]]
    verdict = audit.Verdict(lost=[], doubled=[], forgotten=[], misjudged=[], twins=0)
    base = Result(
        Options(Stop, "eu-west-1", orders=2), [right, unlucky], asked, 9.0, (3.0, 6.0), [(0.5, lag), (4.0, lag)],
        {("us-east-1", "eu-west-1")}, verdict, [], [], Counter(done=1), 1.5, 2.5,
    )  # fmt: skip
    return replace(base, **values)


def test_the_report_says_what_people_want_to_know() -> None:
    told = report(result())
    assert "1 of 2" in told
    assert "504 1" in told
    assert "50.00 %: 2 of 4 requests were answered" in told
    assert "33.33 %: 1 of 3 requests" in told, "of the customers near us-east-1: a refusal is an answer"
    assert "1.5 s after the fault" in told
    assert "lag while healthy       p50 0.300 s, p95 0.300 s, p99 0.300 s (1 copies)" in told
    assert "beside the fault" in told
    assert percentiles([0.1 * n for n in range(1, 101)]) == "p50 5.100 s, p95 9.600 s, p99 10.000 s"
    assert percentiles([]) == "not measured"


def test_a_game_day_is_lost_by_each_of_the_things_that_must_not_be() -> None:
    customers = [Customer("eu-west-1", began=0.0, ended=0.5, key="eu-west-1#1")]
    won = result(customers=customers)
    assert not won.is_lost
    for name in ("lost", "doubled", "forgotten", "misjudged"):
        assert replace(won, verdict=replace(won.verdict, **{name: ["x"]})).is_lost, name
    for values in ({"foreign": ["x"]}, {"differences": ["x"]}, {"failures": ["x"]}, {"converged_seconds": None}):
        assert replace(won, **values).is_lost, values
    assert result().is_lost, "one customer never got an answer"


def test_recovery_is_the_last_arrival_of_what_was_written_before_the_end_of_the_fault() -> None:
    lag = Lag("us-east-1", "us-west-2", 1000, 300)
    found = [(1.0, lag), (5.0, replace(lag, lag_ms=3000)), (7.0, replace(lag, lag_ms=9000))]
    assert recovered(found, (3.0, 6.0)) == 2.0
    assert recovered(found, None) is None


def test_the_picture_is_well_formed_and_says_what_it_shows() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    drawn = ElementTree.fromstring(picture(result(facts=["<&>"])))  # noqa: S314 - our own
    assert drawn.find(f"{svg}title").text == "Game day “stop”, eu-west-1: 2 orders"  # type: ignore[union-attr]
    assert "1 acknowledged, 0 lost" in drawn.find(f"{svg}desc").text  # type: ignore[union-attr,operator]
    bands = [rect for rect in drawn.iter(f"{svg}rect") if rect.get("class") == "fault"]
    assert [(rect.get("x"), rect.get("width")) for rect in bands] == [("354.7", "290.7")]
    assert len(list(drawn.iter(f"{svg}polyline"))) == len(REGIONS)
    dots = [path.get("d", "").count("M") for path in drawn.iter(f"{svg}path") if path.get("class") == "dots s0"]
    assert dots == [2]
    assert ElementTree.fromstring(picture(result(fault=None, lags=[], customers=[]))) is not None  # noqa: S314
