"""A jurisdiction is a site: its cookies stay within it, `www.` leads to it, and it only shows what another one sells."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from catalog import menu_cache
from catalog.models import Availability, Restaurant
from core import clock
from orders.models import Order
from regions import aws, heartbeat, topology
from tests.conftest import region
from tests.factories import cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import NA, Browser, text_of

DOMAIN = "foodforthought.localhost:8000"
WWW = f"www.{DOMAIN}"
EU = topology.current().jurisdiction_host("eu")
MENU = "/restaurants/lucette/"


class TestTheSignpost:
    @pytest.mark.parametrize("host", [DOMAIN, WWW])
    @pytest.mark.parametrize(
        "address",
        ["/", "/basket/", f"{MENU}?without=milk&q=%20%2F", "/near/872a1072bffffff/", "/api/", "/sitemaps/x.xml", "/nothing",
         "/orders/us-east-1/01J/?access=s"],
    )  # fmt: skip
    def test_it_leads_to_the_same_address_on_the_site_of_the_region_that_answers(self, host: str, address: str) -> None:
        for at, site in (("us-west-2", NA), ("eu-west-1", EU)):
            with region(at):
                led = Client().get(address, HTTP_HOST=host)
            assert (led.status_code, led["Cache-Control"]) == (302, "no-store")
            assert led["Location"] == f"http://{site}{address}"
            assert not led.cookies

    def test_it_leads_to_no_other_host(self) -> None:
        led = Client().get("/", HTTP_HOST=WWW, PATH_INFO="//evil.example/x")
        assert led["Location"] == f"http://{NA}//evil.example/x"

    def test_it_answers_what_needs_no_site(self, tables: None) -> None:
        save_restaurant()
        client = Client()
        for address in ("/health/live", "/health/ready", "/static/favicon.svg", "/robots.txt", "/sitemap.xml"):
            assert client.get(address, HTTP_HOST=WWW).status_code == 200, address
        assert client.get("/api/v1/restaurants/lucette", HTTP_HOST=WWW).json()["order_endpoint"] == f"http://{NA}"
        assert client.get("/api/v1/nothing", HTTP_HOST=WWW)["Content-Type"] == "application/problem+json"

    def test_it_takes_no_form_and_sets_no_cookie(self, tables: None) -> None:
        save_restaurant()
        strict = Client(enforce_csrf_checks=True)
        for address in ("/", "/basket/lines/", "/checkout/", "/where/", f"{MENU}dishes/margherita/"):
            assert strict.post(address, {"quantity": 1}, HTTP_HOST=WWW).status_code == 405, address
        for address in (
            "/static/nothing.css",
            "/robots.txt",
            "/language/",
            "/near/872a1072bffffff/",
            "/api/v1/nothing",
        ):
            strict.get(address, HTTP_HOST=WWW)
        assert not strict.cookies

    def test_an_address_that_is_too_long_is_refused(self) -> None:
        assert Client().get("/", {"q": "x" * 20_000}, HTTP_HOST=WWW).status_code == 400

    def test_a_language_chosen_there_is_handed_over_once(self) -> None:
        at_www, at_site = Client(), Client()
        chosen = at_www.post(
            "/language/", {"language": "fr", "next": "/basket/?a=b"}, HTTP_HOST=WWW, HTTP_ORIGIN=f"http://{WWW}"
        )
        assert chosen["Location"] == "/basket/?a=b"
        assert chosen.cookies["language"]["domain"] == ""
        led = at_www.get("/basket/?a=b", HTTP_HOST=WWW)
        assert led["Location"] == f"http://{NA}/basket/?a=b&language=fr"
        assert led.cookies["language"].value == ""
        assert at_www.get("/basket/", HTTP_HOST=WWW)["Location"] == f"http://{NA}/basket/"

        taken = at_site.get("/basket/?a=b&language=fr", HTTP_HOST=NA)
        assert (taken.status_code, taken["Location"]) == (302, f"http://{NA}/basket/?a=b")
        assert (taken.cookies["language"].value, taken.cookies["language"]["domain"]) == (
            "fr",
            "na.foodforthought.localhost",
        )
        assert '<html lang="fr">' in at_site.get("/basket/?a=b", HTTP_HOST=NA).content.decode()

    @pytest.mark.parametrize("language", ["xx", "", "<script>", "fr\x00"])
    def test_a_language_that_is_none_is_stripped_all_the_same(self, language: str) -> None:
        taken = Client().get("/basket/", {"language": language, "a": "b"}, HTTP_HOST=NA)
        assert taken["Location"] == f"http://{NA}/basket/?a=b"
        assert "language" not in taken.cookies

    @pytest.mark.parametrize("name", ["languag%65", "%6Canguage", "%6c%61nguage"])
    def test_a_language_is_stripped_however_its_name_is_written(self, name: str) -> None:
        """Left in the address it would lead to itself, for ever."""
        taken = Client().get(f"/basket/?a=%26&{name}=fr&b=c+d", HTTP_HOST=NA)
        assert taken["Location"] == f"http://{NA}/basket/?a=%26&b=c+d"

    def test_it_hands_over_no_language_that_is_none(self) -> None:
        client = Client()
        client.cookies["language"] = "xx&a=b"
        assert client.get("/", HTTP_HOST=WWW)["Location"] == f"http://{NA}/"

    def test_a_strangers_link_changes_no_choice_and_leads_to_no_other_host(self) -> None:
        client = Client()
        client.cookies["language"] = "de"
        taken = client.get("/?language=fr", PATH_INFO="//evil.example/", HTTP_HOST=NA, HTTP_SEC_FETCH_SITE="cross-site")
        assert taken["Location"] == f"http://{NA}//evil.example/"
        assert "language" not in taken.cookies
        assert client.get("/?language=fr", HTTP_HOST=NA).cookies["language"].value == "fr"


class TestWhatBelongsToASite:
    def test_every_cookie_is_the_sites_own(self, browser: Browser, restaurant: Restaurant) -> None:
        browser.client.cookies.clear()
        browser.get(f"/near/{cell_of(restaurant)}/")
        browser.get(MENU)
        browser.add()  # with a message
        browser.get(browser.order())
        browser.client.get("/basket/?language=de", HTTP_HOST=NA)
        domains = {name: cookie["domain"] for name, cookie in browser.client.cookies.items()}
        assert {"where", "places", "csrftoken", "messages", "basket", "seen", "language"} <= domains.keys()
        assert set(domains.values()) == {"na.foodforthought.localhost"}

    def test_forms_go_to_this_site_only(self, browser: Browser) -> None:
        (targets,) = re.findall(r"form-action ([^;]+)", browser.get("/")["Content-Security-Policy"])
        hosts = {NA, f"us-east-1.na.{DOMAIN}", f"us-west-2.na.{DOMAIN}"}
        assert set(targets.split()) == {"'self'", *(f"http://{host}" for host in hosts)}

    def test_a_form_at_the_signpost_may_lead_to_any_site(self, browser: Browser) -> None:
        """The language is chosen there too, and the region that leads on may be of the other jurisdiction."""
        for host in (DOMAIN, f"www.{DOMAIN}"):
            page = browser.client.post("/language/", {"language": "de"}, HTTP_HOST=host)  # refused, with the form on it
            (targets,) = re.findall(r"form-action ([^;]+)", page["Content-Security-Policy"])
            assert {"'self'", f"http://{NA}", f"http://eu.{DOMAIN}"} <= set(targets.split())

    def test_a_form_of_another_site_is_refused(self, restaurant: Restaurant) -> None:
        client = Client(enforce_csrf_checks=True)
        page = client.get("/where/", HTTP_HOST=NA).content.decode()
        token, *_ = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        form = {"csrfmiddlewaretoken": token, "latitude": "40", "longitude": "-73"}
        sibling = f"http://us-west-2.na.{DOMAIN}"
        assert client.post("/where/", form, HTTP_HOST=NA, HTTP_ORIGIN=sibling).status_code == 302
        for stranger in (f"http://{EU}", f"http://eu-west-1.eu.{DOMAIN}", f"http://{WWW}", f"http://{DOMAIN}"):
            assert client.post("/where/", form, HTTP_HOST=NA, HTTP_ORIGIN=stranger).status_code == 403, stranger

    def test_a_basket_is_read_by_siblings_and_refused_abroad(self) -> None:
        """In processes of their own: the settings decide it."""
        american = _in_region(
            "us-east-1", "print(dumps(Basket('lucette', new_token(now_seconds=clock.now_ms() // 1000))))"
        )
        read = f"print(loads({american!r}).restaurant)"
        assert _in_region("us-west-2", read) == "lucette"
        assert "BasketUnreadable" in _in_region("eu-west-1", read)


def _in_region(name: str, code: str) -> str:
    """What the code prints, or why it fails, in a process of a region on a laptop."""
    prelude = (
        "import django; django.setup(); from core import clock; from core.ids import new_token;"
        "from orders.baskets import Basket, dumps, loads\n"
    )
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("FFT_", "AWS_", "SECRET_"))}
    environment |= {"AWS_REGION": name, "DJANGO_SETTINGS_MODULE": "foodforthought.settings"}
    done = subprocess.run(
        [sys.executable, "-c", prelude + code], env=environment, capture_output=True, text=True, check=False
    )
    return (done.stdout or done.stderr).strip()


class TestARestaurantOfAnotherSite:
    """Read in America, ordered from in Europe."""

    @pytest.fixture(autouse=True)
    def european(self, tables: None) -> Restaurant:
        return save_restaurant(make_restaurant(country="FR"), [make_dish(), make_dish("marinara", options=[])])

    @pytest.mark.parametrize("path", [MENU, f"{MENU}?without=milk", f"{MENU}dishes/margherita/"])
    def test_its_pages_have_no_forms_but_the_way(self, browser: Browser, path: str) -> None:
        page = browser.get(path).content.decode()
        assert "Margherita" in page
        assert re.findall(r'<form[^>]+action="([^"]*)"', page) == ["/language/"]
        assert page.count("<form") == 1
        assert "formaction" not in page
        assert f'href="http://{EU}{path.partition("?")[0]}"' in page
        assert "You can order on our site for Europe" in page

    def test_a_form_that_is_sent_all_the_same_leads_to_an_empty_one_there(self, browser: Browser) -> None:
        refused = browser.add(note="Canary")
        assert refused.status_code == 421
        assert f'href="http://{EU}{MENU}dishes/margherita/"' in refused.content.decode()
        assert "Canary" not in refused.content.decode()
        assert browser.basket is None
        assert list(Order.scan()) == []

    def test_on_its_own_site_it_is_as_any_other(self, browser: Browser) -> None:
        with region("eu-west-1"):
            page = browser.get(MENU, EU)
        assert "Your basket" in text_of(page)
        assert "other-site" not in page.content.decode()

    def test_the_list_says_where_orders_are_taken(self, browser: Browser, european: Restaurant) -> None:
        address = f"/near/{cell_of(european)}/"
        assert f'href="http://{EU}{address}"' in browser.get(address).content.decode()
        with region("eu-west-1"):
            assert "other-site" not in browser.get(address, EU).content.decode()

    def test_it_says_when_its_site_is_silent(self, browser: Browser, calls: list[str]) -> None:
        beat("eu-west-1", seconds_ago=400)
        menu_cache.forget()
        calls.clear()
        page = text_of(browser.get(MENU))
        assert "Ordering has to wait. Orders are placed on our site for Europe" in page
        assert "which has not responded for 6 minutes" in page
        assert calls == ["Query", "BatchGetItem"]
        # One of its regions is enough.
        beat("eu-central-1", seconds_ago=2)
        assert "has to wait" not in text_of(browser.get(MENU))

    def test_what_was_never_heard_is_not_called_silent(self, browser: Browser) -> None:
        assert "has to wait" not in text_of(browser.get(MENU))

    def test_what_its_kitchen_says_is_shown(self, browser: Browser) -> None:
        word = {"value": True, "changed_at": clock.now_ms()}
        with region("eu-west-1"):
            Availability(key="eu-west-1#lucette", home="eu-west-1", restaurant="lucette", paused=word).save()
        assert "Not taking orders right now" in text_of(browser.get(MENU))


def beat(home: str, *, seconds_ago: int) -> None:
    """A heartbeat as it was copied to this region."""
    version = clock.now_ms() - seconds_ago * 1000
    item: dict[str, Any] = {"key": {"S": heartbeat.key(home)}, "home": {"S": home}, "version": {"N": str(version)}}
    aws.client("dynamodb", topology.here()).put_item(TableName=Availability.Meta.table_name, Item=item)
