"""Amounts, distances and times as each language writes them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template import engines
from django.utils import translation

import foodforthought.languages  # noqa: F401 - tells `core` which language is read
from core import clock, formats

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("language", "amount_minor", "currency", "shown"),
    [
        ("en", 1290, "EUR", "€12.90"),
        ("en", 1290, "CHF", "CHF 12.90"),
        ("en", 123450, "USD", "$1,234.50"),
        ("fr", 1290, "EUR", "12,90 €"),
        ("fr", 123450, "EUR", "1 234,50 €"),
        ("fr", 1290, "CHF", "12,90 CHF"),
        ("de", 1290, "EUR", "12,90 €"),
        ("de", 123450, "CHF", "1.234,50 CHF"),
        ("es", 1290, "EUR", "12,90 €"),
        ("es", 1290, "USD", "12,90 US$"),
        # As they are used: no fillér, no aurar; halers and öre only where there are some.
        ("de", 129000, "HUF", "1.290 HUF"),
        ("en", 129000, "HUF", "HUF 1,290"),
        ("fr", 129000, "HUF", "1 290 HUF"),
        ("de", 129049, "HUF", "1.290 HUF"),
        ("de", 1290, "ISK", "1.290 ISK"),
        ("es", 0, "ISK", "0 ISK"),
        ("de", 14900, "CZK", "149 CZK"),
        ("de", 2990, "CZK", "29,90 CZK"),
        ("en", 12500, "SEK", "SEK 125"),
        ("en", 12550, "NOK", "NOK 125.50"),
        ("de", 12500, "DKK", "125,00 DKK"),
        ("en", 1200, "EUR", "€12.00"),
    ],
)
def test_an_amount(language: str, amount_minor: int, currency: str, shown: str) -> None:
    with translation.override(language):
        assert formats.price(amount_minor, currency).replace("\u202f", " ").replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("language", "shown"), [("en", "1.3 km"), ("fr", "1,3 km"), ("de", "1,3 km"), ("es", "1,3 km")]
)
def test_a_distance(language: str, shown: str) -> None:
    with translation.override(language):
        assert formats.km(1.26).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("language", "percent", "weekday"),
    [("en", "15%", "Tuesday"), ("fr", "15 %", "mardi"), ("de", "15 %", "Dienstag"), ("es", "15 %", "martes")],
)
def test_a_share_and_a_weekday(language: str, percent: str, weekday: str) -> None:
    with translation.override(language):
        assert formats.percent(15).replace("\u202f", " ").replace("\xa0", " ") == percent
        assert formats.weekday(NOW) == weekday


@pytest.mark.parametrize(
    ("language", "today_in_two_days_in_three_weeks_and_long_ago"),
    [
        ("en", ["09:30", "Thu 09:30", "Dec 15, 09:30", "Nov 3, 09:30"]),
        ("fr", ["09:30", "jeu. 09:30", "15 déc., 09:30", "3 nov., 09:30"]),
        ("de", ["09:30", "Do., 09:30", "15. Dez., 09:30", "3. Nov., 09:30"]),
        ("es", ["9:30", "jue, 9:30", "15 dic, 9:30", "3 nov, 9:30"]),
    ],
)
def test_a_moment_is_as_short_as_it_is_clear(
    monkeypatch: pytest.MonkeyPatch, language: str, today_in_two_days_in_three_weeks_and_long_ago: list[str]
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.astimezone(ZoneInfo("UTC")))
    at = NOW.replace(hour=9, minute=30)
    with translation.override(language):
        shown = [formats.moment(at + timedelta(days=days)) for days in (0, 2, 21, -21)]
    assert shown == today_in_two_days_in_three_weeks_and_long_ago


def test_a_moment_is_shown_in_the_zone_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.astimezone(ZoneInfo("UTC")))
    page = engines["django"].from_string(
        '{{ at|clock_time:"America/New_York" }} {{ milliseconds|clock_time:"Asia/Tokyo" }}'
    )
    context = {"at": NOW, "milliseconds": int(NOW.timestamp() * 1000)}
    assert page.render(context) == "06:00 20:00"


def test_a_span_ends_at_24_not_at_0() -> None:
    midnight = NOW.replace(hour=0)
    with translation.override("es"):
        assert formats.span(NOW.replace(hour=9), midnight + timedelta(days=1)) == "9:00–24:00"
    with translation.override("de"):
        assert formats.span(NOW.replace(hour=9), midnight + timedelta(hours=26)) == "09:00–02:00"
