"""From an address that is typed to an order that is delivered there, in a real browser."""

import json
import re
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.cloud import Cloud

pytestmark = pytest.mark.cloud

TYPED = "12 maple street, new york"
CANARY = "99 Canary-in-a-Log Lane"


def to_the_checkout(page: Page) -> None:
    """From a list: the first restaurant that is open and delivers, and enough of a dish for its minimum."""
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    page.locator('a[href*="dishes/"]').first.click()
    page.get_by_label("Quantity", exact=True).fill("9")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.locator(".count").first).to_contain_text("9")
    page.get_by_role("link", name=re.compile("^Basket")).first.click()
    page.get_by_role("link", name="Go to checkout").click()
    if page.get_by_label("Delivery").count():
        page.get_by_label("Delivery").check()
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("(212) 555-0142")


def order(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Order for")).click()


def fill_address(page: Page, street: str, postcode: str, city: str) -> None:
    page.get_by_label("Street and number").fill(street)
    page.get_by_label("ZIP code").fill(postcode)
    page.get_by_label("City").fill(city)


def asked_for(cloud: Cloud, jurisdiction: str) -> dict[str, int]:
    port = cloud.layout.gazetteer_ports()[jurisdiction]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


@pytest.mark.parametrize("with_scripts", [True, False])
def test_a_customer_types_an_address_and_is_delivered_to_there(
    cloud: Cloud, browser: Browser, with_scripts: bool
) -> None:
    abroad = asked_for(cloud, "eu")
    context = browser.new_context(base_url=cloud.url("na"), java_script_enabled=with_scripts)
    page = context.new_page()
    page.goto("/")
    field = page.get_by_label("Street, postcode or city")
    if with_scripts:
        field.press_sequentially(TYPED)
        option = page.get_by_role("option", name="12 Maple Street, New York, NY 10003, United States")
        expect(option).to_be_visible()
        field.press("ArrowDown")
        expect(option).to_have_attribute("aria-selected", "true")
    else:
        field.fill(TYPED)
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near 12 Maple Street, New York")
    to_the_checkout(page)
    expect(page.get_by_label("Street and number")).to_have_value("12 Maple Street")
    expect(page.get_by_label("ZIP code")).to_have_value("10003")
    expect(page.get_by_label("City")).to_have_value("New York")

    # In another city: the reason, and nothing ordered.
    fill_address(page, "12 Maple Street", "60601", "Chicago")
    order(page)
    reason = page.get_by_role("alert").first
    expect(reason).to_contain_text("does not deliver there")
    expect(reason).to_contain_text(re.compile(r"1,?14\d"))
    expect(reason.get_by_role("link", name="Restaurants that deliver there")).to_be_visible()

    # Nowhere: it can be confirmed, and the kitchen is told.
    fill_address(page, CANARY, "10003", "New York")
    order(page)
    expect(page.get_by_role("alert").first).to_contain_text("couldn’t find this address")

    fill_address(page, "12 Maple Street", "10003", "New York")
    order(page)
    expect(page.get_by_text("Thank you. Your order has been placed.")).to_be_visible()
    details = page.get_by_role("complementary")
    expect(details).to_contain_text("12 Maple Street")
    expect(details).not_to_contain_text("Not verified")
    map_link = details.get_by_role("link", name="Open in a map").get_attribute("href")
    assert re.fullmatch(r"geo:40\.7\d+,-7[34]\.\d+\?q=40\.7\d+,-7[34]\.\d+\(12%20Maple%20Street.*\)", map_link or "")
    context.close()
    assert asked_for(cloud, "eu") == abroad, "nothing that was typed here was asked abroad"
    assert_in_no_log(cloud, CANARY, "12 Maple Street", TYPED)


@pytest.mark.parametrize("with_scripts", [True, False])
def test_food_is_ordered_while_no_address_can_be_looked_up(
    cloud: Cloud, browser: Browser, frozen_places: None, with_scripts: bool
) -> None:
    context = browser.new_context(base_url=cloud.url("na"), java_script_enabled=with_scripts)
    page = context.new_page()
    page.goto("/")
    field = page.get_by_label("Street, postcode or city")
    field.press_sequentially("12 Maple Street")
    if with_scripts:
        expect(page.locator("#place-status")).to_contain_text("no suggestions right now")
    field.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("can’t be looked up right now")
    page.get_by_role("link", name="New York").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near New York")
    to_the_checkout(page)
    fill_address(page, CANARY, "10003", "New York")
    order(page)
    expect(page.get_by_role("alert").first).to_contain_text("can’t be")
    page.get_by_label(re.compile("^Deliver there anyway")).check()
    order(page)
    expect(page.get_by_text("Thank you. Your order has been placed.")).to_be_visible()
    expect(page.get_by_role("complementary")).to_contain_text("Not verified")
    home, order_id = re.search(r"/orders/([a-z0-9-]+)/([0-9A-Z]+)/", page.url).groups()  # type: ignore[union-attr]
    ticket = cloud.manage("order", home, order_id, region=home)
    assert CANARY in ticket and "NOT VERIFIED" in ticket and "geo:40.7" in ticket
    context.close()
    assert_in_no_log(cloud, CANARY)


def assert_in_no_log(cloud: Cloud, *texts: str) -> None:
    logs = {path: path.read_text(errors="replace").casefold() for path in cloud.layout.logs.glob("*.log")}
    assert any("places unavailable" in log or "request" in log for log in logs.values()), "there are logs"
    for path, log in logs.items():
        for text in texts:
            assert text.casefold() not in log, f"{text} in {path}"
