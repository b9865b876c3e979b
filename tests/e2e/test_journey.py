"""A customer in a real browser: all regions up, and with regions lost on the way."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.cloud import Cloud
from tests.e2e.store import eventually, eventually_equal, items

pytestmark = pytest.mark.cloud

ORDERS = "foodforthought-orders"


def fill_a_basket(page: Page) -> str:
    """From the front page to a basket with two dishes; the restaurant's name."""
    page.goto("/")
    page.get_by_role("link", name="New York").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near New York")
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.get_by_label("Quantity", exact=True).fill("2")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.locator(".count").first).to_contain_text("2")
    page.locator(".dish").get_by_role("button", name=re.compile("^Add")).first.click()
    expect(page.locator(".count").first).to_contain_text("3")
    return name


def check_out(page: Page) -> None:
    """From the basket to the order's page: picked up, so that no minimum and no distance matters."""
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_label("Pick-up").check()
    for without_scripts in page.get_by_role("button", name="Update the total").all():
        without_scripts.click()
    expect(page.locator("#sums")).not_to_contain_text("Delivery")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("+1 212 555 0142")
    page.get_by_label("Note for the restaurant").fill("No onions")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    expect(page.get_by_text("Thank you. Your order has been placed.")).to_be_visible()


def served_by(page: Page) -> str:
    footer = page.get_by_role("contentinfo").inner_text()
    found = re.search(r"Served by ([a-z0-9-]+)", footer)
    assert found, footer
    return found[1]


def test_a_customer_orders_and_follows_the_order(cloud: Cloud, page: Page) -> None:
    restaurant = fill_a_basket(page)
    assert served_by(page) == "us-east-1"
    page.get_by_role("link", name=re.compile("^Basket")).first.click()
    check_out(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Your order at {restaurant}")
    home, order_id = re.search(r"/orders/([a-z0-9-]+)/([0-9A-Z]+)/", page.url).groups()  # type: ignore[union-attr]
    assert page.url.startswith(cloud.url("na"))
    expect(page.locator(".now")).to_contain_text("Placed")
    # The page follows the kitchen by itself.
    cloud.manage("order", home, order_id, "accept", region=home)
    expect(page.locator(".now")).to_contain_text("Accepted")
    expect(page.get_by_role("button", name="Cancel the order")).to_have_count(0)
    for verb in ("prepare", "finish", "hand-over"):
        cloud.manage("order", home, order_id, verb, region=home)
    expect(page.locator(".now")).to_contain_text("Collected")
    page.get_by_role("link", name="Printable receipt").click()
    expect(page.get_by_text("Paid when it was picked up.")).to_be_visible()
    for paper in ("A4", "Letter"):
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format=paper))) == 1, f"the receipt is one sheet of {paper}"
    page.goto(cloud.url() + "/basket/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your basket is empty")
    eventually_equal(cloud)


def test_a_customer_cancels_from_a_region_that_is_not_the_home(
    cloud: Cloud, page: Page, context: BrowserContext
) -> None:
    fill_a_basket(page)
    page.goto(cloud.url("na") + "/basket/")
    check_out(page)
    address = page.url
    elsewhere = address.replace(cloud.url("na"), cloud.url("us-west-2"))
    page.goto(elsewhere)
    assert served_by(page) == "us-west-2"
    # The form leads to the home, which takes it: no hand-over is needed.
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".now")).to_contain_text("Cancelled")
    # A form that reaches another region all the same is handed over.
    page.goto(elsewhere.partition("&placed")[0])
    expect(page.locator(".now")).to_contain_text("Cancelled")
    eventually_equal(cloud)


def test_the_order_survives_the_loss_of_regions_on_the_way(cloud: Cloud, page: Page) -> None:
    fill_a_basket(page)
    assert served_by(page) == "us-east-1"

    # The serving region is lost between basket and checkout: another one has the basket, and takes the order.
    cloud.stop("us-east-1")
    page.get_by_role("link", name=re.compile("^Basket")).first.click()
    expect(page.locator(".line")).to_have_count(2)
    assert served_by(page) == "us-west-2"
    check_out(page)
    home, order_id = re.search(r"/orders/([a-z0-9-]+)/([0-9A-Z]+)/", page.url).groups()  # type: ignore[union-attr]
    assert home == "us-west-2"
    key = f"{home}#{order_id}"

    # It comes back and gets what it missed; then the order's home is lost.
    cloud.start("us-east-1")
    eventually(lambda: key in {item["key"]["S"] for item in items(cloud, "us-east-1", ORDERS)})
    cloud.manage("order", home, order_id, "accept", region=home)
    eventually(lambda: state_in(cloud, "us-east-1", key) == "accepted")
    cloud.stop("us-west-2")
    page.reload()
    assert served_by(page) == "us-east-1"
    expect(page.get_by_role("status").filter(has_text="As of")).to_contain_text("Oregon (us-west-2)")
    expect(page.locator(".now")).to_contain_text("Accepted")
    response, _ = cloud.request("GET", "na", page.url.removeprefix(cloud.url("na")))
    assert response.headers["Served-By"] == "us-east-1"

    # The home returns: nothing was lost, the page is current again, and every region agrees.
    cloud.start("us-west-2")
    eventually(lambda: "As of" not in reloaded(page))
    for verb in ("prepare", "finish", "hand-over"):
        cloud.manage("order", home, order_id, verb, region=home)
    eventually(lambda: state_in(cloud, "us-east-1", key) == "collected")
    eventually_equal(cloud)
    assert state_in(cloud, "eu-west-1", key) == "collected"


def test_the_whole_journey_works_without_javascript(cloud: Cloud, browser: Browser) -> None:
    plain = browser.new_context(base_url=cloud.url(), java_script_enabled=False)
    page = plain.new_page()
    fill_a_basket(page)
    page.goto(cloud.url() + "/basket/")
    page.get_by_role("link", name="Go to checkout").click()
    page.get_by_label("Pick-up").check()
    page.get_by_label("When").select_option(index=4)
    page.get_by_label("20%").check()
    page.get_by_label("Note for the restaurant").fill("No onions")
    page.get_by_role("button", name="Update the total").click()
    expect(page.get_by_role("button", name=re.compile("^Order for"))).to_contain_text("tip included")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    page.get_by_role("link", name=re.compile("^Name:")).click()
    expect(page.get_by_label("Note for the restaurant")).to_have_value("No onions")
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("+1 212 555 0142")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    expect(page.locator(".now")).to_contain_text("Placed")
    expect(page.get_by_text("Scheduled for")).to_be_visible()
    page.get_by_role("button", name="Order again").click()
    expect(page.get_by_text("at today’s prices")).to_be_visible()
    expect(page.locator(".line")).to_have_count(2)
    plain.close()


def state_in(cloud: Cloud, region: str, key: str) -> str | None:
    return {item["key"]["S"]: item["status"]["S"] for item in items(cloud, region, ORDERS)}.get(key)


def reloaded(page: Page) -> str:
    page.reload()
    return page.get_by_role("main").inner_text()
