"""Opening hours told to people, and which of them a person should look at."""

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings

from catalog import hours, hours_doubts
from catalog.hours_words import more_than_a_week, told
from catalog.imports.hours_text import reading
from catalog.samples.restaurants import HOURS, ORDINARY
from tests.catalog import hours_grammar
from tests.catalog.test_osm import REAL, element
from tests.factories import make_restaurant, save_restaurant

KEYWORDS = re.compile(
    r"\b(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|off|easter|unknown)\b|[\[\]|\"]|\d\+"
)
"""What only the language has: what is said in English words has none of it (“hours unknown” apart)."""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mo-Fr 17:00-22:00; Sa 18:00-22:00; PH off",
         "Mon–Fri 17:00–22:00, Sat 18:00–22:00, closed on public holidays"),
        # Days: lists, ranges over Sunday, all of them
        ("Mo-Su 12:00-22:00", "daily 12:00–22:00"),
        ("12:00-22:00", "daily 12:00–22:00"),
        ("Mo,We,Fr 10:00-12:00; Sa 10:00-14:00", "Mon, Wed and Fri 10:00–12:00; Sat 10:00–14:00"),
        ("Th-Mo 19:30-22:30", "Thu–Mon 19:30–22:30"),
        ("Mo,Su 19:30-22:30", "Mon and Sun 19:30–22:30"),
        ("Mo,Tu,Th,Fr,Su 12:00-15:00", "Mon–Tue, Thu–Fri and Sun 12:00–15:00"),
        ("Su, PH 12:00-20:00", "Sun and public holidays 12:00–20:00"),
        ("mo-fr 9:00-17:00", "Mon–Fri 09:00–17:00"),
        ("Mo[1] 10:00-12:00", "the first Mon of the month 10:00–12:00"),
        ("Sa[1-3,-1] 10:00-12:00", "the first, second, third and last Sat of the month 10:00–12:00"),
        ("PH -1 day 10:00-14:00", "the day before public holidays 10:00–14:00"),
        ("PH Mo-Fr 10:00-14:00", "public holidays: Mon–Fri 10:00–14:00"),
        # Times
        ("Mo-Fr 12:00-14:00,18:00-23:00; Sa 18:00-01:00", "Mon–Fri 12:00–14:00 and 18:00–23:00, Sat 18:00–01:00"),
        ("Sa 12:00-00:00", "Sat 12:00–24:00"),
        ("Fr 18:00-26:00", "Fri 18:00–02:00"),
        ("24/7", "around the clock"),
        ("Mo-Su 00:00-24:00", "around the clock"),
        ("24/7; PH off", "around the clock, closed on public holidays"),
        ("17:00+", "daily from 17:00"),
        ("Fr-Sa 17:00-24:00+", "Fri–Sat 17:00–24:00 or later"),
        ("Mo-Fr 08:00-sunset", "Mon–Fri from 08:00 until sunset"),
        ("(sunrise+01:00)-(sunset-00:30)", "daily from 60 min after sunrise until 30 min before sunset"),
        # Closed
        ("Mo-Fr 12:00-15:00; Sa-Su off", "Mon–Fri 12:00–15:00, closed on Sat–Sun"),
        ("Mo-Fr 10:00-20:00; Mo-Fr 12:00-13:00 off", "Mon–Fri 10:00–20:00, closed Mon–Fri 12:00–13:00"),
        ("off", "closed"),
        ("Mo-Th 11:30-15:00; Su off; PH off", "Mon–Thu 11:30–15:00, closed on Sun and public holidays"),
        ("Sa 12:00-22:00; Su off, Su 12:00-19:00", "Sat 12:00–22:00, Sun 12:00–19:00"),
        # Dates
        ("Apr-Sep Tu-Su 10:00-20:00", "April–September: Tue–Sun 10:00–20:00"),
        ("Mo-Sa 18:00-22:00; Dec 24-26 off; 2027 Aug 02-2027 Aug 20 off",
         "Mon–Sat 18:00–22:00; December 24 – December 26: closed; August 2 2027 – August 20 2027: closed"),
        ("Mo-Su 18:00-22:00; Jan,Feb off", "daily 18:00–22:00, January and February: closed"),
        ("2027+ Mo 10:00-12:00", "from 2027: Mon 10:00–12:00"),
        ("Mo-Fr 10:00-18:00; easter -2 days off", "Mon–Fri 10:00–18:00, Good Friday: closed"),
        ("Mo-Fr 10:00-18:00; easter +39 days off", "Mon–Fri 10:00–18:00, 39 days after Easter: closed"),
        ("week 10-20 Mo 10:00-12:00", "weeks 10–20: Mon 10:00–12:00"),
        ("week 01-53/2 Mo 10:00-12:00", "every second week from 1 to 53: Mon 10:00–12:00"),
        # What is not certain
        ('"by appointment"', "by appointment"),
        ('Mo-Fr "by appointment"', "Mon–Fri (by appointment)"),
        ('Mo-Sa 11:00-23:00 "last order 22:30"', "Mon–Sat 11:00–23:00 (last order 22:30)"),
        ('Sa 11:00-14:00 unknown "if the weather is good"', "Sat 11:00–14:00, not certain (if the weather is good)"),
        ("Mo-Fr 10:00-12:00; Sa unknown", "Mon–Fri 10:00–12:00, Sat hours unknown"),
        ("Mo-Fr 10:00-12:00 || unknown", "Mon–Fri 10:00–12:00, otherwise hours unknown"),
        # In the order in which they count; what a later rule replaces is not said, what both mean is
        ("PH off; Dec 24 10:00-12:00; Mo-Fr 10:00-18:00",
         "Mon–Fri 10:00–18:00, closed on public holidays, December 24: 10:00–12:00"),
        ("Tu-Fr 12:00-14:00; Tu-Su 18:00-22:00", "Tue–Fri 12:00–14:00, Tue–Sun 18:00–22:00"),
        ("Apr-Sep 10:00-20:00; Apr-Sep Mo off", "April–September: Tue–Sun 10:00–20:00; April–September: closed on Mon"),
        ("10:00-20:00; Sa 12:00-18:00; Mo off", "Tue–Fri and Sun 10:00–20:00, Sat 12:00–18:00, closed on Mon"),
        ("Mo-Sa 10:00-20:00; Mo-Su 12:00-13:00 off; PH off",
         "Mon–Sat 10:00–20:00, closed daily 12:00–13:00, closed on public holidays"),
    ],
)  # fmt: skip
def test_hours_are_told_as_one_would_say_them(text: str, words: str) -> None:
    assert told(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "by chance",
        "Mo-Fr",
        "Tu-Su open",
        "Mo 10:00-16:00/01:30",
        "week 01-52/3 Mo 10:00-12:00",
        "Su[-2] 10:00-12:00",
        "",
    ],
)
def test_what_there_are_no_words_for_stays_as_it_is(text: str) -> None:
    assert told(text) == text


def real_texts() -> list[str]:
    elements = [element for path in sorted(REAL.glob("*.json")) for element in json.loads(path.read_text())["elements"]]
    return sorted({element["tags"]["opening_hours"] for element in elements if "opening_hours" in element["tags"]})


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"the real OpenStreetMap files are not at {REAL}; say where with FFT_OSM_DATA"
)
def test_all_real_hours_that_are_understood_have_words() -> None:
    for text in real_texts():
        understood = hours.understood(text) or reading.osm_hours(text)
        if understood:
            assert not KEYWORDS.search(re.sub(r"\(.*?\)", "", told(understood))), (text, told(understood))


def test_the_hours_of_the_sample_restaurants_have_words() -> None:
    for text in {*ORDINARY, *(text for texts in HOURS.values() for text in texts)}:
        assert not KEYWORDS.search(told(text))
        assert more_than_a_week(text) == ""


@settings(max_examples=400, deadline=None)
@given(hours_grammar.texts())
def test_made_up_hours_have_words_without_keywords(text: str) -> None:
    understood = hours.understood(text)
    if understood:
        words = told(understood)
        assert words == told(text)
        without_remarks = re.sub(r"\(.*?\)|lunch; set menu, Mo-Fr|hours unknown", "", words)
        assert not KEYWORDS.search(without_remarks), words


@pytest.mark.parametrize(
    ("text", "is_more"),
    [
        ("Mo-Fr 10:00-20:00; Sa-Su off", False),
        ("Fr 18:00-02:00", False),
        ("Mo-Fr 10:00-20:00; PH off", True),
        ("Apr-Sep 10:00-20:00", True),
        ('10:00-20:00 "call first"', True),
        ("10:00-sunset", True),
        ("17:00+", True),
        ("Mo[1] 10:00-12:00", True),
        ("Su[-2] 10:00-12:00", True),
        ("Mo-Fr", False),
    ],
)
def test_words_stand_beside_the_week_where_the_week_does_not_show_all(text: str, is_more: bool) -> None:
    assert more_than_a_week(text) == (told(text) if is_more else "")


# What a person should look at


@pytest.mark.parametrize(
    ("given", "understood", "reason"),
    [
        ("Mo-Fr 10:00-20:00; PH off", "Mo-Fr 10:00-20:00; PH off", None),
        ("mo-fr 9:00 - 17:00", "mo-fr 9:00 - 17:00", None),
        ("10:30 am - 9:30 pm", "Mo-Su 10:30-21:30", None),
        ("(sunset+01:00)-24:00", "(sunset+01:00)-24:00", None),
        ("by chance", None, "not understood"),
        ("Sa 10:00-12:00 unknown", "Sa 10:00-12:00 unknown", "not certain"),
        ("Mo-Fr 10:00-12:00; SH off", None, "school holidays: not known: taken as closed"),
        ("Mo-Fr 10:00-12:00; SH 10:00-11:00", "Mo-Fr 10:00-12:00; SH 10:00-11:00", "school holidays"),
        ("17:00+", "17:00+", "no end"),
        ('Mo 10:00-12:00 "SH: call"', 'Mo 10:00-12:00 "SH: call"', "a remark"),
        ("Su[-2] 10:00-12:00", "Su[-2] 10:00-12:00", "no words"),
    ],
)
def test_a_doubt_has_a_reason(given: str, understood: str | None, reason: str | None) -> None:
    reasons = hours_doubts.doubts(given, understood)
    assert [reason in told for told in reasons] == [True] if reason else reasons == []


@pytest.mark.parametrize(
    "text", ["Sa, Su 18:00-22:00", "Fr-Sa 11:30-02:00; Su 12:00-22:00", "Tu-Fr 12:00-14:00; Tu-Su 18:00-22:00"]
)
def test_what_is_read_otherwise_than_by_its_letter_is_doubtful(text: str) -> None:
    understood = hours.understood(text)
    assert understood
    assert hours_doubts.doubts(text, understood) == ["says something else by its letter"]


def test_the_import_shows_how_hours_were_understood(tables: None, tmp_path: Any, capsys: Any) -> None:
    given = ["Mo-Fr 17:00-22:00; PH off", "Sa, Su 18:00-22:00", "5pm to 10pm", "by chance", None]
    path = tmp_path / "some.json"
    elements = [element(n, tags={"name": f"R{n}", "opening_hours": text}) for n, text in enumerate(given, 1)]
    path.write_text(json.dumps({"elements": elements}))
    call_command("import_restaurants", str(path))
    assert "→" not in capsys.readouterr().out
    call_command("import_restaurants", str(path), "--show-hours")
    shown = [line.strip() for line in capsys.readouterr().out.splitlines() if "→" in line]
    assert shown[0] == "R1: Mo-Fr 17:00-22:00; PH off → Mon–Fri 17:00–22:00, closed on public holidays"
    assert shown[1].startswith(
        "R2: Sa, Su 18:00-22:00 → Sat–Sun 18:00–22:00 (doubtful: says something else by its letter)"
    )
    assert shown[2] == "R3: 5pm to 10pm → daily 17:00–22:00"
    assert shown[3] == "R4: by chance → kept as text (doubtful: not understood: taken as closed)"
    assert len(shown) == 4


def test_the_restaurants_with_doubtful_hours_are_listed(tables: None, capsys: Any) -> None:
    stored: list[tuple[str, dict[str, Any]]] = [
        ("fine", {"opening_hours": "Mo-Fr 10:00-20:00"}),
        ("text", {"opening_hours": None, "opening_hours_text": "by chance"}),
        ("remark", {"opening_hours": 'Mo-Fr 10:00-20:00 "call first"'}),
        ("before", {"opening_hours": "Tu-Su"}),  # was taken as understood once
        ("none", {"opening_hours": None}),
    ]
    for restaurant_id, values in stored:
        save_restaurant(make_restaurant(restaurant_id, name=f"At {restaurant_id}", **values), dishes=[])
    call_command("doubtful_hours")
    *lines, count = capsys.readouterr().out.splitlines()
    assert sorted(lines) == [
        "before  At before: Tu-Su → kept as text (doubtful: not understood: taken as closed)",
        'remark  At remark: Mo-Fr 10:00-20:00 "call first" → Mon–Fri 10:00–20:00 (call first) '
        "(doubtful: a remark that only people understand)",
        "text  At text: by chance → kept as text (doubtful: not understood: taken as closed)",
    ]
    assert count == "3 of 4 restaurants with hours"
