"""The rule that a record is written at home only, on every way that PynamoDB has of writing."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.transactions import TransactWrite

from catalog.models import Availability
from core import clock
from core.errors import Conflict, WrongRegion
from regions.models import MASTER
from tests.factories import make_restaurant


def here(**values: Any) -> Availability:
    return Availability(key="us-east-1#a", home="us-east-1", restaurant="a", **values)


def abroad() -> Availability:
    return Availability(key="eu-west-1#a", home="eu-west-1", restaurant="a", version=1)


def transact(write: Callable[[TransactWrite], None]) -> None:
    with TransactWrite(connection=Connection(region="us-east-1")) as transaction:
        write(transaction)


WAYS: dict[str, Callable[[], Any]] = {
    "save": lambda: abroad().save(),
    "update": lambda: abroad().update([Availability.restaurant.set("b")]),
    "delete": lambda: abroad().delete(),
    "transact save": lambda: transact(lambda t: t.save(abroad())),
    "transact update": lambda: transact(lambda t: t.update(abroad(), [Availability.restaurant.set("b")])),
    "transact delete": lambda: transact(lambda t: t.delete(abroad())),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_write_is_refused_outside_the_home_before_anything_is_sent(tables: None, calls: list[str], way: str) -> None:
    calls.clear()
    with pytest.raises(WrongRegion) as refusal:
        WAYS[way]()
    assert refusal.value.home == "eu-west-1"
    assert calls == []


def stored() -> Availability:
    return here(version=1)


FORGED: dict[str, Callable[[], Any]] = {
    "a key of another region, saved": lambda: Availability(key="eu-west-1#a", home="us-east-1", restaurant="a").save(),
    "a key of another region, updated": lambda: Availability(
        key="eu-west-1#a", home="us-east-1", restaurant="a", version=1
    ).update([Availability.restaurant.set("b")]),
    "a key of another region, in a transaction": lambda: transact(
        lambda t: t.save(Availability(key="eu-west-1#a", home="us-east-1", restaurant="a"))
    ),
    "a key without a region": lambda: Availability(key="a", home="us-east-1", restaurant="a").save(),
    "the master's home outside the catalogue": lambda: Availability(key="master#a", home=MASTER, restaurant="a").save(),
    "a region's home in the catalogue": lambda: make_restaurant(home="us-east-1").save(),
    "another home by an update": lambda: stored().update([Availability.home.set("eu-west-1")]),
    "another home in a transaction": lambda: transact(
        lambda t: t.update(stored(), [Availability.restaurant.set("b"), Availability.home.set("eu-west-1")])
    ),
    "no home": lambda: stored().update([Availability.home.remove()]),
    "another version": lambda: stored().update([Availability.version.set(7)]),
    "saved without the condition": lambda: here().save(add_version_condition=False),  # type: ignore[call-arg]
    "updated without the condition": lambda: stored().update(
        [Availability.restaurant.set("b")],
        add_version_condition=False,  # type: ignore[call-arg]
    ),
    "updated without the condition in a transaction": lambda: transact(
        lambda t: t.update(stored(), [Availability.restaurant.set("b")], add_version_condition=False)
    ),
}


@pytest.mark.parametrize("way", FORGED)
def test_key_home_and_condition_are_one_rule(tables: None, calls: list[str], way: str) -> None:
    calls.clear()
    with pytest.raises(TypeError):
        FORGED[way]()
    assert calls == []


def test_a_batch_write_is_refused_everywhere(tables: None) -> None:
    with pytest.raises(TypeError, match="no conditions"):
        Availability.batch_write()


def test_a_record_is_buried_not_deleted(tables: None) -> None:
    record = here()
    record.save()
    with pytest.raises(TypeError, match="bury"):
        record.delete()


def test_a_version_is_the_time_and_never_falls(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now_ms", lambda: 1_000)
    record = here()
    record.save()
    assert record.version == 1_000
    monkeypatch.setattr(clock, "now_ms", lambda: 400)  # the clock was set back
    record.update([Availability.restaurant.set("b")])
    assert record.version == 1_001


def test_a_second_creation_is_a_conflict(tables: None) -> None:
    here().save()
    with pytest.raises(Conflict):
        here().save()


def test_a_change_of_what_changed_since_it_was_read_is_a_conflict(tables: None) -> None:
    here().save()
    mine, yours = Availability.get("us-east-1#a"), Availability.get("us-east-1#a")
    yours.update([Availability.restaurant.set("yours")])
    with pytest.raises(Conflict):
        mine.update([Availability.restaurant.set("mine")])
    assert Availability.get("us-east-1#a").restaurant == "yours"


def test_our_own_write_that_a_retry_sent_twice_has_worked(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first answer is lost, the retry meets the record that the first attempt wrote."""
    record = here()
    connection = Availability._get_connection()
    original = type(connection).put_item

    def twice(self: Any, *arguments: Any, **details: Any) -> Any:
        original(self, *arguments, **details)
        return original(self, *arguments, **details)

    monkeypatch.setattr(type(connection), "put_item", twice)
    record.save()
    assert Availability.get("us-east-1#a").write_id == record.write_id


def test_a_tombstone_keeps_key_home_version_and_times(tables: None) -> None:
    record = here(paused={"value": True, "changed_at": 1})
    record.save()
    version = record.version
    record.bury()
    record.save()
    stored = Availability.get("us-east-1#a")
    assert set(stored.serialize(null_check=False)) == {"key", "home", "version", "write_id", "deleted_at", "expires_at"}
    assert stored.version > version
    assert stored.expires_at == pytest.approx((stored.deleted_at - clock.offset_ms()) / 1000 + 90 * 86_400, abs=2)


def test_what_was_buried_can_be_made_again_with_a_higher_version(tables: None) -> None:
    record = here()
    record.save()
    record.bury()
    record.save()
    buried = record.version
    again = here()
    while clock.now_ms() <= buried:
        pass
    again.save()
    assert again.version > buried
    assert not Availability.get("us-east-1#a").is_tombstone


def test_a_tombstone_is_under_the_versions_condition_too(tables: None) -> None:
    here().save()
    mine, yours = Availability.get("us-east-1#a"), Availability.get("us-east-1#a")
    yours.update([Availability.restaurant.set("yours")])
    mine.bury()
    with pytest.raises(Conflict):
        mine.save()


def test_the_catalogue_is_written_by_the_master_only(tables: None, acting_as: Any) -> None:
    restaurant = make_restaurant()
    assert restaurant.home == MASTER
    with acting_as("eu-west-1"), pytest.raises(WrongRegion) as refusal:
        restaurant.save()
    assert refusal.value.home == "us-east-1"


def test_another_error_of_the_store_is_not_taken_for_a_conflict(tables: None) -> None:
    record = here()
    record.key = "us-east-1#" + "a" * 3000  # longer than any key may be
    with pytest.raises(PutError):
        record.save()


def test_a_store_that_does_not_answer_is_told_as_such(tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Availability(key="us-east-1#r", home="us-east-1", restaurant="r")
    record.save()

    def silence(*_: Any, **__: Any) -> None:
        raise ReadTimeoutError(endpoint_url="http://127.0.0.1")

    monkeypatch.setattr(Connection, "_make_api_call", silence)
    with pytest.raises(UpdateError):
        record.update([Availability.paused.set(True)])
    with pytest.raises(PutError):
        Availability(key="us-east-1#other", home="us-east-1", restaurant="other").save()
