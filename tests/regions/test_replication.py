"""Whatever the order, the repetition and the delay of the records, every replica ends up equal to its home.

The state machine writes through the real model, plans with the real plan and applies with the real conditional put,
into moto's tables of four regions. It is also run with the version condition taken out and with the guard taken out,
and must fail both times: a property that holds without its mechanism proves nothing.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from moto import mock_aws
from pynamodb.attributes import UnicodeAttribute

from core import clock
from core.errors import Conflict, WrongRegion
from regions import aws, puts, topology
from regions.models import HomedModel, Leaves, RegionalMeta
from regions.replication import copies_of, plan, rule_of
from regions.replicator import Replicator
from tests.conftest import region

HOMES = ("us-east-1", "us-west-2", "eu-west-1")
REGIONS = tuple(topology.current().regions)


class Parcel(HomedModel):
    class Meta(RegionalMeta):
        table_name = "parcels"

    key = UnicodeAttribute(hash_key=True)
    state = UnicodeAttribute()
    recipient = UnicodeAttribute()

    leaves_jurisdiction = Leaves.AS_STUB
    stub: ClassVar[frozenset[str]] = frozenset({"state"})


RULE = rule_of(Parcel)


def stored(in_region: str, key: str) -> dict[str, Any] | None:
    return aws.client("dynamodb", in_region).get_item(TableName="parcels", Key={"key": {"S": key}}).get("Item")


@cache
def replicator_in(name: str) -> Replicator:
    with region(name):
        return Replicator(topology=topology.current(), rules={"parcels": RULE})


@pytest.fixture(scope="module", autouse=True)
def parcel_tables() -> Iterator[None]:
    with mock_aws():
        aws.client.cache_clear()
        for name in REGIONS:
            Parcel.in_region(name).create_table(billing_mode="PAY_PER_REQUEST", wait=True)
        yield
    aws.client.cache_clear()


class Parcels(RuleBasedStateMachine):
    """Homes write, records travel in any order and more than once, foreign regions try to write too."""

    run = 0

    def __init__(self) -> None:
        super().__init__()
        Parcels.run += 1  # keys of its own: the tables outlive a run
        self.now_ms = 1_000_000
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(clock, "now_ms", lambda: self.now_ms)
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.undelivered: list[int] = []

    def teardown(self) -> None:
        self.patch.undo()
        for index in list(self.undelivered):
            self._deliver(index)
        self._compare()

    def _key(self, home: str, name: str) -> str:
        return f"{home}#{self.run}{name}"

    @rule(home=st.sampled_from(HOMES), name=st.sampled_from("ab"), text=st.text(max_size=3), tick=st.integers(0, 2))
    def create(self, home: str, name: str, text: str, tick: int) -> None:
        self.now_ms += tick
        key = self._key(home, name)
        with region(home):
            try:
                Parcel.in_region(home)(key=key, home=home, state="new", recipient=f"r{text}").save()
            except Conflict:
                return  # it is there, or its tombstone is of this very millisecond
        self._record(home, key)

    @rule(home=st.sampled_from(HOMES), name=st.sampled_from("ab"), text=st.text(max_size=3), tick=st.integers(-5, 2))
    def change(self, home: str, name: str, text: str, tick: int) -> None:
        self.now_ms += tick  # a clock may be set back
        parcel = self._find(home, self._key(home, name))
        if parcel:
            with region(home):
                parcel.update([Parcel.state.set(f"s{text}")])
            self._record(home, parcel.key)

    @rule(home=st.sampled_from(HOMES), name=st.sampled_from("ab"))
    def remove(self, home: str, name: str) -> None:
        parcel = self._find(home, self._key(home, name))
        if parcel:
            with region(home):
                parcel.bury()
                parcel.save()
            self._record(home, parcel.key)

    @rule(home=st.sampled_from(HOMES), name=st.sampled_from("ab"), elsewhere=st.sampled_from(REGIONS))
    def write_elsewhere(self, home: str, name: str, elsewhere: str) -> None:
        parcel = self._find(elsewhere, self._key(home, name))
        if parcel and elsewhere != home:
            with region(elsewhere):
                try:
                    parcel.update([Parcel.state.set("foreign")])
                except WrongRegion:
                    return
            self._record(elsewhere, parcel.key)

    @precondition(lambda self: self.records)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        self._deliver(data.draw(st.integers(0, len(self.records) - 1)))

    def _find(self, in_region: str, key: str) -> Parcel | None:
        model = Parcel.in_region(in_region)
        try:
            parcel = model.get(key, consistent_read=True)
        except model.DoesNotExist:
            return None
        return None if parcel.is_tombstone else parcel

    def _record(self, home: str, key: str) -> None:
        arn = f"arn:aws:dynamodb:{home}:123456789012:table/parcels/stream/1"
        self.records.append((home, {"eventSourceARN": arn, "dynamodb": {"NewImage": stored(home, key)}}))
        self.undelivered.append(len(self.records) - 1)

    def _deliver(self, index: int) -> None:
        here, record = self.records[index]
        assert not replicator_in(here).replicate([record]).missed
        if index in self.undelivered:
            self.undelivered.remove(index)

    def _compare(self) -> None:
        for key in {record["dynamodb"]["NewImage"]["key"]["S"] for _, record in self.records}:
            home = key.partition("#")[0]
            at_home = stored(home, key)
            assert at_home is not None
            with region(home):
                expected = {
                    copy.region: copy.image for copy in copies_of(at_home, rule=RULE, topology=topology.current())
                }
            for name, image in expected.items():
                assert stored(name, key) == image, f"{name} differs from {home} in {key}"


QUICK = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TO_FAIL = settings(QUICK, max_examples=300, phases=[Phase.generate], print_blob=False)


def test_every_replica_ends_up_equal_to_its_home() -> None:
    run_state_machine_as_test(Parcels, settings=QUICK)


def test_the_property_fails_without_the_version_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    always = "attribute_not_exists(version) OR version > :version OR version <= :version"
    monkeypatch.setattr(puts, "CONDITION", always)
    with pytest.raises(AssertionError, match="differs from"):
        run_state_machine_as_test(Parcels, settings=TO_FAIL)


def test_the_property_fails_without_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HomedModel, "check_home", lambda self: None)
    with pytest.raises(AssertionError, match="differs from"):
        run_state_machine_as_test(Parcels, settings=TO_FAIL)


@pytest.fixture
def order_image() -> Iterator[dict[str, Any]]:
    yield {
        "key": {"S": "us-east-1#1"}, "home": {"S": "us-east-1"}, "version": {"N": "5"}, "write_id": {"S": "w"},
        "state": {"S": "new"}, "recipient": {"S": "Ada"}, "unheard_of": {"S": "personal, for all we know"},
    }  # fmt: skip


def as_record(image: dict[str, Any]) -> dict[str, Any]:
    return {"eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/parcels/stream/1", "dynamodb": {"NewImage": image}}


def test_a_sibling_gets_the_whole_image_and_another_jurisdiction_the_stub(order_image: dict[str, Any]) -> None:
    copies = {
        copy.region: copy.image
        for copy in plan(as_record(order_image), rules={"parcels": RULE}, topology=topology.current())
    }
    assert copies["us-west-2"] == order_image
    stub = {"key", "home", "version", "state"}
    assert set(copies["eu-west-1"]) == set(copies["eu-central-1"]) == stub


def test_a_replica_that_lands_here_is_never_sent_on(order_image: dict[str, Any]) -> None:
    order_image["home"] = {"S": "us-west-2"}
    assert plan(as_record(order_image), rules={"parcels": RULE}, topology=topology.current()) == []


def test_a_removal_by_ttl_is_not_copied() -> None:
    record = {"eventSourceARN": "arn:aws:dynamodb:us-east-1:1:table/parcels/stream/1", "dynamodb": {"Keys": {}}}
    assert plan(record, rules={"parcels": RULE}, topology=topology.current()) == []
