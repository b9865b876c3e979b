"""What search engines and social networks read."""

import json
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings

from catalog import menu_rules
from catalog.cities import CITIES
from catalog.models import Restaurant
from catalog.sitemaps import lists
from regions import topology
from tests.conftest import region
from tests.factories import cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import NA, Browser

BARE = topology.current().signpost_host
EU = topology.current().jurisdiction_host("eu")
EAST = topology.current().region_host("us-east-1")
CANONICAL = f"http://{NA}/restaurants/lucette/"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CITY = next(city for city in CITIES if city.slug == "new-york")


def json_ld(page: Any) -> Any:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page.content.decode(), re.DOTALL)
    return json.loads(found)


def locations(answer: Any) -> list[str]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/xml"
    return [str(loc.text) for loc in ElementTree.fromstring(answer.content).iter(f"{SPACE}loc")]  # noqa: S314 - our own


def test_a_restaurant_describes_itself(browser: Browser, restaurant: Restaurant) -> None:
    node = json_ld(browser.get("/restaurants/lucette/"))
    assert node["@type"] == "Restaurant"
    assert node["@id"] == CANONICAL
    assert node["servesCuisine"] == ["pizza", "italian"]
    assert node["address"]["addressLocality"] == "Paris"
    assert node["address"]["addressCountry"] == "US"
    assert node["geo"]["latitude"] == pytest.approx(40.7306)
    hours = node["openingHoursSpecification"]
    assert len({entry["dayOfWeek"] for entry in hours}) == 7
    assert {entry["opens"] for entry in hours} == {"00:00"}
    (section,) = node["hasMenu"]["hasMenuSection"]
    assert [item["name"] for item in section["hasMenuItem"]] == ["Margherita", "Marinara"]
    assert section["hasMenuItem"][1]["offers"] == {"@type": "Offer", "price": "9.50", "priceCurrency": "USD"}


def test_what_is_written_in_a_menu_stays_data(browser: Browser, tables: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu_rules, "check", lambda sections, dishes: None)  # a release before it took any text
    hostile = "</script><script>alert(1)</script><!-- & \u2028"
    save_restaurant(make_restaurant(name=hostile), [make_dish(name=hostile)])
    page = browser.get("/restaurants/lucette/")
    assert "<script>alert" not in page.content.decode()
    assert json_ld(page)["name"] == hostile
    assert json_ld(page)["hasMenu"]["hasMenuSection"][0]["hasMenuItem"][0]["name"] == hostile


@pytest.mark.parametrize("host", [NA, EAST])
def test_a_restaurant_has_one_address(browser: Browser, restaurant: Restaurant, host: str) -> None:
    page = browser.get("/restaurants/lucette/?without=milk", host).content.decode()
    assert f'<link rel="canonical" href="{CANONICAL}">' in page
    assert f'<meta property="og:url" content="{CANONICAL}">' in page
    assert f'<meta property="og:image" content="http://{NA}/static/card.png">' in page


@pytest.mark.parametrize(("host", "at"), [(NA, "us-east-1"), (EAST, "us-east-1"), (EU, "eu-west-1")])
def test_a_front_page_belongs_to_its_site_and_names_the_others(browser: Browser, host: str, at: str) -> None:
    with region(at):
        page = browser.get("/", host).content.decode()
    site = "eu" if host == EU else "na"
    assert f'<link rel="canonical" href="http://{site}.foodforthought.localhost:8000/">' in page
    alternates = dict(re.findall(r'<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page))
    assert alternates.pop("x-default") == f"http://{BARE}/"
    assert set(alternates) == {f"en-{country}" for country in topology.current().country_jurisdictions}
    assert alternates["en-CA"] == f"http://{NA}/"
    assert alternates["en-FR"] == f"http://{EU}/"


def test_the_card_is_a_small_png() -> None:
    card = (settings.BASE_DIR / "static" / "card.png").read_bytes()
    assert card.startswith(b"\x89PNG")
    assert (int.from_bytes(card[16:20]), int.from_bytes(card[20:24])) == (1200, 630)
    assert len(card) < 60_000


def test_robots_are_told_what_is_not_theirs_and_where_the_index_is(browser: Browser) -> None:
    lines = browser.get("/robots.txt").content.decode().splitlines()
    assert {"Disallow: /basket/", "Disallow: /checkout/", "Disallow: /orders/"} <= set(lines)
    assert "Disallow: /restaurants/" not in lines
    assert f"Sitemap: http://{BARE}/sitemap.xml" in lines


def test_the_index_leads_to_each_restaurant_once_a_cell(browser: Browser, tables: None, calls: list[str]) -> None:
    save_restaurant(make_restaurant(latitude=CITY.latitude, longitude=CITY.longitude, radius_m=2000))
    calls.clear()
    index = locations(browser.get("/sitemap.xml", BARE))
    assert calls == []
    assert len(index) == len(lists.cells()) < 1000
    path = f"/sitemaps/{CITY.cell}.xml"
    assert f"http://{NA}{path}" in index
    assert locations(browser.get(path)) == [CANONICAL]
    assert calls == ["Query"]
    assert "max-age=21600" in browser.get(path)["Cache-Control"]


def test_there_is_no_list_of_any_other_place(browser: Browser, tables: None) -> None:
    nowhere = cell_of(make_restaurant(latitude=10.0, longitude=10.0))
    assert browser.get(f"/sitemaps/{nowhere}.xml").status_code == 404
    assert browser.get("/sitemaps/x.xml").status_code == 404
