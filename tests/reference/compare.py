"""The project's reading of opening hours beside the reference implementation's, minute by minute."""

import json
import os
import subprocess
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from catalog import hours
from catalog.place import Place

HERE = Path(__file__).parent
FIRST, LAST = date(2026, 11, 1), date(2028, 11, 1)
MINUTES = (LAST - FIRST).days * 24 * 60

Span = tuple[int, int]
"""From and to in minutes since 1970, as the clocks on the wall show them."""


@dataclass(frozen=True)
class Answer:
    open: list[Span]
    unknown: list[Span]


class Reference:
    """One process of the reference implementation for each time zone. A context manager."""

    def __init__(self) -> None:
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._holidays: dict[tuple[str | None, str | None], frozenset[date]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._processes.values():
            process.communicate()

    def ask(self, text: str, place: Place) -> Answer | None:
        """None when it refuses the text."""
        process = self._process(place.time_zone)
        lat, lon = place.position or (0.0, 0.0)
        question = {
            "text": text, "country": place.country, "state": place.state, "lat": lat, "lon": lon,
            "from": f"{FIRST}", "to": f"{LAST}",
        }  # fmt: skip
        assert process.stdin and process.stdout
        process.stdin.write(json.dumps(question) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        if "refused" in answer:
            return None
        spans: dict[str, list[Span]] = {"open": [], "unknown": [], "close": [], "closed": []}
        for begin, end, state in answer["intervals"]:
            _add(spans[state], begin, end)
        return Answer(spans["open"], spans["unknown"])

    def holidays(self, place: Place) -> frozenset[date]:
        """What it takes for public holidays there; none where it has no list."""
        key = (place.country, place.state)
        if key not in self._holidays:
            answer = self.ask("PH 00:00-24:00", Place("Etc/UTC", place.country, place.state, place.position))
            self._holidays[key] = frozenset(
                date(1970, 1, 1) + timedelta(minutes=minute)
                for begin, end in (answer.open if answer else [])
                for minute in range(begin, end, 24 * 60)
            )
        return self._holidays[key]

    def _process(self, time_zone: str) -> "subprocess.Popen[str]":
        if time_zone not in self._processes:
            self._processes[time_zone] = subprocess.Popen(
                ["node", "intervals.mjs"],
                cwd=HERE,
                env={**os.environ, "TZ": time_zone},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._processes[time_zone]


def ours(text: str, place: Place) -> list[Span]:
    """When it is open, by the project."""
    zone = ZoneInfo(place.time_zone)
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (FIRST, LAST))
    spans: list[Span] = []
    for since, until in hours.open_spans(text, place, begin, end):
        _add(spans, _wall(since, zone), _wall(until, zone))
    return spans


def _wall(at: datetime, zone: ZoneInfo) -> int:
    return int(at.astimezone(zone).replace(tzinfo=UTC).timestamp()) // 60


def _add(spans: list[Span], begin: int, end: int) -> None:
    """At the end, joined to what it touches; an hour that clocks repeat is there once."""
    if end <= begin:
        return
    if spans and spans[-1][1] >= begin:
        spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
    else:
        spans.append((begin, end))


def without(spans: list[Span], others: list[Span]) -> list[Span]:
    """The parts of spans that are in none of the others; both in order, and not overlapping."""
    left: list[Span] = []
    first = 0
    for begin, end in spans:
        while first < len(others) and others[first][1] <= begin:
            first += 1
        since, place = begin, first
        while place < len(others) and others[place][0] < end:
            if others[place][0] > since:
                left.append((since, others[place][0]))
            since = max(since, others[place][1])
            place += 1
        if since < end:
            left.append((since, end))
    return left


def minutes(spans: list[Span]) -> int:
    return sum(end - begin for begin, end in spans)


def shown(span: Span) -> str:
    """Fri 2026-12-25 12:00 – 14:00"""
    begin, end = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=at) for at in span)
    return f"{begin:%a %Y-%m-%d %H:%M} – {end:%a %H:%M}"
