"""The checker of histories: it lets pass what is possible, and nothing else."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.status import Status
from tests.histories import Operation, Seen, linearizable, monotonic, one_truth

PLACED, ACCEPTED, READY, CANCELLED = Status.PLACED, Status.ACCEPTED, Status.READY, Status.CANCELLED


def read(began: float, ended: float, status: Status) -> Operation:
    return Operation(began, ended, status)


def write(began: float, ended: float, status: Status) -> Operation:
    return Operation(began, ended, status, is_write=True)


@pytest.mark.parametrize(
    ("history", "possible"),
    [
        ([], True),
        ([read(0, 1, PLACED)], True),
        ([read(0, 1, ACCEPTED)], False),  # nobody has accepted it
        ([write(0, 1, ACCEPTED), read(2, 3, ACCEPTED)], True),
        ([write(0, 1, ACCEPTED), read(2, 3, PLACED)], False),  # a stale read
        ([write(0, 4, ACCEPTED), read(1, 2, PLACED)], True),  # while it was being written
        ([write(0, 4, ACCEPTED), read(1, 2, ACCEPTED), read(3, 3.5, PLACED)], False),  # seen, and gone again
        ([write(0, 4, ACCEPTED), read(1, 3, ACCEPTED), read(2, 3.5, PLACED)], True),  # these two overlap
        ([write(0, 1, ACCEPTED), write(0.5, 2, CANCELLED)], False),  # both won: an accepted order cannot be cancelled
        ([write(0, 1, ACCEPTED), write(0.5, 2, READY)], True),
        ([write(2, 3, ACCEPTED), write(0, 1, READY)], False),  # the wrong way round
        ([write(0, math.inf, ACCEPTED), read(5, 6, PLACED)], True),  # no answer: it may not have happened,
        ([write(0, math.inf, ACCEPTED), read(5, 6, PLACED), read(7, 8, ACCEPTED)], True),  # or have happened late,
        ([write(0, math.inf, ACCEPTED), read(5, 6, ACCEPTED), read(7, 8, PLACED)], False),  # but not be undone,
        ([write(5, math.inf, ACCEPTED), read(1, 2, ACCEPTED)], False),  # nor have happened before it was asked for
        ([read(0, math.inf, READY)], True),  # a read without an answer says nothing
    ],
)
def test_a_history_is_possible_or_not(history: list[Operation], possible: bool) -> None:
    assert linearizable(history) is possible


@settings(max_examples=100, deadline=None, database=None)
@given(data=st.data())
def test_what_really_happened_is_possible_and_a_stale_read_after_it_is_not(data: st.DataObject) -> None:
    """Operations that each take effect at one moment, stretched around it at random."""
    life = [ACCEPTED, Status.PREPARING, READY, Status.COLLECTED]
    written = data.draw(st.integers(1, len(life)))
    stretch = st.floats(0, 2.5, allow_nan=False)
    history, status = [], PLACED
    for moment in range(1, written + 1):
        for late in data.draw(st.lists(st.floats(0.1, 0.9), max_size=3)):
            history.append(read(moment - 1 + late - data.draw(stretch), moment - 1 + late + data.draw(stretch), status))
        status = life[moment - 1]
        ended = data.draw(st.one_of(st.just(math.inf), stretch.map(lambda x, moment=moment: moment + x)))
        history.append(write(moment - data.draw(stretch), ended, status))
    assert linearizable(history)
    closed = [replace_end(operation, written + 5.0) for operation in history]
    assert not linearizable([*closed, read(written + 6, written + 7, PLACED)])


def replace_end(operation: Operation, at: float) -> Operation:
    return Operation(operation.began, min(operation.ended, at), operation.status, operation.is_write)


def test_a_session_that_goes_back_is_seen() -> None:
    assert monotonic([])
    assert monotonic([Seen(1, PLACED), Seen(1, PLACED), Seen(3, ACCEPTED)])
    assert not monotonic([Seen(1, PLACED), Seen(3, ACCEPTED), Seen(2, PLACED)])


def test_a_version_that_means_two_things_is_seen() -> None:
    assert one_truth([Seen(1, PLACED), Seen(3, ACCEPTED), Seen(1, PLACED)])
    assert not one_truth([Seen(1, PLACED), Seen(1, CANCELLED)])
