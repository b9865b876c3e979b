"""Hours that depend on where the restaurant is, and days for which several rules are said."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog import hours, hours_days
from catalog.hours_rules import meant
from catalog.place import Place

BERLIN = Place("Europe/Berlin", "DE", "BE", (52.521, 13.407))
BAVARIA = Place("Europe/Berlin", "DE", "BY", (48.137, 11.575))
SAARLAND = Place("Europe/Berlin", "DE", "SL")
GERMANY = Place("Europe/Berlin", "DE")
LISBON = Place("Europe/Lisbon", "PT", "11", (38.7223, -9.1393))
QUEBEC = Place("America/Toronto", "CA", "QC")
ONTARIO = Place("America/Toronto", "CA", "ON")
NEW_YORK = Place("America/New_York", "US", "NY", (40.7306, -73.9866))
MADRID = Place("Europe/Madrid", "ES", "MD")
CATALONIA = Place("Europe/Madrid", "ES", "CT")
ZURICH = Place("Europe/Zurich", "CH", "ZH")
TICINO = Place("Europe/Zurich", "CH", "TI")
UTC_ONLY = Place("Etc/UTC")


def on(text: str, day: str, place: Place = UTC_ONLY) -> str:
    """When it is open on a day: `11:30-14:30 18:00-02:00`, with “+” where the end is open."""
    (_, spans), *_ = hours.week(text, place, date.fromisoformat(day))
    return " ".join(f"{begin:%H:%M}-{end:%H:%M}{'+' if plus else ''}" for begin, end, plus in spans)


def at(text: str, moment: str, place: Place) -> bool:
    return hours.is_open(text, place, datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(place.time_zone)))


@pytest.mark.parametrize(
    ("text", "place", "day", "expected"),
    [
        ("Mo-Su 10:00-23:00; PH off", LISBON, "2026-12-01", ""),
        ("Mo-Su 10:00-23:00; PH off", BERLIN, "2026-12-01", "10:00-23:00"),
        ("Mo-Sa 11:00-23:00; Su,PH 12:00-22:00", BERLIN, "2026-12-25", "12:00-22:00"),
        ("Mo-Sa 11:00-23:00; Su,PH 12:00-22:00", BERLIN, "2026-12-24", "11:00-23:00"),
        ("Mo-Sa 11:00-23:00; Su,PH 12:00-22:00", BERLIN, "2026-12-27", "12:00-22:00"),
        ("Mo-Su 10:00-23:00; PH 12:00-22:00", BERLIN, "2026-12-25", "12:00-22:00"),
        # The states differ; where the state is not known, the holidays of the whole country count.
        ("Mo-Su 10:00-23:00; PH off", BAVARIA, "2026-01-06", ""),
        ("Mo-Su 10:00-23:00; PH off", BERLIN, "2026-01-06", "10:00-23:00"),
        ("Mo-Su 10:00-23:00; PH off", GERMANY, "2026-01-06", "10:00-23:00"),
        ("Mo-Su 10:00-23:00; PH off", GERMANY, "2026-10-03", ""),
        ("Mo-Su 10:00-23:00; PH off", Place("Europe/Berlin", "DE", "??"), "2026-10-03", ""),
        ("Mo-Su 10:00-23:00; PH off", BERLIN, "2026-03-08", ""),  # a Sunday, and Women's Day
        ("Mo-Su 10:00-23:00; PH off", BAVARIA, "2026-08-15", ""),  # a Saturday, in most of its municipalities
        ("Mo-Su 10:00-23:00; PH off", BERLIN, "2026-08-15", "10:00-23:00"),
        (
            "Mo-Su 10:00-23:00; PH off",
            Place("America/Chicago", "US", "TX"),
            "2026-04-21",
            "10:00-23:00",
        ),  # its offices rest
        ("Mo-Su 10:00-23:00; PH off", QUEBEC, "2026-06-24", ""),
        ("Mo-Su 10:00-23:00; PH off", ONTARIO, "2026-06-24", "10:00-23:00"),
        ("Mo-Su 10:00-23:00; PH off", NEW_YORK, "2026-07-04", ""),
        ("Mo-Su 10:00-23:00; PH off", ONTARIO, "2026-07-04", "10:00-23:00"),
        ("Mo-Su 10:00-23:00; PH off", CATALONIA, "2026-09-11", ""),
        ("Mo-Su 10:00-23:00; PH off", MADRID, "2026-09-11", "10:00-23:00"),
        ("Mo-Su 10:00-23:00; PH off", TICINO, "2026-06-29", ""),
        ("Mo-Su 10:00-23:00; PH off", ZURICH, "2026-06-29", "10:00-23:00"),
        # Wherever it stands, a holiday is instead of the day of the week, and a date instead of the holiday.
        ("PH off; Mo-Su 10:00-23:00", BERLIN, "2026-12-25", ""),
        ("Su,PH 12:00-20:00; Mo-Sa 10:00-22:00", BERLIN, "2026-12-25", "12:00-20:00"),
        ("Mo-Fr 10:00-20:00, PH 12:00-18:00", BERLIN, "2026-12-25", "12:00-18:00"),
        ("Mo-Fr 10:00-20:00, PH off", BERLIN, "2026-12-25", ""),
        ("Mo-Su,PH 10:00-20:00", BERLIN, "2026-12-25", "10:00-20:00"),
        ("Dec 25 12:00-15:00; Mo-Su 10:00-20:00; PH off", BERLIN, "2026-12-25", "12:00-15:00"),
        ("Dec 25 12:00-15:00; Mo-Su 10:00-20:00; PH off", BERLIN, "2026-12-26", ""),
        ("Apr 1-Sep 30 10:00-22:00; Oct 1-Mar 31 11:00-21:00; PH off", BERLIN, "2026-05-01", ""),
        ("Mo-Su 10:00-22:00; Aug off; PH 12:00-20:00", SAARLAND, "2026-08-15", "12:00-20:00"),
        ("PH 12:00-20:00; Mo-Su 10:00-22:00; Aug off", SAARLAND, "2026-08-15", ""),
        # Holidays that are days of the week, and days beside holidays.
        ("Mo-Su 10:00-20:00; PH Mo-Fr off", BERLIN, "2026-12-25", ""),
        ("Mo-Su 10:00-20:00; PH Mo-Fr off", BERLIN, "2026-12-26", "10:00-20:00"),
        ("Mo-Su 10:00-20:00; PH -1 day 10:00-14:00", BERLIN, "2026-12-24", "10:00-14:00"),
        ("Mo-Su 10:00-20:00; PH +1 day off", BERLIN, "2027-01-02", ""),
        ("Mo-Su 10:00-20:00; Jan-Mar PH off", BERLIN, "2026-12-25", "10:00-20:00"),
        ("Mo-Su 10:00-20:00; Jan-Mar PH off", BERLIN, "2027-01-01", ""),
        ("Mo-Fr 10:00-20:00 || PH 12:00-14:00", BERLIN, "2026-12-25", "10:00-20:00"),
        ("Mo-Fr 10:00-20:00 || PH 12:00-14:00", BERLIN, "2026-12-26", "12:00-14:00"),
    ],
)
def test_public_holidays_are_those_of_the_place(text: str, place: Place, day: str, expected: str) -> None:
    assert hours.readable(text)
    assert on(text, day, place) == expected


def test_a_night_goes_on_into_a_holiday_and_a_holiday_past_midnight() -> None:
    nightly = "Mo-Su 18:00-02:00; PH off"
    assert at(nightly, "2027-01-01 01:00", BERLIN), "the night of New Year's Eve"
    assert not at(nightly, "2027-01-01 19:00", BERLIN)
    assert not at(nightly, "2027-01-02 01:00", BERLIN), "the night of New Year's Day"
    late = "Mo-Su 12:00-22:00; PH 18:00-03:00"
    assert at(late, "2026-12-27 02:00", BERLIN), "the second day of Christmas, past midnight"
    assert not at(late, "2026-12-28 02:00", BERLIN)
    eve = datetime(2026, 12, 31, 20, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(hours.next_change(nightly, BERLIN, eve)) == "2027-01-01 02:00:00+01:00"
    assert str(hours.next_change(nightly, BERLIN, eve + timedelta(hours=7))) == "2027-01-02 18:00:00+01:00"


def test_all_countries_that_are_served_have_holidays() -> None:
    from catalog.countries import COUNTRIES

    assert [country for country in COUNTRIES if len(hours_days.public_holidays(country, None, 2026)) < 3] == []
    assert hours_days.public_holidays(None, None, 2026) == frozenset()


def test_the_package_of_holidays_is_not_loaded_for_hours_without_them() -> None:
    script = (
        "import sys; from catalog import hours; from catalog.place import Place; from core import clock;"
        "hours.is_open('Mo-Su 10:00-20:00', Place('Europe/Berlin', 'DE', 'BE'), clock.now());"
        "sys.exit('holidays' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("text", "place", "day", "expected"),
    [
        ("Mo-Su 10:00-sunset", BERLIN, "2026-06-21", "10:00-21:33"),
        ("Mo-Su 10:00-sunset", BERLIN, "2026-12-21", "10:00-15:54"),
        ("Mo-Su sunrise-12:00", NEW_YORK, "2026-06-21", "05:25-12:00"),
        ("Mo-Su (sunset-01:00)-23:30", BERLIN, "2026-06-21", "20:33-23:30"),
        ("sunset-02:00; Mo off", BERLIN, "2026-12-20", "15:54-02:00"),
        ("Mo-Su 10:00-sunset", Place("Europe/Oslo", "NO", None, (69.65, 18.95)), "2026-06-21", "10:00-00:00"),
        ("Mo-Su 10:00-sunset", Place("Europe/Oslo", "NO", None, (69.65, 18.95)), "2026-12-21", ""),
        ("Mo-Su 10:00-sunset", GERMANY, "2026-06-21", ""),  # nobody knows when
    ],
)
def test_the_sun_is_that_of_the_place(text: str, place: Place, day: str, expected: str) -> None:
    def minutes(spans: str) -> list[int]:
        return [int(t[:2]) * 60 + int(t[3:]) for span in spans.split() for t in span.split("-")]

    told = minutes(on(text, day, place))
    assert len(told) == len(minutes(expected))
    assert all(abs(a - b) <= 3 for a, b in zip(told, minutes(expected), strict=True)), on(text, day, place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 10:00-20:00; SH Mo-Fr 10:00-18:00", "10:00-18:00"),
        ("Mo-Fr 16:00-20:00; SH 10:00-20:00", "16:00-20:00"),
        ("Mo,SH 12:00-22:00", "12:00-22:00"),
        ("Mo-Su 10:00-20:00; SH,PH 12:00-14:00,18:00-22:00", "12:00-14:00 18:00-20:00"),
        ("Mo-Su 10:00-20:00; SH Tu off", "10:00-20:00"),
    ],
)
def test_of_school_holidays_only_what_holds_in_and_outside_of_them_is_known(text: str, expected: str) -> None:
    assert hours.readable(text)
    assert on(text, "2026-11-23") == expected


@pytest.mark.parametrize(
    "text", ["SH Mo 10:00-12:00", "Mo-Fr 10:00-20:00; SH off", "SH off; Mo-Su 10:00-20:00", "SH 24/7"]
)
def test_hours_that_all_depend_on_school_holidays_are_not_known(text: str) -> None:
    assert not hours.readable(text)
    assert on(text, "2026-11-23") == "", "stored before that was known"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Two rules for the same days are both meant where the first would be said in vain, and do not overlap.
        ("Mo-Fr 11:00-14:00; Mo-Fr 17:00-22:00", "11:00-14:00 17:00-22:00"),
        ("11:00-14:00; 17:00-22:00", "11:00-14:00 17:00-22:00"),
        ("We-Su,Mo 12:00-14:30; Mo-Su 18:00-22:30", "12:00-14:30 18:00-22:30"),
        ("Mo 08:00-10:00; Mo 12:00-14:00; Mo 18:00-20:00", "08:00-10:00 12:00-14:00 18:00-20:00"),
        ("Nov 11:00-14:00; Nov 17:00-22:00", "11:00-14:00 17:00-22:00"),
        ("Mo-Fr 11:00-14:00; Mo-Fr 13:00-22:00", "13:00-22:00"),
        ("Mo-Su 11:00-14:00; Mo 17:00-22:00", "17:00-22:00"),
        ("Mo-Fr 11:00-14:00; Sa-Mo 17:00-22:00", "17:00-22:00"),
        ("Mo 11:00-14:00; Mo off", ""),
        ("Mo-Fr sunset-23:00; Mo-Fr 11:00-14:00", "11:00-14:00"),
        # “off” with times takes these away, “unknown” is not open.
        ("Mo-Su 10:00-20:00; Mo 14:00-16:00 off", "10:00-14:00 16:00-20:00"),
        ("Mo-Su 10:00-20:00, Mo 14:00-16:00 unknown", "10:00-14:00 16:00-20:00"),
        ('Mo-Su 10:00-20:00; Mo 14:00-16:00 unknown "ask"', ""),
        ("Mo-Fr 10:00-14:00, Mo 12:00-16:00", "10:00-16:00"),
        ("Tu 10:00-14:00 || 12:00-16:00", "12:00-16:00"),
        ("Mo off || 12:00-16:00", ""),
        # An open end: it is known that it begins.
        ("Mo 17:00+", "17:00-21:00+"),
        ("Mo 22:00+", "22:00-02:00+"),
        ("Mo 11:00-14:00,17:00-22:00+", "11:00-14:00 17:00-22:00+"),
        ("Mo 11:00+; Mo 14:00-20:00", "14:00-20:00"),
        ("Mo 11:00+,14:00-20:00", "11:00-20:00"),
        ("Mo 18:00-02:00+", "18:00-02:00+"),
    ],
)
def test_several_rules_for_a_day(text: str, expected: str) -> None:
    assert hours.readable(text)
    assert on(text, "2026-11-23") == expected  # a Monday


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Mo-Sa 18:00-02:00; Nov 29 off", "2026-11-29 01:00"),  # a night beside a date
        ("Apr-Nov Mo-Su 18:00-02:00; Dec-Mar 12:00-20:00", "2026-12-01 01:00"),  # from one season into the next
        ("Sa 18:00-02:00 || 12:00-20:00", "2026-11-29 01:00"),
        ("Sa 20:00-04:00; week 48 Su 12:00-18:00", "2026-11-29 03:30"),
        ('Fr-Sa 18:00-02:00; Su unknown "ask"', "2026-11-29 01:00"),
    ],
)
def test_a_night_stays_whole_whatever_is_said_of_the_next_day(text: str, moment: str) -> None:
    assert at(text, moment, UTC_ONLY)


def test_a_day_that_is_closed_has_no_night() -> None:
    assert not at("Mo-Su 18:00-02:00; Nov 28 off", "2026-11-29 01:00", UTC_ONLY)
    assert not at("Apr-Nov 18:00-02:00", "2026-12-02 01:00", UTC_ONLY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Su 12:00-15:00, 18:00-23:00", "Mo-Su 12:00-15:00,18:00-23:00"),
        ("Mo-Fr 11:30-14:30 17:30-22:00", "Mo-Fr 11:30-14:30,17:30-22:00"),
        ("Mo-Fr 10:00-20:00 Sa 10:00-14:00", "Mo-Fr 10:00-20:00; Sa 10:00-14:00"),
        ("Mo-Fr 10:00-20:00 Sa off PH off", "Mo-Fr 10:00-20:00; Sa off; PH off"),
        ("Mo-Fr10:00-20:00", "Mo-Fr 10:00-20:00"),
        ("Mo-Fr 10:00-20:00,Sa 10:00-14:00", "Mo-Fr 10:00-20:00, Sa 10:00-14:00"),
        ("Mo–Fr: 9:00 – 17:00 ;", "Mo-Fr 09:00-17:00"),
        ("mo - fr 10:00 -20:00 ; ; SA closed", "Mo-Fr 10:00-20:00; Sa off"),
        ("Mo-Fr 24/7", "Mo-Fr 00:00-24:00"),
        ("Mo 17:00 +", "Mo 17:00+"),
        ("Tu-Su 12:00-14:00;Dec 24 - Jan 6 off", "Tu-Su 12:00-14:00; Dec 24-Jan 6 off"),
        ('Mo 12:00-14:00 open "lunch" "cash – only"', 'Mo 12:00-14:00 "lunch; cash – only"'),
        ("Mo-Su 12:00-14:00; PH, Dec 24, Dec 31 off", "Mo-Su 12:00-14:00; PH off; Dec 24,Dec 31 off"),
        ("Dec 24-26,PH off, Mo-Su 12:00-14:00", "Dec 24-26 off; PH off, Mo-Su 12:00-14:00"),
        ("Mo-Su sunrise - ( sunset+01:00 )", None),
        ("10:00-14:00 Mo-Fr 11:00-15:00 Sa 12:00-13:00", None),  # the days may be those before the times
        ("Mo 12:00", None),
        ("open", None),
    ],
)
def test_what_lacks_only_a_space_a_comma_or_a_semicolon_is_read(text: str, expected: str | None) -> None:
    assert meant(text) == expected
    assert hours.understood(text) == expected


def test_restaurants_with_the_same_hours_share_what_is_worked_out() -> None:
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    hours._upcoming.cache_clear()
    for number in range(20):
        for text in ("Mo-Su 10:00-20:01", "Mo-Su 10:00-20:01; PH off", "Mo-Su 10:00-sunset"):
            place = Place("Europe/Berlin", "DE", "BE" if number % 2 else "BY", (52 + number / 100, 13.4))
            assert hours.is_open(text, place, moment)
    assert hours._upcoming.cache_info().misses == 1 + 2 + 20
