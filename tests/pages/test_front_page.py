"""The front page asks where one is, and remembers what one is hungry for meanwhile."""

import re
from html import unescape

import pytest

from catalog import where
from catalog.cuisines import CUISINES, FIRST_WORDS
from core import geo
from tests.factories import NEW_YORK
from tests.pages.conftest import Browser, text_of

CELL = geo.cell_at(*NEW_YORK)


def links(browser: Browser, path: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="([^"]+)"', browser.get(path).content.decode())]


def test_every_cuisine_leads_to_the_question_where_and_from_there_to_its_list(browser: Browser) -> None:
    for word in FIRST_WORDS:
        asked = "/?cuisine=" + word.replace(" ", "%20")
        assert asked in links(browser, "/"), word
        assert f"{word.capitalize()} it is" in text_of(browser.get(asked))
        cities = [link for link in links(browser, asked) if link.startswith("/near/")]
        assert len(cities) == 15
        assert all(link.endswith(asked[1:]) for link in cities)


def test_a_cuisine_is_kept_when_coordinates_are_typed(browser: Browser) -> None:
    page = browser.get("/?cuisine=coffee%20shop").content.decode()
    assert '<input type="hidden" name="cuisine" value="coffee shop">' in page
    typed = {"latitude": NEW_YORK[0], "longitude": NEW_YORK[1], "cuisine": "coffee shop"}
    assert browser.post("/where/", typed)["Location"] == f"/near/{CELL}/?cuisine=coffee+shop"
    again = browser.post("/where/", {**typed, "latitude": "north"})
    assert again.status_code == 400
    assert 'name="cuisine" value="coffee shop"' in again.content.decode()
    assert browser.post("/where/", {**typed, "cuisine": ""})["Location"] == f"/near/{CELL}/"


def test_who_has_been_here_gets_to_the_list_at_once(browser: Browser) -> None:
    browser.client.cookies[where.COOKIE] = CELL
    assert {f"/near/{CELL}/", f"/near/{CELL}/?cuisine=thai"} <= set(links(browser, "/"))
    assert f"/near/{CELL}/?cuisine=thai" in links(browser, "/?cuisine=thai")


@pytest.mark.parametrize("word", ["<script>", "martian", "x" * 5000, "\u202e"])
def test_a_word_that_is_no_cuisine_is_not_repeated(browser: Browser, word: str) -> None:
    page = browser.client.get("/", {"cuisine": word}, HTTP_HOST="na.foodforthought.localhost:8000")
    assert page.status_code == 200
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert "What are you hungry for?" in main
    assert word not in main


def test_every_cuisine_of_the_front_page_is_translated() -> None:
    assert set(FIRST_WORDS) <= set(CUISINES)
