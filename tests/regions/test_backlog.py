"""What the queue reports as failed, entry by entry, is heeded: nothing counts as kept or as settled that is not."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import BotoCoreError

from regions import aws, backlog
from tests.regions.conftest import ORDERS

FAR = "eu-west-1"
pytestmark = pytest.mark.usefixtures("four_regions")


def entries(count: int) -> list[backlog.Entry]:
    return [backlog.entry(ORDERS, (f"us-east-1#{number}",), "away") for number in range(count)]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the queue refuse the second entry of every batch that has one, so many times; the others it takes."""

    def install(operation: str, *, times: int) -> None:
        original = BaseClient._make_api_call
        left = times

        def call(self: BaseClient, name: str, arguments: Any) -> Any:
            nonlocal left
            batch = arguments.get("Entries", [])
            refused = [entry for entry in batch if entry["Id"] == "1"]
            if name != operation or not refused or not left:
                return original(self, name, arguments)
            left -= 1
            taken = [entry for entry in batch if entry["Id"] != "1"]
            answer = original(self, name, {**arguments, "Entries": taken}) if taken else {}
            return {**answer, "Failed": [{"Id": "1", "SenderFault": False, "Code": "InternalError"}]}

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    return install


def test_an_entry_that_the_queue_refuses_at_first_is_handed_over_again(refuse: Callable[..., None]) -> None:
    refuse("SendMessageBatch", times=2)
    backlog.add(FAR, entries(12))
    assert backlog.count(FAR) == 12


def test_what_the_queue_does_not_take_is_told_as_a_failure_of_aws_and_what_it_took_is_marked(
    refuse: Callable[..., None],
) -> None:
    refuse("SendMessageBatch", times=100)
    with pytest.raises(BotoCoreError, match="2 entries for eu-west-1 were not taken"):
        backlog.add(FAR, entries(12))
    assert backlog.count(FAR) == 10, "one refusal does not keep the others out"
    key = {"key": {"S": backlog.mark_key(FAR)}}
    item = aws.client("dynamodb", "us-east-1").get_item(TableName=aws.OPERATIONS, Key=key)["Item"]
    assert set(backlog.marks_of(item)) == {ORDERS}


def test_an_entry_that_the_queue_does_not_let_go_of_at_first_is_let_go_of_again(refuse: Callable[..., None]) -> None:
    backlog.add(FAR, entries(5))
    received = backlog.receive(FAR)
    refuse("DeleteMessageBatch", times=1)
    backlog.settle(FAR, received)
    assert backlog.count(FAR) == 0


def test_what_the_queue_never_lets_go_of_comes_again_and_is_no_failure(
    refuse: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    backlog.add(FAR, entries(5))
    refuse("DeleteMessageBatch", times=100)
    backlog.settle(FAR, backlog.receive(FAR))
    assert backlog.count(FAR) == 1
    assert "entries not let go of" in caplog.text
