"""The list near a place by API: the same questions as the page, and the same honesty."""

from typing import Any

import pytest

from catalog import actions, browse
from catalog.models import Restaurant
from tests.api.conftest import Api
from tests.factories import cell_of, make_restaurant

CELL = cell_of(make_restaurant())


def put(restaurant_id: str, **values: Any) -> None:
    actions.put_restaurant(make_restaurant(restaurant_id, radius_m=300, **values))


def names(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [card["id"] for card in response.json()["restaurants"]]


def test_filters_search_and_order(api: Api, restaurant: Restaurant) -> None:
    put("rangoli", name="Rangoli", cuisines=["indian"], delivery_fee_minor=0, diets=["vegan"])
    put("umi", name="Umi", cuisines=["sushi"], delivery_fee_minor=100, opening_hours=None)
    assert names(api.get("restaurants", cell=CELL, sort="fee")) == ["rangoli", "lucette", "umi"]
    assert names(api.get("restaurants", cell=CELL, cuisine=["indian", "sushi"])) == ["rangoli", "umi"]
    assert names(api.get("restaurants", cell=CELL, diet="vegan")) == ["rangoli"]
    assert names(api.get("restaurants", cell=CELL, cuisine="sushi", open="true")) == []
    found = api.get("restaurants", cell=CELL, q="MÀRGHERITA").json()
    assert (found["found"], found["looked_at"], found["goes_on"], found["next"]) == (1, 3, False, None)
    assert found["restaurants"][0]["dish"] == "Margherita"
    assert found["restaurants"][0]["diets"] == ["vegetarian"]
    assert found["looked_at_km"][0] <= found["looked_at_km"][1] < 3
    assert {"word": "indian", "count": 1} in found["cuisines"]
    assert found["diets"] == [{"word": "vegan", "count": 1}, {"word": "vegetarian", "count": 1}]


def test_a_cursor_goes_on_with_the_same_question_only(api: Api, tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse, "PAGE", 2)
    for number in range(3):
        put(f"r{number}")
    first = api.get("restaurants", cell=CELL, cuisine="pizza").json()
    assert (first["found"], len(first["restaurants"])) == (3, 2)
    assert names(api.get("restaurants", cell=CELL, cuisine="pizza", cursor=first["next"])) == ["r2"]
    refused = api.get("restaurants", cell=CELL, cuisine="italian", cursor=first["next"])
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "first page" in refused.json()["detail"]


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 10_000},
        {"q": "\x00"},
        {"cuisine": "x" * 61},
        {"cuisine": "\x00"},
        {"cuisine": [f"c{n}" for n in range(13)]},
        {"sort": "price"},
        {"open": "maybe"},
        {"cursor": "~0~1~deadbeef"},
        {"cursor": "\x00"},
    ],
)
def test_a_hostile_question_is_refused(api: Api, restaurant: Restaurant, query: dict[str, Any]) -> None:
    response = api.get("restaurants", cell=CELL, **query)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("q", ["\x01\x02\x7f", "🍕", "\u202e<script>", "%00", "' OR 1=1", "(+*["])
def test_a_strange_question_finds_nothing_or_all(api: Api, restaurant: Restaurant, q: str) -> None:
    assert api.get("restaurants", cell=CELL, q=q).status_code == 200
