"""Opening hours as people write them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog import hours
from catalog.imports.hours_text.reading import osm_hours, rendered
from catalog.place import Place

Span = tuple[int, int]
Week = dict[int, tuple[Span, ...]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # From OpenStreetMap, as found
        ("Mo-fr 11:30-15,17-22;sa-su 11:30-22", "Mo-Fr 11:30-15:00,17:00-22:00; Sa-Su 11:30-22:00"),
        ("17:00-20:00, lun-ven", "Mo-Fr 17:00-20:00"),
        (
            "Mon-Thu: 10am-9pm, Fri: 10am-10pm, Sat-Sun: 5pm-10pm",
            "Mo-Th 10:00-21:00; Fr 10:00-22:00; Sa-Su 17:00-22:00",
        ),
        ("10:30 am - 9:30 pm", "Mo-Su 10:30-21:30"),
        ("11:00 am to 10:00 pm", "Mo-Su 11:00-22:00"),
        ("11:00 am - 9:00 pm M-Saturday -- 9:00 am - 9:00 pm Sunday", "Mo-Sa 11:00-21:00; Su 09:00-21:00"),
        (
            "Mon - Tue: 11:00 am - 4:00 pm, Wed - Fri: 11:00 am - 5:00 pm, Sat: 11:00 am - 3:00 pm",
            "Mo-Tu 11:00-16:00; We-Fr 11:00-17:00; Sa 11:00-15:00",
        ),
        ("Mo-Sa 1130-1400, 1600-2100", "Mo-Sa 11:30-14:00,16:00-21:00"),
        ("Monday - Saturday 11am-10pm, Sunday 10am-3pm", "Mo-Sa 11:00-22:00; Su 10:00-15:00"),
        # English
        ("Daily noon to midnight", "Mo-Su 12:00-24:00"),
        ("Daily 11am-9pm; closed Mondays", "Tu-Su 11:00-21:00"),
        ("Closed Mondays, Tue-Sun 5 p.m. to 11 p.m.", "Tu-Su 17:00-23:00"),
        ("Mon, Wed & Fri 10am - 6pm", "Mo,We,Fr 10:00-18:00"),
        ("Fri-Sat 6pm-2am", "Fr-Sa 18:00-02:00"),
        ("Sat-Mon 9am–noon", "Mo,Sa-Su 09:00-12:00"),
        ("11-10pm", "Mo-Su 11:00-22:00"),
        ("Open 24 hours", "Mo-Su 00:00-24:00"),
        ("Monday: 10am–4pm\nTuesday: Closed\nWednesday: 10am–4pm", "Mo,We 10:00-16:00"),
        ("Weekdays 8am-6pm, weekends 9am-2pm, public holidays closed", "Mo-Fr 08:00-18:00; Sa-Su 09:00-14:00; PH off"),
        # French
        ("lundi au vendredi 12h-14h30 et 19h-22h", "Mo-Fr 12:00-14:30,19:00-22:00"),
        ("du mardi au samedi de 12h à 14h", "Tu-Sa 12:00-14:00"),
        ("du lundi au samedi de 12 h à 14 h 30 et de 19 h à 22 h 30", "Mo-Sa 12:00-14:30,19:00-22:30"),
        ("tous les jours 11h30-23h, fermé le dimanche", "Mo-Sa 11:30-23:00"),
        ("12h-14h du mardi au vendredi ; 19h-minuit le samedi", "Tu-Fr 12:00-14:00; Sa 19:00-24:00"),
        # German
        ("Mo-Fr 11.30-14.30 Uhr", "Mo-Fr 11:30-14:30"),
        ("täglich 11–22 Uhr", "Mo-Su 11:00-22:00"),
        ("Täglich von 11 bis 22 Uhr, Montag Ruhetag", "Tu-Su 11:00-22:00"),
        ("Mo.–Fr. 11.30–14.30 Uhr und 17.30–22 Uhr, Sa 17–1 Uhr, So Ruhetag",
         "Mo-Fr 11:30-14:30,17:30-22:00, Sa 17:00-01:00"),
        ("Sonn- und Feiertage 12-22 Uhr", "Su 12:00-22:00; PH 12:00-22:00"),
        ("Mo-Fr 12-14:30, Mo-So 18-22:30", "Mo-Fr 12:00-14:30,18:00-22:30; Sa-Su 18:00-22:30"),
    ],
)  # fmt: skip
def test_what_is_understood_is_read(text: str, expected: str) -> None:
    assert osm_hours(text) == expected
    assert hours.readable(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", "closed", "Mo-Fr", "11:00", "lunch and dinner", "11 am", "Mo-Fr 11:00", "- 11am", "Mo-Fr ab 11 Uhr",
        "Mo-Fr 11-9",  # nine in the evening, or the next morning?
        "11:30-2:30, 5-10", "Mo-Fr 9:00-5:00", "09:00-05:00", "8-12",
        "5-10pm", "8-9 pm",  # from the morning, or from the evening?
        "Di 11h-22h",  # Tuesday in German, Sunday in French
        "11am-9pm Mon-Sat, Sun closed",  # is it the Sunday that is closed, or all of these days?
        "Daily 6pm-10pm, Sunday 12pm-2pm",  # also at noon on Sundays, or at noon only?
        "Monday 2pm-5pm closed", "closed Monday 2pm-5pm",
        "Mo-Fr 10-22, closed Mo-Fr",
        "fermé le dimanche", "Montag Ruhetag",  # and when is it open?
        "Mo-Su 11:00-23:00 except Tu", "Mai-Sept. täglich 11-22 Uhr", "01.05.-30.09. Mo-Fr 10-20", "11.06-14.09 Mo-Fr",
        "T-Th 11am-9pm", "Mo-Sa 13pm-15pm", "25:00-26:00", "Mo-Fr 11:75-14:00", "Mo-Fr 11am-22h", "PH-Mo 10-18",
            "Mo-Fr 12 am - 22 Uhr",
        "11-14, 13-22", "Lun-Ven / Mon-Fri 11:00-20:00", "مفتوح 10-22", "🍕 11-22", "x" * 10_000, "Mo " * 160,
    ],
)  # fmt: skip
def test_what_is_not_certain_stays_text(text: str) -> None:
    assert osm_hours(text) is None


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "part", ["Mo,", "11am-2pm,", "Mo 11am-2pm,", "closed Mo,", "Mo closed Tu,", "closed Mo,Tu,We,"]
)
def test_a_long_text_takes_no_long_time(part: str) -> None:
    assert osm_hours((part * 200)[:500]) is None
    assert osm_hours((part * 200)[:490] + "; x") is None


# Written by a person of each language from a known week, and read back


NAMES = {
    "en": ["Monday", "Tue", "Wednesdays", "Thurs.", "fri", "SAT", "Sunday"],
    "de": ["Montag", "Di.", "Mittwoch", "Do", "freitags", "SA", "Sonntag"],
    "fr": ["lundi", "Mar.", "mercredi", "JEU", "ven.", "samedis", "dimanche"],
}
THROUGH = {"en": [" to ", "-", " – "], "de": [" bis ", "-", " – "], "fr": [" au ", "-", " à "]}
AND = {"en": [" and ", ", ", " & "], "de": [" und ", ", ", " sowie "], "fr": [" et ", ", ", " / "]}
CLOSED = {
    "en": ["{} closed", "closed {}", "{}: off"],
    "de": ["{} Ruhetag", "{} geschlossen"],
    "fr": ["fermé {}", "{} fermé"],
}


def clock(language: str, minutes: int) -> str:
    hour, minute = divmod(minutes % 1440, 60)
    if language == "fr":
        return f"{hour}h{minute:02d}" if minute else f"{hour}h"
    if language == "de":
        return f"{hour:02d}.{minute:02d} Uhr" if minute else f"{hour} Uhr"
    half = "am" if hour < 12 else "p.m."
    return f"{hour % 12 or 12}:{minute:02d} {half}" if minute else f"{hour % 12 or 12}{half}"


quarters = st.integers(0, 3).map(lambda n: n * 15)


@st.composite
def spans(draw: st.DrawFn) -> tuple[Span, ...]:
    late = (draw(st.integers(15, 20)) * 60 + draw(quarters), draw(st.integers(21, 28)) * 60 + draw(quarters))
    if draw(st.booleans()):
        return (late,)
    return ((draw(st.integers(7, 11)) * 60 + draw(quarters), draw(st.integers(12, 14)) * 60 + draw(quarters)), late)


@st.composite
def written(draw: st.DrawFn) -> tuple[str, Week]:
    """A text, and the week that it was written from."""
    language = draw(st.sampled_from(sorted(NAMES)))
    cuts = sorted(draw(st.sets(st.integers(1, 6), max_size=3)))
    days_first, semicolon = draw(st.booleans()), draw(st.sampled_from(["; ", "\n", " -- "]))
    week: Week = {}
    parts = []
    for begin, end in zip([0, *cuts], [*cuts, 7], strict=True):
        names = [NAMES[language][day] for day in range(begin, end)]
        through = draw(st.sampled_from(THROUGH[language]))
        days = draw(st.sampled_from(AND[language])).join(names) if end - begin < 3 else names[0] + through + names[-1]
        if week and draw(st.integers(0, 3)) == 0:
            parts.append(draw(st.sampled_from(CLOSED[language])).format(days))
            continue
        given_spans = draw(spans())
        week |= dict.fromkeys(range(begin, end), given_spans)
        to = draw(st.sampled_from([" - ", "–"]))
        times = draw(st.sampled_from(AND[language])).join(
            to.join(clock(language, m) for m in span) for span in given_spans
        )
        parts.append(f"{days} {times}" if days_first else f"{times} {days}")
    return semicolon.join(parts), week


@settings(max_examples=300, deadline=None)
@given(written())
def test_what_was_written_from_a_week_is_read_as_that_week(example: tuple[str, Week]) -> None:
    text, week = example
    assert osm_hours(text) == rendered(week), text


@settings(max_examples=60, deadline=None)
@given(written())
def test_the_evaluation_agrees_with_what_was_written(example: tuple[str, Week]) -> None:
    text, week = example
    found = dict(hours.week(osm_hours(text), Place("Etc/UTC"), date(2026, 11, 23)))
    monday = datetime(2026, 11, 23, tzinfo=UTC)
    for day in range(7):
        expected = [tuple(monday + timedelta(days=day, minutes=m) for m in span) for span in week.get(day, ())]
        assert [span[:2] for span in found[date(2026, 11, 23 + day)]] == expected


PIECES = (
    "Mo", "Tu", "di", "lundi", "11", "22", "am", "pm", "11h", "uhr", "-", ",", ";", "and", "bis", "à", "closed", "fermé",
    "noon", "9:30", ":", ".", "24",
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_whatever_is_read_can_be_evaluated(parts: list[str]) -> None:
    understood = osm_hours(" ".join(parts))
    assert understood is None or hours.readable(understood)
