"""Two sites in one browser: what each of them sets stays with it, and one of them can be lost."""

import re
from collections import defaultdict
from http.cookies import SimpleCookie
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from regions import topology
from tests.cloud import Cloud
from tests.e2e.store import eventually
from tests.e2e.test_journey import check_out
from tests.e2e.test_orders import open_restaurant, request_for

pytestmark = pytest.mark.cloud

SITES = {"na": ("New York", "Français"), "eu": ("Paris", "Deutsch")}


def test_no_cookie_of_one_site_reaches_a_host_of_the_other(cloud: Cloud, context: BrowserContext, page: Page) -> None:
    """A customer of both sites, with everything that sets a cookie, at every host there is, and once again."""
    begin = len(cloud.recorded())
    for site, (city, language) in SITES.items():
        order(cloud, page, site, city)
        page.get_by_role("button", name=language).click()
    for _ in range(2):
        for host in ("", "www", *SITES, *topology.current().regions):
            page.goto(f"{cloud.url(host)}/")
            page.goto(f"{cloud.url(host)}/basket/")
    requests = cloud.recorded()[begin:]

    hosts = {host: site for site in SITES for host in cloud.topology.site_hosts(site)}
    asked = {request["host"] for request in requests}
    assert asked == {*hosts, cloud.host(), cloud.host("www")}
    was_set = cookies_set(requests, hosts)
    for site in SITES:
        assert {"where", "csrftoken", "messages", "basket", "seen", "language"} <= {name for name, _ in was_set[site]}
    assert was_set["na"].isdisjoint(was_set["eu"]), "equal values would prove nothing"
    for request in requests:
        sent = {
            tuple(cookie.split("=", 1)) for cookie in request["cookies"] if not cookie.startswith("laptop_location=")
        }
        own = hosts.get(request["host"])
        foreign = {site: sent & was_set[site] for site in SITES if site != own}
        assert not any(foreign.values()), (request["host"], request["path"], foreign)
        if own is None:
            assert not sent, f"the signpost was told {sent}"
            assert not request["set"], f"the signpost set {request['set']}"
    assert {cookie["domain"] for cookie in context.cookies()} == {
        ".foodforthought.localhost",  # the router's own, of where one is
        *(f".{site}.foodforthought.localhost" for site in SITES),
    }


def order(cloud: Cloud, page: Page, site: str, city: str) -> None:
    """An order, and then the same in the basket again, as a message says."""
    page.goto(cloud.url(site))
    page.get_by_role("link", name=city, exact=True).click()
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    add(page)
    page.goto(f"{cloud.url(site)}/basket/")
    check_out(page)
    page.get_by_role("button", name="Order again").click()
    expect(page.get_by_text("at today’s prices")).to_be_visible()


def add(page: Page) -> None:
    page.locator(".dish").get_by_role("button", name=re.compile("^Add")).first.click()
    expect(page.locator(".count").first).to_be_visible()


def cookies_set(requests: list[dict[str, Any]], hosts: dict[str, str]) -> dict[str, set[tuple[str, ...]]]:
    """Name and value of what each site has set, by site."""
    found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for request in requests:
        for header in request["set"]:
            for name, morsel in SimpleCookie(header).items():
                if morsel.value:
                    found[hosts[request["host"]]].add((name, morsel.coded_value))
    return found


def test_a_customer_keeps_everything_when_a_sibling_takes_over(
    cloud: Cloud, page: Page, context: BrowserContext
) -> None:
    page.goto(cloud.url("na"))
    page.get_by_role("link", name="New York").first.click()
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    add(page)
    kept = {
        cookie["name"]: cookie["value"] for cookie in context.cookies(cloud.url("na")) if cookie["name"] != "messages"
    }
    assert {"basket", "where", "csrftoken"} <= kept.keys()
    cloud.stop("us-east-1")
    page.goto(f"{cloud.url()}/basket/")  # by the signpost, which leads to the site again
    assert page.url == f"{cloud.url('na')}/basket/"
    expect(page.get_by_role("contentinfo")).to_contain_text("Served by us-west-2")
    expect(page.locator(".line")).to_have_count(1)
    page.get_by_role("button", name="One more").first.click()  # a form, with the protection that the lost region gave
    expect(page.locator(".step-count").first).to_have_text("2")
    expect(page.get_by_role("link", name="Near me")).to_be_visible()
    check_out(page)
    now = {cookie["name"]: cookie["value"] for cookie in context.cookies(cloud.url("na"))}
    assert now["csrftoken"] == kept["csrftoken"]
    assert now["where"] == kept["where"]


def test_a_menu_of_a_site_that_is_away_says_that_ordering_has_to_wait(cloud: Cloud, page: Page) -> None:
    menu = f"/restaurants/{open_restaurant(cloud, 'na', 40.73, -73.99)['id']}/"

    def shown(host: str) -> str:
        page.goto(f"{cloud.url(host)}{menu}")
        assert page.locator(".dish").count() > 0, "the menu is read in any case"
        assert page.get_by_role("main").locator("form").count() == 0
        return page.get_by_role("main").inner_text()

    # A region that is busy may be silent for a while, and is heard again.
    eventually(lambda: "Go to the site for North America" in shown("eu"), seconds=60)
    assert page.locator("#other-site a").get_attribute("href") == f"{cloud.url('na')}{menu}"
    for name in topology.current().members("na"):
        cloud.stop(name)
    eventually(lambda: "Ordering has to wait" in shown(""), seconds=120)
    assert page.url == f"{cloud.url('eu')}{menu}", "the signpost leads to the site of the region that answers"
    for name in topology.current().members("na"):
        cloud.start(name)
    eventually(lambda: "Go to the site for North America" in shown("eu"), seconds=60)


def test_a_program_orders_at_the_global_endpoint_or_is_told_the_way(cloud: Cloud) -> None:
    american = open_restaurant(cloud, "", 40.73, -73.99)
    european = open_restaurant(cloud, "", 48.857, 2.352)
    assert (american["order_endpoint"], european["order_endpoint"]) == (cloud.url("na"), cloud.url("eu"))
    # Without a location of its own, a program is where the router is: near us-east-1.
    for host in ("", "www"):
        status, placed = cloud.post(host, "/api/v1/orders", request_for(american))
        assert (status, placed["home_region"]) == (201, "us-east-1")
    body = request_for(european, contact={"name": "Canary Columbus", "phone": "+33 1 99 00 77 11"})
    status, problem = cloud.post("", "/api/v1/orders", body)
    assert (status, problem["home_endpoint"]) == (421, cloud.url("eu"))
    assert "Columbus" not in str(problem)
    for log in cloud.logs():
        assert "Columbus" not in log.read_text(errors="replace"), log.name
    status, placed = cloud.post("eu", "/api/v1/orders", body)
    assert (status, placed["home_region"][:3]) == (201, "eu-")
