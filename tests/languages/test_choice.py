"""Which language a page is in: what was chosen, else what the browser asks for, else English."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from catalog.models import Restaurant
from regions import topology
from tests.conftest import region
from tests.pages.conftest import NA, Browser, browser, restaurant  # noqa: F401 - fixtures

SIGNPOST = topology.current().signpost_host
EU = topology.current().jurisdiction_host("eu")


def language_of(response: Any) -> str:
    (said,) = re.findall(r'<html lang="([^"]*)"', response.content.decode())
    assert response["Content-Language"] == said
    return str(said)


def choose(client: Client, language: str, *, host: str = NA, origin: str | None = None, **more: str) -> Any:
    return client.post(
        "/language/", {"language": language, **more}, HTTP_HOST=host, HTTP_ORIGIN=origin or f"http://{host}"
    )


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("pt-BR,es;q=0.5", "es"),
        ("nl,*", "en"),
        ("fr-CA", "fr"),
        ("q=;;,-", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_a_browser_is_answered_in_the_language_it_asks_for(browser: Browser, asked: str, language: str) -> None:
    response = browser.get("/basket/", **{"Accept-Language": asked})
    assert language_of(response) == language
    assert {"Accept-Language", "Cookie"} <= set(re.split(r",\s*", response["Vary"]))


def test_a_choice_beats_the_browser_and_is_kept_for_every_region_of_the_site(browser: Browser) -> None:
    response = choose(browser.client, "fr", next="/basket/?a=b")
    assert (response.status_code, response["Location"]) == (302, "/basket/?a=b")
    cookie = response.cookies["language"]
    assert cookie["domain"] == settings.COOKIE_DOMAIN
    assert cookie["max-age"] > 300 * 86_400
    assert language_of(browser.get("/basket/", **{"Accept-Language": "de"})) == "fr"
    with region("us-west-2"):
        sibling = topology.current().region_host("us-west-2")
        assert language_of(browser.get("/basket/", sibling, **{"Accept-Language": "de"})) == "fr"


@pytest.mark.parametrize("language", ["", "xx", "de-de", "../../etc", "nl"])
def test_a_language_that_is_not_spoken_changes_nothing(browser: Browser, language: str) -> None:
    response = choose(browser.client, language, next="/basket/")
    assert response.status_code == 400
    assert "language" not in response.cookies


def test_a_cookie_with_a_language_that_is_not_spoken_is_ignored(browser: Browser) -> None:
    browser.client.cookies["language"] = "kl<script>"
    assert language_of(browser.get("/basket/", **{"Accept-Language": "de"})) == "de"


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "///evil.example", "javascript:alert(1)", "",
     "evil", "\t//evil.example", "/\t/evil.example", f"http://{EU}/", " /x"],
)  # fmt: skip
def test_choosing_leads_to_no_other_site(browser: Browser, back: str) -> None:
    assert choose(browser.client, "de", next=back)["Location"] == "/"


@pytest.mark.parametrize("host", [NA, SIGNPOST])
def test_choosing_needs_a_post_of_a_page_of_the_same_host(host: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    sibling = topology.current().region_host("us-west-2")
    for origin in ("https://evil.example", "null", f"http://{EU}", f"http://{sibling}", f"https://{host}"):
        assert choose(strict, "de", host=host, origin=origin).status_code == 403, origin
    assert strict.post("/language/", {"language": "de"}, HTTP_HOST=host).status_code == 403
    assert strict.get("/language/", HTTP_HOST=host).status_code == 405
    assert "language" not in strict.cookies
    assert choose(strict, "de", host=host).status_code == 302


def test_every_page_offers_the_languages_and_the_way_back(browser: Browser, restaurant: Restaurant) -> None:
    browser.add()
    order = browser.order()
    for path in ("/", "/restaurants/lucette/", "/restaurants/nobody/", "/basket/", order):
        page = browser.get(path).content.decode()
        assert re.findall(r'name="language" value="(..)" lang="\1"', page) == ["en", "fr", "de", "es"], path
        assert f'name="next" value="{path.replace("&", "&amp;")}"' in page
        assert page.count('lang="en" aria-current="true"') == 1
    assert choose(browser.client, "de", next=order)["Location"] == order


def test_the_way_back_from_an_answer_to_a_form_is_the_page_of_the_form(
    browser: Browser, restaurant: Restaurant
) -> None:
    answer = browser.client.post("/where/", {}, HTTP_HOST=NA, HTTP_REFERER=f"http://{NA}/basket/?x=1")
    assert 'name="next" value="/basket/?x=1"' in answer.content.decode()
    for elsewhere in ("http://evil.example/x", "http://[", ""):
        answer = browser.client.post("/where/", {}, HTTP_HOST=NA, HTTP_REFERER=elsewhere)
        assert 'name="next" value="/"' in answer.content.decode()
    assert browser.client.post("/where/", {}, HTTP_HOST="a b").status_code == 421


def test_what_has_no_language_says_none(browser: Browser) -> None:
    for path in ("/health/live", "/static/favicon.svg"):
        response = browser.get(path, **{"Accept-Language": "de"})
        assert response.status_code == 200
        assert not response.has_header("Content-Language")
        assert "Accept-Language" not in response.get("Vary", "")


def test_one_answer_does_not_change_the_language_of_the_next(browser: Browser) -> None:
    assert browser.get("/", EU, **{"Accept-Language": "de"})["Content-Language"] == "de"
    assert '<html lang="en"' in browser.get("/static/nothing.css").content.decode()
