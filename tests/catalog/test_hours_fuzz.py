"""Whatever is given as hours is understood or not: nothing else happens, and soon.

`make proofs-hours` runs it. `FFT_EXAMPLES=20000` takes so many texts of each kind, `FFT_SECONDS=600` goes on for so long.
"""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import hours, hours_words
from catalog.imports.hours_text import reading
from catalog.place import Place
from tests.catalog import hours_grammar

EXAMPLES = int(os.environ.get("FFT_EXAMPLES", "2000"))
SECONDS = int(os.environ.get("FFT_SECONDS", "0"))
SLOWEST_SECONDS = 1.0
PLACES = (
    Place("Europe/Paris", "FR", None, (48.85, 2.35)),
    Place("Europe/Berlin", "DE", "BY", (48.14, 11.58)),
    Place("America/New_York", "US", "NY", (40.71, -74.01)),
    Place("Arctic/Longyearbyen", "NO", None, (78.22, 15.65)),  # no sunrise in winter, no sunset in summer
    Place("Australia/Lord_Howe", "AU", "NSW", (-31.55, 159.08)),
    Place("Asia/Kathmandu"),
)

OSM_WORDS = (
    "Mo", "Tu", "We", "Th", "Fr", "Sa", "Su", "mo", "PH", "SH", "Jan", "Feb", "Sep", "Dec", "Feb 29", "Dec 25",
    "Dec 24-Jan 02", "week 01-53/2", "week 53", "easter", "easter -2 days", "+1 day", "2026", "2026-2028", "2100+",
    "[1]", "[-1]", "[1-3,5]", "10:00", "12:00-14:00", "22:00-04:00", "18:00-26:00", "48:00", "00:00-24:00", "17:00+",
    "10:00-18:00+", "24/7", "sunrise", "sunset", "dawn", "dusk", "(sunset-01:30)", "10:00-16:00/01:30", "off",
    "closed", "open", "unknown", '"by appointment"', '"', '"a; b"', ",", ", ", ";", "; ", "||", " || ", "-", "–", " ",
    ":", "+", "/", "(", ")", "0", "7", "99999999999999999999", "\u202e", "\x00", "é", "🍕",
)  # fmt: skip
PEOPLES_WORDS = (
    "Monday", "Mon", "Tues", "lundi", "Montag", "So", "Di", "daily", "every day", "täglich", "tous les jours", "am",
    "pm", "a.m.", "Uhr", "h", "heures", "noon", "midnight", "11", "11:30", "9.30", "11h30", "1130", "closed",
    "Ruhetag", "fermé", "to", "bis", "à", "until", "and", "&", "/", "-", "–", "--", ",", ";", "|", "\n", ".", ":",
    " ", "holidays", "Feiertage", "sauf", "except", "(", ")",
)  # fmt: skip


def soup(words: tuple[str, ...]) -> st.SearchStrategy[str]:
    parts = st.lists(st.sampled_from(words) | st.text(max_size=3), max_size=40)
    return st.builds(lambda joint, parts: joint.join(parts), st.sampled_from(["", " "]), parts)


def repeated(text: str, times: int) -> str:
    """As long as a text may be, and a bit longer."""
    return (text * times)[: hours.MAX_CHARACTERS + 1]


def look(text: str, place: Place, at: datetime) -> None:
    """Everything that is done with hours, one after the other, none of it slow."""
    steps: list[Callable[[], Any]] = [
        lambda: reading.osm_hours(text),
        lambda: hours.understood(text),
        lambda: hours.is_open(text, place, at),
        lambda: hours.next_change(text, place, at),
        lambda: hours.week(text, place, at.date()),
        lambda: hours.open_spans(text, place, at, at + timedelta(days=8)),
        lambda: hours_words.told(text),
    ]
    for step in steps:
        began = time.process_time()
        step()
        assert time.process_time() - began < SLOWEST_SECONDS


def is_told_alike(text: str, place: Place, at: datetime) -> None:
    """What answers from the same hours gives the same answer."""
    spans = hours.open_spans(text, place, at, at + timedelta(days=8))
    assert hours.is_open(text, place, at) == any(begin <= at < end for begin, end in spans)
    change = hours.next_change(text, place, at)
    assert change is None or change > at
    understood = hours.understood(text)
    assert understood is None or hours.understood(understood) == understood


moments = st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)).map(  # noqa: DTZ001
    lambda naive: naive.replace(second=0, microsecond=0, tzinfo=UTC)
)


@pytest.mark.proof
@pytest.mark.timeout(SECONDS + 3600)
@pytest.mark.parametrize(
    "given_texts",
    [soup(OSM_WORDS), soup(PEOPLES_WORDS), hours_grammar.texts()],
    ids=["words of OpenStreetMap", "words of people", "by the grammar"],
)
def test_any_text_is_understood_or_not_and_soon(given_texts: st.SearchStrategy[str]) -> None:
    long = st.builds(repeated, given_texts, st.sampled_from([1, 1, 1, 50]))
    count = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not SECONDS,
        suppress_health_check=list(HealthCheck),
    )
    @given(long, st.sampled_from(PLACES), moments)
    def any_text(text: str, place: Place, at: datetime) -> None:
        nonlocal count
        count += 1
        look(text, place, at)
        is_told_alike(text, place, at)

    began = time.monotonic()
    any_text()
    while time.monotonic() - began < SECONDS / 3:
        any_text()
    print(f"{count} texts")  # noqa: T201
