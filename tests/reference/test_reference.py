"""Opening hours read as the reference implementation reads them, npm's `opening_hours`, in every minute of two years.

Or otherwise, for a reason that `reasons` has. `make proofs-hours` runs this, and installs the reference beside this file.
"""

import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import hours
from catalog.cities import CITIES
from catalog.countries import COUNTRIES
from catalog.hours_days import public_holidays
from catalog.imports import osm
from catalog.place import Place
from tests.catalog import hours_grammar
from tests.catalog.test_osm import REAL
from tests.reference import holiday_lists
from tests.reference.compare import FIRST, LAST, MINUTES, Reference, minutes, ours, shown, without
from tests.reference.reasons import Case, reason_for

EXAMPLES = int(os.environ.get("FFT_EXAMPLES", "400"))
STATES = {"new-york": "NY", "chicago": "IL", "toronto": "ON", "montreal": "QC", "london": "ENG", "berlin": "BE", "munich": "BY",
          "madrid": "MD", "zurich": "ZH"}  # fmt: skip
PLACES = [
    Place(city.time_zone, city.country, STATES.get(city.slug), (city.latitude, city.longitude)) for city in CITIES
]

pytestmark = [
    pytest.mark.proof,
    pytest.mark.timeout(7200),
    pytest.mark.skipif(not shutil.which("npm"), reason="Node and npm are not installed: nothing to compare with"),
]


@pytest.fixture(scope="module")
def reference() -> Iterator[Reference]:
    subprocess.run(["npm", "ci", "--silent"], cwd=Path(__file__).parent, check=True)
    with Reference() as reference:
        yield reference


class Comparison:
    """Counts what was compared, and minutes by the reason for which they differ."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.strings = self.equal = self.refused = 0
        self.minutes: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.unexplained: list[str] = []

    def add(self, given: str, understood: str, place: Place) -> None:
        # What people write in their words, the reference guesses at: “17:00-20:00, lun-ven” is every day, and Mon–Fri, to it.
        is_osm = hours.understood(given) is not None
        answer = (self.reference.ask(given, place) if is_osm else None) or self.reference.ask(understood, place)
        if answer is None:
            self.refused += 1
            return
        self.strings += 1
        open_here = ours(understood, place)
        case = Case(understood, place, answer, open_here, self.reference.holidays(place))
        differences = [*without(open_here, answer.open), *without(answer.open, open_here)]
        by_reason: Counter[str] = Counter()
        for span in differences:
            reason = reason_for(case, span)
            if reason:
                by_reason[reason] += minutes([span])
            else:
                side = "here" if case.is_ours(span) else "there"
                self.unexplained.append(f"{given} → {understood} ({place}): open {side} only, {shown(span)}")
                break
        self.minutes += by_reason
        self.texts.update(by_reason.keys())
        self.equal += not differences

    def __str__(self) -> str:
        total = self.strings * MINUTES
        lines = [
            f"{self.strings} strings, {total:,} minutes compared, {self.equal} strings equal in all of them; "
            f"{self.refused} that only we read"
        ]
        lines += [
            f"  {count:>12,} minutes in {self.texts[reason]:>4} strings: {reason}"
            for reason, count in self.minutes.most_common()
        ]
        return "\n".join(lines)


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"the real OpenStreetMap files are not at {REAL}; say where with FFT_OSM_DATA"
)
def test_real_hours_are_read_alike(reference: Reference) -> None:
    comparison = Comparison(reference)
    readings = [osm.read(path.read_text()) for path in sorted(REAL.glob("*.json"))]
    cases = {
        (
            reading.hours_given[str(restaurant.id)],
            restaurant.place.time_zone,
            restaurant.country,
            restaurant.state,
        ): restaurant
        for reading in readings
        for restaurant in reading.restaurants
        if restaurant.opening_hours
    }
    for (text, *_), restaurant in cases.items():
        comparison.add(text, str(restaurant.opening_hours), restaurant.place)
    print(f"\n{comparison}")  # noqa: T201
    assert not comparison.unexplained, "\n".join(comparison.unexplained)


def test_made_up_hours_are_read_alike(reference: Reference) -> None:
    comparison, seen = Comparison(reference), set()

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(hours_grammar.texts(), st.sampled_from(PLACES))
    def made_up(text: str, place: Place) -> None:
        understood = hours.understood(text)
        if understood and (understood, place) not in seen:
            seen.add((understood, place))
            comparison.add(understood, understood, place)

    made_up()
    print(f"\n{comparison}")  # noqa: T201
    assert not comparison.unexplained, "\n".join(comparison.unexplained)


def test_holidays_differ_as_listed(reference: Reference) -> None:
    names = [*holiday_lists.DIFFERENCES, *holiday_lists.EQUAL, *holiday_lists.NOT_THERE]
    assert {name[:2] for name in names} == set(COUNTRIES)
    for name in names:
        country, _, state = name.partition(" ")
        theirs = reference.holidays(Place("Etc/UTC", country, state or None))
        years = range(FIRST.year, LAST.year + 1)
        here = {day for year in years for day in public_holidays(country, state or None, year) if FIRST <= day < LAST}
        if name in holiday_lists.NOT_THERE:
            assert not theirs
        else:
            told = tuple(" ".join(str(day) for day in sorted(days)) for days in (here - theirs, theirs - here))
            assert told == holiday_lists.DIFFERENCES.get(name, ("", ""))[:2], name
