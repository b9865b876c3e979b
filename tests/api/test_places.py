"""Places by API: candidates for a text, what is near a position, and suggestions."""

from typing import Any

import pytest

from core import geo
from tests.api.conftest import Api
from tests.factories import NEW_YORK
from tests.provider import Provider, found

pytestmark = pytest.mark.usefixtures("tables")
CANARY = "12 Canary Street, New York, NY 10003"
DOCUMENT = {
    "label": CANARY,
    "address": {
        "country": "US", "street": "12 Canary Street", "postcode": "10003", "city": "New York", "region": "NY",
    },
    "latitude": NEW_YORK[0],
    "longitude": NEW_YORK[1],
    "cell": geo.cell_at(*NEW_YORK),
    "precision": "address",
}  # fmt: skip


def test_a_text_is_answered_with_what_it_may_mean(api: Api, provider: Provider) -> None:
    provider.items = [found(), found(number="", kind="Street", score=0.7)]
    answer = api.post("places", {"text": " 12 canary  street"})
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    first, second = answer.json()["places"]
    assert first == DOCUMENT
    assert (second["label"], second["precision"]) == ("Canary Street, New York, NY 10003", "street")
    assert provider.asked[0][1]["QueryText"] == "12 canary street"


def test_a_position_is_answered_with_the_nearest_address(api: Api, provider: Provider) -> None:
    where = {"latitude": 40.73, "longitude": -73.98}
    assert api.post("places", where).json() == {"places": []}
    provider.items = [found()]
    assert api.post("places", where).json() == {"places": [DOCUMENT]}
    assert [operation for operation, _ in provider.asked] == ["reverse_geocode"] * 2


def test_suggestions(api: Api, provider: Provider) -> None:
    provider.items = [found()]
    answer = api.post("places/suggestions", {"text": "12 can"})
    assert (answer.status_code, answer.json()) == (200, {"suggestions": [CANARY]})
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "body",
    [
        {}, [], "{", {"text": ""}, {"text": " \u200b\u3164"}, {"text": 5}, {"text": None}, {"text": "x" * 201},
        {"text": "a", "city": "b"},
        {"text": "a", "latitude": 40.7, "longitude": -73.9}, {"latitude": 40.7}, {"latitude": 91, "longitude": 0},
        {"latitude": "nan", "longitude": 0},
    ],
)  # fmt: skip
def test_what_is_malformed_is_refused_and_not_asked(api: Api, provider: Provider, body: Any) -> None:
    for path in ("places", "places/suggestions"):
        answer = api.post(path, body)
        assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert provider.asked == []


def test_it_says_when_nobody_can_be_asked(api: Api, provider: Provider) -> None:
    provider.is_away = True
    for path in ("places", "places/suggestions"):
        answer = api.post(path, {"text": "canary"})
        assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
        assert answer.json()["type"] == "/problems/places-unavailable"
        assert answer["Retry-After"]


def test_it_counts_as_whatever_is_posted(api: Api, provider: Provider, settings: Any) -> None:
    settings.API_WRITES_PER_MINUTE = 1
    assert [api.post("places/suggestions", {"text": "canary"}).status_code for _ in range(2)] == [200, 429]
    assert api.get("places").status_code == 405
    assert len(provider.asked) == 1
