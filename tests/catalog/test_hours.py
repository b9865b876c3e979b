"""Opening hours."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import hours, hours_rules
from catalog.place import Place

PARIS = Place("Europe/Paris", "FR")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("opening_hours", "at", "expected"),
    [
        ("Mo-Fr 12:00-14:00", "2026-11-24 11:30", True),  # 12:30 in Paris
        ("Mo-Fr 12:00-14:00", "2026-11-24 10:30", False),
        ("Mo-Su 18:00-02:00", "2026-11-25 00:30", True),  # past midnight
        ("24/7", "2026-11-24 03:00", True),
        ('"by appointment"', "2026-11-24 12:00", False),
        ('Mo-Fr "by appointment"', "2026-11-24 12:00", False),
        ('Mo-Su 10:00-22:00 "call first"', "2026-11-24 12:00", True),
        (None, "2026-11-24 12:00", False),
    ],
)
def test_is_open(opening_hours: str | None, at: str, expected: bool) -> None:
    assert hours.is_open(opening_hours, PARIS, utc(at)) is expected


def test_the_next_change_is_in_the_restaurants_own_zone() -> None:
    change = hours.next_change("Mo-Su 18:00-23:00", Place("America/New_York", "US"), utc("2026-11-24 12:00"))
    assert str(change) == "2026-11-24 18:00:00-05:00"
    assert hours.next_change("24/7", PARIS, utc("2026-11-24 12:00")) is None
    assert hours.next_change(None, PARIS, utc("2026-11-24 12:00")) is None


@pytest.mark.parametrize(
    ("opening_hours", "change"),
    [
        ("Apr-Sep Mo-Su 10:00-20:00", "2027-04-01 10:00:00+02:00"),
        ('Mo-Su "by appointment"; Sa 14:00-16:00', "2026-11-28 14:00:00+01:00"),
        ("Mo-Su 00:00-24:00", "None"),
        ("2099 Mo-Su 10:00-12:00", "None"),
    ],
)
def test_the_next_change_is_looked_for_a_good_year_and_no_longer(opening_hours: str, change: str) -> None:
    began = time.process_time()
    assert str(hours.next_change(opening_hours, PARIS, utc("2026-11-24 13:00:59"))) == change
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("text", ["lun-ven", "10:30 am - 9:30 pm", "", "x" * 600, "Mo-Su 10:00-" + "9" * 400])
def test_what_cannot_be_read_is_not(text: str) -> None:
    assert not hours.readable(text) or text == ""


def test_a_week_gives_the_night_to_the_day_it_began() -> None:
    week = dict(hours.week("Fr 18:00-02:00", PARIS, date(2026, 11, 23)))
    spans = {day: [(f"{a:%H:%M}", f"{b:%a %H:%M}") for a, b, _ in found] for day, found in week.items() if found}
    assert spans == {date(2026, 11, 27): [("18:00", "Sat 02:00")]}


def test_a_week_without_closing_is_cut_into_days() -> None:
    week = hours.week("24/7", PARIS, date(2026, 11, 23))
    assert [len(spans) for _, spans in week] == [1] * 7
    assert hours.week(None, PARIS, date(2026, 11, 23)) == []


NIGHTS = [
    ("Europe/Paris", "2026-10-24 21:00"),  # 03:00 becomes 02:00
    ("Europe/Paris", "2026-03-28 21:00"),  # 02:00 becomes 03:00
    ("America/New_York", "2026-11-01 02:00"),
    ("America/New_York", "2026-03-08 03:00"),
    ("Australia/Lord_Howe", "2026-04-04 11:00"),  # by half an hour
]


@pytest.mark.parametrize(("time_zone", "evening"), NIGHTS)
@pytest.mark.parametrize(
    "text",
    [
        "24/7",
        "Mo-Su 22:00-04:00",
        "Mo-Su 22:00-02:30",
        "Mo-Su 00:00-01:30",
        "Mo-Su 02:15-02:45",
        "Mo-Su 01:15-01:45",
        "Mo-Su 02:30-05:00",
        "Mo-Su 01:30-05:00",
        'Mo-Su 00:00-01:30; Mo-Su 01:30-03:00 unknown "by appointment"',
    ],
)
def test_on_the_nights_when_clocks_are_set_all_that_tells_of_hours_tells_the_same(
    text: str, time_zone: str, evening: str
) -> None:
    place = Place(time_zone)
    begin, end = utc(evening), utc(evening) + timedelta(hours=9)
    spans = hours.open_spans(text, place, begin, end)
    moments = [begin + timedelta(minutes=15 * n) for n in range(9 * 4)]
    for moment in moments:
        is_open = any(since <= moment < until for since, until in spans)
        assert hours.is_open(text, place, moment) is is_open, moment
        rest = hours.open_spans(text, place, moment, end)
        assert rest == [(max(since, moment), until) for since, until in spans if until > moment], moment
        change = hours.next_change(text, place, moment)
        following = next((m for m in moments if m > moment and hours.is_open(text, place, m) is not is_open), None)
        if following:
            assert change == following.astimezone(change.tzinfo), moment
            assert change.timestamp() == following.timestamp(), moment


def test_an_hour_that_is_there_twice_ends_the_second_time() -> None:
    """Nobody is sent away at half past two to come back half an hour later."""
    assert hours.open_spans("Sa 22:00-02:30", PARIS, utc("2026-10-24 18:00"), utc("2026-10-25 06:00")) == [
        (utc("2026-10-24 20:00"), utc("2026-10-25 01:30"))
    ]


def week_in_words(text: str) -> str:
    """From Monday, 23 November 2026: `Fr 11:30-02:00, Su 12:00-22:00`."""
    return ", ".join(
        f"{hours_rules.DAYS[day.weekday()]} {begin:%H:%M}-{end:%H:%M}"
        for day, spans in hours.week(text, Place("Etc/UTC"), date(2026, 11, 23))
        for begin, end, _ in spans
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # A list of days with a space: days without times are never open around the clock.
        ("Sa, Su 18:00-22:00", "Sa 18:00-22:00, Su 18:00-22:00"),
        ("Su, PH 12:00-20:00", "Su 12:00-20:00"),
        ("Mo-We, Su 11:00-21:00; Fr, Sa 11:00-23:00",
         "Mo 11:00-21:00, Tu 11:00-21:00, We 11:00-21:00, Fr 11:00-23:00, Sa 11:00-23:00, Su 11:00-21:00"),
        ("Mo , We ,  fr 12:00-14:00, 18:00-22:00",
         "Mo 12:00-14:00, Mo 18:00-22:00, We 12:00-14:00, We 18:00-22:00, Fr 12:00-14:00, Fr 18:00-22:00"),
        ("Tu 12:00-14:00, Fr, Sa 18:00-22:00", "Tu 12:00-14:00, Fr 18:00-22:00, Sa 18:00-22:00"),
        ("Tu-Th 12:00-22:00; Nov 24, Nov 26 off", "We 12:00-22:00"),
        # What is said beside hours does not close; where it is all that is said, nobody knows.
        ('Sa 11:00-23:00 "last order 22:30"', "Sa 11:00-23:00"),
        ('Sa 07:30-21:00 || "open most holidays"', "Sa 07:30-21:00"),
        ('Sa 18:00-02:00 "bar"; "cash only"', "Sa 18:00-02:00"),
        ('Sa 11:00-14:00 "lunch; set menu, Mo-Fr", Su 18:00-22:00', "Sa 11:00-14:00, Su 18:00-22:00"),
        ('Sa 11:00-14:00; Su "ask, Tu-Su 10:00-12:00"', "Sa 11:00-14:00"),
        ('Sa 11:00-14:00 unknown "if the weather is good"', ""),
        ('"Su-Th 11:30-21:30; Fr-Sa 11:30-22:00"', ""),
        # A night goes on past midnight, whatever is said of the next day.
        ("Mo-Th 11:30-22:00; Fr-Sa 11:30-02:00; Su 12:00-22:00",
         "Mo 11:30-22:00, Tu 11:30-22:00, We 11:30-22:00, Th 11:30-22:00, Fr 11:30-02:00, Sa 11:30-02:00, "
         "Su 12:00-22:00"),
        ("We-Sa 18:00-02:00; Th 12:00-22:00; Su off", "We 18:00-02:00, Th 12:00-22:00, Fr 18:00-02:00, Sa 18:00-02:00"),
        ("18:00-26:00; Mo-Fr off; PH off", "Sa 18:00-02:00, Su 18:00-02:00"),
        ('Sa 20:00-01:00 "bar"; Su,PH 12:00-20:00', "Sa 20:00-01:00, Su 12:00-20:00"),
        ("Fr-Sa 20:00-01:00, Sa 12:00-14:00; Su 12:00-20:00",
         "Fr 20:00-01:00, Sa 12:00-14:00, Sa 20:00-01:00, Su 12:00-20:00"),
        ("Sa 18:00-02:00; Sa off", ""),
    ],
)  # fmt: skip
def test_hours_say_what_people_mean_by_them(text: str, expected: str) -> None:
    assert hours.readable(text)
    assert week_in_words(text) == expected
    assert week_in_words(hours.understood(text) or "") == expected


@pytest.mark.parametrize(
    "text",
    ["Tu-Su", "Mo-Fr open", "Mo-Th 11:00-22:00; Fr", 'Mo-Su open "all year"', "Apr-Oct", "Mo-Fr, Jul 10:00-12:00"],
)
def test_days_without_times_are_hours_that_nobody_knows(text: str) -> None:
    assert not hours.readable(text)
    assert week_in_words(text) == "", "stored before that was known"


RULE_PARTS = (
    "Mo",
    "Fr-Su",
    "PH",
    "Dec 25",
    "12:00-14:00",
    "18:00-02:00",
    "off",
    "open",
    '"a, Mo; b"',
    ",",
    ", ",
    "; ",
    "||",
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(RULE_PARTS), max_size=12))
def test_what_is_understood_stays_as_it_is_and_can_be_evaluated(parts: list[str]) -> None:
    text = " ".join(parts)
    understood = hours.understood(text)
    week = week_in_words(text)
    assert week == week_in_words(understood or "")
    assert understood is None or hours.understood(understood) == understood


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Su 11:00-22:00; Dec 25,26 off", "Mo-Su 11:00-22:00; Dec 25,Dec 26 off"),
        ("Mo-Su 11:00-22:00; Dec 24-25, 31,Jan 1 off", "Mo-Su 11:00-22:00; Dec 24-25,Dec 31,Jan 1 off"),
        ("Mo-Su 11:00-22:00; Dec 25,26-Jan 2 off", None),  # which of the days begins the span?
        ("Mo-Su 11:00-22:00; Dec 25, 2026 off", None),
    ],
)
def test_a_month_stands_for_all_the_days_after_it(text: str, expected: str | None) -> None:
    assert hours.understood(text) == expected


def test_both_days_of_a_month_are_closed() -> None:
    spans = hours.open_spans("Mo-Su 11:00-22:00; Dec 25,26 off", Place("Etc/UTC"), utc("2026-12-24"), utc("2026-12-28"))
    assert [begin.day for begin, _ in spans] == [24, 27]


def test_a_comma_between_a_date_and_its_times_opens_no_other_day() -> None:
    """The library takes “Dec 24, 09:00-22:00” for two rules, the second for every day."""
    text = "Sa 10:00-12:00; Dec 24, 09:00-22:00"
    spans = hours.open_spans(text, Place("Etc/UTC"), utc("2026-12-21"), utc("2026-12-28"))
    assert [f"{begin:%d %H}-{end:%H}" for begin, end in spans] == ["24 09-22", "26 10-12"]
