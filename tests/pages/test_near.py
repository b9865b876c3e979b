"""The page of the list near a place: whole without JavaScript, its rows alone for htmx."""

import gzip
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.staticfiles import finders

from catalog import actions, browse
from catalog.models import Card, Restaurant
from catalog.samples.restaurants import sample_records
from regions import aws
from tests.factories import cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import Browser, text_of

CELL = cell_of(make_restaurant())
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def put(restaurant_id: str, **values: Any) -> None:
    actions.put_restaurant(make_restaurant(restaurant_id, radius_m=300, **values))


def test_what_was_chosen_stays_chosen(browser: Browser, restaurant: Restaurant) -> None:
    put("rangoli", name="Rangoli", cuisines=["indian"])
    page = browser.get(f"/near/{CELL}/?q=+Luc&cuisine=pizza&cuisine=thai&diet=vegetarian&open=1&sort=fee")
    content = page.content.decode()
    assert "Chez Lucette" in content
    assert "Rangoli" not in content
    assert 'value="Luc"' in content
    for name, value in (("cuisine", "pizza"), ("cuisine", "thai"), ("diet", "vegetarian"), ("open", "1")):
        assert f'name="{name}" value="{value}" checked' in content
    assert 'value="indian" checked' not in content
    assert '<option value="fee" selected>' in content
    assert "1 restaurant of 2, open ones first." in text_of(page)


def test_a_dish_that_was_found_is_named(browser: Browser, restaurant: Restaurant) -> None:
    page = browser.get(f"/near/{CELL}/?q=MARINARA")
    assert "On the menu: Marinara" in text_of(page)
    assert "On the menu" not in text_of(browser.get(f"/near/{CELL}/?q=lucette"))


def test_htmx_gets_the_rows_alone_and_a_short_address(browser: Browser, restaurant: Restaurant) -> None:
    part = browser.get(f"/near/{CELL}/?q=lucette&sort=distance&cuisine=", **HTMX)
    content = part.content.decode()
    assert "<html" not in content
    assert "<form" not in content
    assert "Chez Lucette" in content
    assert 'id="count" hx-swap-oob="innerHTML"' in content, "the line that is read out stays in the page"
    assert part["HX-Replace-Url"] == f"/near/{CELL}/?q=lucette"
    assert browser.get(f"/near/{CELL}/?q=&sort=distance", **HTMX)["HX-Replace-Url"] == f"/near/{CELL}/"
    whole = browser.get(part["HX-Replace-Url"])
    assert "<html" in whole.content.decode(), "the address shows the same after a reload"
    assert "HX-Request" in part["Vary"]
    assert "HX-Request" in whole["Vary"]


def test_more_rows_follow_with_every_choice_kept(
    browser: Browser, tables: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "PAGE", 2)
    for number in range(3):
        put(f"r{number}", name=f"Place {number}", delivery_fee_minor=number)
    page = browser.get(f"/near/{CELL}/?q=place&cuisine=pizza&open=1&sort=fee")
    assert "1 to 2 of 3." in text_of(page)
    further = page.context["page"].further_url
    assert f'href="{further.replace("&", "&amp;")}"' in page.content.decode()
    asked = parse_qs(urlsplit(further).query)
    assert {name: values for name, values in asked.items() if name != "cursor"} == {
        "q": ["place"], "cuisine": ["pizza"], "open": ["1"], "sort": ["fee"],
    }  # fmt: skip
    rest = browser.get(further, **{"HX-Request": "true", "HX-Target": "more"})
    assert "HX-Replace-Url" not in rest, "the address stays that of the list's beginning"
    assert "3 to 3 of 3. We looked at all 3 that deliver here." in text_of(rest)
    assert "Show more" not in text_of(rest)


def test_the_window_is_told(browser: Browser, tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.models.WINDOW", 2)
    for number in range(3):
        put(f"r{number}", name=f"Place {number}")
    put("z-rare", name="Rare", cuisines=["rare"])
    first = browser.get(f"/near/{CELL}/?cuisine=rare")
    assert "None of the 2 nearest match" in text_of(first)
    assert "We looked at the 2 nearest, up to" in text_of(first)
    assert "Look farther away" in text_of(first)
    second = browser.get(first.context["page"].further_url)
    assert "Rare" in text_of(second)
    assert "Nobody farther away delivers here." in text_of(second)


def test_nobody_delivers_here(browser: Browser, tables: None) -> None:
    page = browser.get(f"/near/{CELL}/")
    assert "Nobody delivers here yet" in text_of(page)
    assert "looked at" not in text_of(page)


def test_a_full_page_weighs_less_than_100_kb(browser: Browser, tables: None) -> None:
    """With everything that it loads, compressed as it is served: also the drawings that are loaded later."""
    cards = {record.restaurant: record for record in sample_records(60) if isinstance(record, Card)}
    for card in cards.values():
        item = card.serialize() | {"pk": {"S": f"cell#{CELL}"}, "version": {"N": "1"}}
        aws.client("dynamodb", "us-east-1").put_item(TableName=Card.Meta.table_name, Item=item)
    page = browser.get(f"/near/{CELL}/")
    content = page.content.decode()
    assert content.count('class="restaurant-art"') == browse.PAGE
    files = set(re.findall(r'(?:src|href)="/static/([^"]+)"', content))
    weights = {path: len(gzip.compress(Path(finders.find(path)).read_bytes())) for path in files}
    assert {"browse.js", "foodforthought.css"} <= weights.keys()
    assert len(gzip.compress(page.content)) + sum(weights.values()) < 100_000, weights


HOSTILE = [
    "q=%00",
    "q=" + "x" * 10_000,
    "cuisine=" + "x" * 61,
    "cuisine=%00",
    "&".join(f"cuisine=c{n}" for n in range(13)),
    "diet=%1b",
    "sort=price",
    "cursor=garbage",
    "cursor=%00",
    "cursor=" + "~" * 201,
]
HARMLESS = [
    "q=%01%02%7f",
    "q=%F0%9F%8D%95",
    "q=%E2%80%AE<script>",
    "q=%ff%fe",
    "q=" + "a+" * 49,
    "q=%28%2B%2A%5B",
    "open=maybe",
]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_question_is_refused(browser: Browser, restaurant: Restaurant, query: str) -> None:
    for headers in ({}, HTMX):
        assert browser.get(f"/near/{CELL}/?{query}", **headers).status_code == 400


@pytest.mark.parametrize("query", HARMLESS)
def test_a_strange_question_is_harmless(browser: Browser, restaurant: Restaurant, query: str) -> None:
    page = browser.get(f"/near/{CELL}/?{query}")
    assert page.status_code == 200
    assert "<script>" not in page.content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize("query", ["", "?q=marinara&cuisine=pizza&diet=vegetarian&open=1&sort=time"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_two_round_trips_whatever_is_asked(
    browser: Browser, tables: None, calls: list[str], query: str, headers: dict[str, str]
) -> None:
    for number in range(3):
        save_restaurant(make_restaurant(f"r{number}"), [make_dish("marinara", restaurant=f"r{number}")])
    calls.clear()
    assert "On the menu" in text_of(browser.get(f"/near/{CELL}/{query}", **headers)) or not query
    assert calls == ["Query", "BatchGetItem"]
