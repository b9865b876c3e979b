"""Where somebody is: typed, suggested, chosen, by position; and the places that are remembered."""

import base64
import json
import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from catalog import where
from catalog.models import Restaurant
from catalog.where import KnownPlace
from core import geo
from foodforthought.json_log import JsonFormatter
from places import finding
from places.addresses import Address
from regions import topology
from tests.factories import NEW_YORK
from tests.pages.conftest import NA, Browser, text_of
from tests.provider import Provider, found

CELL = geo.cell_at(*NEW_YORK)
FAR = (40.9, -74.2)
CANARY = "12 Canary Street, New York, NY 10003"
ADDRESS = Address("US", "12 Canary Street", "", "10003", "New York", "NY")


@pytest.fixture(autouse=True)
def stored(tables: None) -> None:
    """How often an address asks is counted in a table."""


def places_of(browser: Browser) -> list[KnownPlace]:
    request = HttpRequest()
    request.COOKIES = {name: cookie.value for name, cookie in browser.client.cookies.items()}
    return where.known_places(request)


def encoded(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def written(*entries: Any) -> str:
    return encoded(json.dumps(entries).encode())


def read(value: str) -> list[KnownPlace]:
    request = HttpRequest()
    request.COOKIES = {where.PLACES: value}
    return where.known_places(request)


class TestWhatIsTyped:
    def test_an_address_leads_to_its_list_and_is_remembered(
        self, browser: Browser, restaurant: Restaurant, provider: Provider
    ) -> None:
        browser.client.cookies.clear()
        provider.items = [found()]
        answer = browser.post("/where/", {"q": "  12 canary   street ", "cuisine": "pizza"})
        assert (answer.status_code, answer["Location"]) == (302, f"/near/{CELL}/?cuisine=pizza")
        ((operation, asked),) = provider.asked
        assert (operation, asked["QueryText"], asked["Language"]) == ("geocode", "12 canary street", "en")
        assert places_of(browser) == [KnownPlace(CELL, ADDRESS)]
        page = browser.get(answer["Location"])
        assert "Restaurants near 12 Canary Street, New York" in text_of(page)
        assert 'value="12 Canary Street, New York"' in page.content.decode()
        assert len(provider.asked) == 1, "a list asks no provider"

    def test_the_last_place_says_what_is_likely(self, browser: Browser, provider: Provider) -> None:
        browser.client.cookies[where.COOKIE] = CELL
        browser.post("/where/", {"q": "canary street"})
        latitude, longitude = geo.centre_of(CELL)
        assert provider.asked[0][1]["BiasPosition"] == [longitude, latitude]

    def test_only_countries_of_this_jurisdiction_are_asked_for(self, browser: Browser, provider: Provider) -> None:
        browser.post("/where/", {"q": "canary street"})
        assert set(provider.asked[0][1]["Filter"]["IncludeCountries"]) == {"US", "CA", "MX"}

    def test_several_are_chosen_from(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found(), found(city="Newark", postcode="07102", position=FAR)]
        page = browser.post("/where/", {"q": "12 canary street", "cuisine": "thai"})
        assert page.status_code == 200
        assert "Which of these do you mean?" in text_of(page)
        assert 'value="12 canary street"' in page.content.decode(), "what was typed is kept"
        assert where.COOKIE not in browser.client.cookies
        form = re.findall(r"<li><form.*?</form>", page.content.decode(), re.DOTALL)[1]
        chosen = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', form)}
        answer = browser.post("/where/", chosen)
        far = geo.cell_at(*FAR)
        assert answer["Location"] == f"/near/{far}/?cuisine=thai"
        assert [place.name for place in places_of(browser)] == ["12 Canary Street, Newark"]
        assert len(provider.asked) == 1, "what was found is not looked up again"

    def test_the_one_that_is_called_just_so_is_meant(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found(), found(city="Newark", postcode="07102", position=FAR)]
        assert browser.post("/where/", {"q": CANARY.upper()})["Location"] == f"/near/{CELL}/"

    def test_the_only_one_that_is_sure_is_meant(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found(), found(city="Newark", score=0.6, position=FAR)]
        assert browser.post("/where/", {"q": "12 canary street"})["Location"] == f"/near/{CELL}/"

    def test_one_that_is_not_sure_is_asked_about(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found(score=0.5)]
        page = browser.post("/where/", {"q": "canari"})
        assert "Which of these do you mean?" in text_of(page)
        assert CANARY in text_of(page)

    def test_none(self, browser: Browser, provider: Provider) -> None:
        page = browser.post("/where/", {"q": "1 Rue de Rivoli, Paris"})
        text = text_of(page)
        assert page.status_code == 200
        assert "We did not find this place" in text
        assert 'value="1 Rue de Rivoli, Paris"' in page.content.decode()
        assert "This site finds places in North America." in text
        assert (
            f'<a href="{topology.current().jurisdiction_url("eu")}/where/">Look in Europe</a>' in page.content.decode()
        )
        assert "Or choose a city" in text

    def test_when_the_provider_is_away_cities_and_known_places_are_there(
        self, browser: Browser, provider: Provider
    ) -> None:
        provider.items = [found()]
        browser.post("/where/", {"q": CANARY})
        provider.is_away = True
        page = browser.post("/where/", {"q": "34 Canary Street"})
        assert (page.status_code, page["Retry-After"]) == (503, "10")
        assert 'value="34 Canary Street"' in page.content.decode()
        for words in (
            "Addresses can’t be looked up right now",
            "12 Canary Street, New York",
            "Chicago",
            "Enter coordinates",
        ):
            assert words in text_of(page), words
        position = {"latitude": NEW_YORK[0], "longitude": NEW_YORK[1]}
        assert browser.post("/where/", position)["Location"] == f"/near/{CELL}/"

    @pytest.mark.parametrize(
        ("typed", "asked"),
        [
            ("Saint\x00Canary", None),
            ("a\x07b\u202ec\t\nd", "a b c d"),
            ("Café \U0001f469\u200d\U0001f373 Straße İ", "Café \U0001f469\u200d\U0001f373 Straße İ"),
            ("<b>12</b> 'bis'", "<b>12</b> 'bis'"),
        ],
    )
    def test_strange_text(self, browser: Browser, provider: Provider, typed: str, asked: str | None) -> None:
        page = browser.post("/where/", {"q": typed})
        assert page.status_code == (200 if asked else 400)
        assert [text["QueryText"] for _, text in provider.asked] == ([asked] if asked else [])
        assert "<b>12" not in page.content.decode()

    @pytest.mark.parametrize("typed", ["", "   ", "\u3164", "x" * 201, "x" * 60_000])
    def test_what_is_no_text_is_not_asked(self, browser: Browser, provider: Provider, typed: str) -> None:
        page = browser.post("/where/", {"q": typed})
        assert page.status_code == 400
        assert 'id="place-error"' in page.content.decode()
        assert browser.post("/where/suggestions/", {"q": typed}).json()["suggestions"] == []
        assert provider.asked == []


class TestChoosing:
    CHOICE = {
        "cell": CELL,
        "country": "US",
        "street": "12 Canary Street",
        "postcode": "10003",
        "city": "New York",
        "region": "NY",
    }

    def test_it_is_taken_as_if_it_had_been_typed(self, browser: Browser) -> None:
        assert browser.post("/where/", self.CHOICE)["Location"] == f"/near/{CELL}/"
        assert places_of(browser) == [KnownPlace(CELL, ADDRESS)]

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("cell", "x"),
            ("cell", "8" * 15),
            ("country", "XX"),
            ("country", ""),
            ("street", "x" * 101),
            ("city", "a\nb"),
            ("region", "\u202e"),
            ("postcode", "1" * 13),
            ("cuisine", "x" * 61),
        ],
    )
    def test_nothing_else_is(self, browser: Browser, part: str, value: str) -> None:
        assert browser.post("/where/", {**self.CHOICE, part: value}).status_code == 400
        assert where.COOKIE not in browser.client.cookies


class TestPosition:
    def test_it_is_called_by_the_nearest_address(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found(position=FAR)]
        answer = browser.post("/where/", {"latitude": NEW_YORK[0], "longitude": NEW_YORK[1]})
        assert answer["Location"] == f"/near/{CELL}/"
        ((operation, asked),) = provider.asked
        assert (operation, asked["QueryPosition"]) == ("reverse_geocode", [NEW_YORK[1], NEW_YORK[0]])
        assert [(place.cell, place.name) for place in places_of(browser)] == [(CELL, "12 Canary Street, New York")]

    @pytest.mark.parametrize("is_away", [False, True])
    def test_it_needs_no_name(self, browser: Browser, provider: Provider, is_away: bool) -> None:
        provider.is_away = is_away
        browser.post("/where/", {"latitude": NEW_YORK[0], "longitude": NEW_YORK[1]})
        assert browser.client.cookies[where.COOKIE].value == CELL
        assert places_of(browser) == []


class TestSuggestions:
    def test_they_are_labels_for_this_text_and_kept_nowhere(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found()]
        answer = browser.post("/where/suggestions/", {"q": "12 can"})
        assert answer.json() == {"suggestions": [CANARY], "is_available": True}
        assert "no-store" in answer["Cache-Control"]
        assert provider.asked[0][0] == "autocomplete"
        assert browser.get("/where/suggestions/").status_code == 405

    def test_two_characters_are_too_few(self, browser: Browser, provider: Provider) -> None:
        assert browser.post("/where/suggestions/", {"q": " 12 "}).json()["suggestions"] == []
        assert provider.asked == []

    def test_they_say_that_the_provider_is_away(self, browser: Browser, provider: Provider) -> None:
        provider.is_away = True
        for _ in range(3):
            answer = browser.post("/where/suggestions/", {"q": "canary"})
            assert (answer.status_code, answer.json()) == (200, {"suggestions": [], "is_available": False})
        assert len(provider.asked) == 1, "it is left alone for a while"

    def test_they_need_the_forms_token(self) -> None:
        client = Client(enforce_csrf_checks=True)
        for path in ("/where/suggestions/", "/where/forget/"):
            assert client.post(path, {"q": "canary"}, HTTP_HOST=NA).status_code == 403

    def test_one_address_may_ask_so_often_in_a_minute(
        self, browser: Browser, provider: Provider, settings: Any
    ) -> None:
        settings.PLACES_PER_MINUTE = 2

        def ask(path: str = "/where/suggestions/", who: str = "203.0.113.7") -> Any:
            return browser.client.post(path, {"q": "canary"}, HTTP_HOST=NA, HTTP_X_FORWARDED_FOR=f"10.0.0.1, {who}")

        assert [ask().status_code, ask("/where/").status_code, ask().status_code] == [200, 200, 429]
        refused = ask("/where/")
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 60
        assert "At most 2 places" in text_of(refused)
        assert ask(who="203.0.113.8").status_code == 200
        assert len(provider.asked) == 3
        assert browser.get("/").status_code == 200, "cities and lists go on"


class TestWhatIsRemembered:
    def test_the_last_five_the_newest_first(self, browser: Browser, provider: Provider) -> None:
        cities = [f"City {number}" for number in range(7)]
        for number, city in enumerate(cities):
            provider.items = [found(city=city, position=(40 + number / 10, -74))]
            browser.post("/where/", {"q": city})
        assert [place.address.city for place in places_of(browser)] == cities[:1:-1]
        page = browser.get("/?cuisine=thai")
        shown = re.findall(r'class="chip" href="(/near/[^"]+)">12 Canary Street, (City \d)', page.content.decode())
        assert [city for _, city in shown] == cities[:1:-1]
        assert all(address.endswith("/?cuisine=thai") for address, _ in shown)
        again = shown[-1][0].partition("?")[0]
        browser.get(again)
        assert places_of(browser)[0].address.city == "City 2", "where one is again, one has been last"

    def test_they_are_forgotten(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found()]
        browser.post("/where/", {"q": CANARY})
        assert "Forget these places" in text_of(browser.get("/"))
        answer = browser.post("/where/forget/", {})
        assert (answer.status_code, answer["Location"]) == (302, "/")
        for name in (where.COOKIE, where.PLACES):
            assert answer.cookies[name].value == ""
            assert answer.cookies[name]["domain"] == "na.foodforthought.localhost"
        assert "Canary" not in text_of(browser.get("/"))
        assert "Recent places" not in text_of(browser.get("/"))

    def test_a_list_that_a_link_led_to_is_called_by_its_city(self, browser: Browser, restaurant: Restaurant) -> None:
        browser.client.cookies.clear()
        first = browser.get(f"/near/{CELL}/")
        assert {where.COOKIE, where.PLACES} <= set(first.cookies)
        assert [place.name for place in places_of(browser)] == ["Paris"], "as the restaurant there has it"
        again = browser.get(f"/near/{CELL}/?q=lucette")
        assert not {where.COOKIE, where.PLACES} & set(again.cookies), "nothing has changed"

    def test_a_place_without_a_name_is_remembered_too(self, browser: Browser) -> None:
        browser.get(f"/near/{CELL}/")
        assert "Where I was last time" in text_of(browser.get("/"))

    def test_an_address_is_not_called_by_its_city_on_the_list(
        self, browser: Browser, restaurant: Restaurant, provider: Provider
    ) -> None:
        provider.items = [found()]
        browser.post("/where/", {"q": CANARY})
        browser.get(f"/near/{CELL}/")
        assert [place.name for place in places_of(browser)] == ["12 Canary Street, New York"]

    def test_the_longest_fit_into_the_cookie(self) -> None:
        request, response = HttpRequest(), HttpResponse()
        for number in range(5):
            long = Address("US", "𝔘" * 120, "𝔘" * 60, "1" * 20, f"{number}" + "𝔘" * 60, "𝔘" * 41)
            where.remember(response, request, geo.cell_at(40 + number, -74), long)
            request.COOKIES = {name: cookie.value for name, cookie in response.cookies.items()}
            assert len(request.COOKIES[where.PLACES]) <= where.MAX_BYTES
            assert where.known_places(request)[0].address.city.startswith(f"{number}")
            current = where.current(request)
            assert current
            assert current.address.unit == ""

    GOOD = (CELL, "US", "12 Canary Street", "10003", "New York", "NY")

    def test_what_is_written_is_read(self) -> None:
        assert read(written(self.GOOD)) == [KnownPlace(CELL, ADDRESS)]
        assert read(written(self.GOOD, self.GOOD)) == [KnownPlace(CELL, ADDRESS)]

    @pytest.mark.parametrize(
        "entry",
        [
            None, 5, "x", {}, [], GOOD[:5], (*GOOD, ""), ("x", *GOOD[1:]), (5, *GOOD[1:]), (CELL, "XX", *GOOD[2:]),
            (CELL, ["US"], *GOOD[2:]), (CELL, "US", "x" * 101, "", "", ""), (CELL, "US", "a\nb", "", "", ""),
            (CELL, "US", "\u202e", "", "", ""), (CELL, "US", "", "", "", ""), (CELL, "US", "\ud800", "", "", ""),
        ],
    )  # fmt: skip
    def test_what_is_odd_is_left_out(self, entry: Any) -> None:
        assert read(written(entry, self.GOOD)) == [KnownPlace(CELL, ADDRESS)]

    @pytest.mark.parametrize(
        "value",
        ["", "x", "é", "!!", written(5)[:-1], encoded(b"[" * 1_000), written("x" * 2_000), "A" * 10_000,
         encoded(b"\xff\xfe"), encoded(b'{"a": 1}'), encoded(b"5")],
    )  # fmt: skip
    def test_a_cookie_of_somebody_else_is_none(self, browser: Browser, value: str) -> None:
        assert read(value) == []
        browser.client.cookies[where.PLACES] = value
        assert browser.get("/").status_code == 200


class TestWhatIsPersonal:
    def test_what_is_typed_is_in_no_log_and_no_address(
        self, browser: Browser, provider: Provider, caplog: pytest.LogCaptureFixture
    ) -> None:
        typed = "99 Zanzibarcanary Street"
        provider.items = [found("Zanzibarcanary Street", "99")]
        addresses = [browser.post("/where/", {"q": typed})["Location"]]
        browser.post("/where/suggestions/", {"q": typed})
        browser.get(addresses[0])
        provider.items = []
        browser.post("/where/", {"q": typed})
        provider.is_away = True
        browser.post("/where/", {"q": typed})
        browser.post("/where/suggestions/", {"q": typed})
        browser.post("/where/", {"q": typed + "x" * 200})
        browser.post("/where/", {"cell": "x", "street": typed})
        lines = [JsonFormatter().format(record) for record in caplog.records]
        for text in (*addresses, *lines):
            assert "zanzibar" not in text.casefold()
        assert len([line for line in lines if '"message": "request"' in line and '"route": "where/"' in line]) == 5
        assert any("places unavailable" in line for line in lines)

    def test_only_this_region_is_asked(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch, provider: Provider
    ) -> None:
        asked: list[tuple[str, str]] = []

        def client(service: str, region: str, **_: Any) -> Provider:
            asked.append((service, region))
            return provider

        monkeypatch.undo()
        monkeypatch.setattr(finding, "aws", SimpleNamespace(client=client))
        browser.post("/where/suggestions/", {"q": "canary"})
        browser.post("/where/", {"q": "1 Rue de Rivoli, Paris"})
        browser.post("/where/", {"latitude": "48.85", "longitude": "2.35"})
        assert asked == [("geo-places", "us-east-1")] * 3

    def test_the_cookies_are_this_jurisdictions(self, browser: Browser, provider: Provider) -> None:
        provider.items = [found()]
        answer = browser.post("/where/", {"q": CANARY})
        for name in (where.COOKIE, where.PLACES):
            cookie = answer.cookies[name]
            assert (cookie["domain"], cookie["httponly"], cookie["samesite"]) == (
                "na.foodforthought.localhost",
                True,
                "Lax",
            )
