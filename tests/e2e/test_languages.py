"""A language chosen in a real browser: without scripts, from the order's secret page, in every region of the site, on a phone."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.cloud import Cloud
from tests.e2e.test_accessibility import assert_accessible
from tests.e2e.test_journey import check_out, fill_a_basket

pytestmark = pytest.mark.cloud


def test_a_choice_comes_back_to_the_orders_page_and_goes_with_one_to_every_region_of_the_site(
    cloud: Cloud, browser: Browser, page: Page
) -> None:
    fill_a_basket(page)
    page.goto(cloud.url("na") + "/basket/")
    check_out(page)
    order = page.url
    quiet = browser.new_context(java_script_enabled=False, locale="es-ES")
    page = quiet.new_page()
    page.goto(order)
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="Deutsch").click()
    assert page.url == order
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".now")).to_contain_text("Aufgegeben")
    for host in ("us-west-2", "", "us-east-1"):
        page.goto(cloud.url(host))
        expect(page.get_by_role("heading", level=1)).to_have_text("In deiner Nähe kocht etwas Gutes.")
    page.goto(cloud.url("eu"))
    expect(page.locator("html")).to_have_attribute("lang", "es")
    quiet.close()


@pytest.fixture(params=["fr", "de", "es"])
def phone(request: pytest.FixtureRequest, browser: Browser, cloud: Cloud) -> BrowserContext:
    return browser.new_context(
        base_url=cloud.url("na"), viewport={"width": 320, "height": 800}, locale=request.param, color_scheme="dark"
    )


def test_long_words_fit_on_a_small_phone(phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto("/")
    assert_accessible(page, "front page")
    page.get_by_role("link", name=re.compile("York")).click()
    assert_accessible(page, "near")
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    assert_accessible(page, "menu")
    page.locator(".dish button.btn-primary").first.click()
    expect(page.locator(".count").first).to_be_visible()
    page.goto("/basket/")
    assert_accessible(page, "basket")
    page.goto("/checkout/?kind=pickup")
    page.locator("#send button, form button.btn-lg").last.click()
    assert_accessible(page, "checkout with errors")
    page.locator("#id_name").fill("Ada")
    page.locator("#id_phone").fill("+1 212 555 0100")
    page.locator("#send button, form button.btn-lg").last.click()
    page.wait_for_url("**/orders/**")
    assert_accessible(page, "order")
    page.goto("/restaurants/nobody/")
    assert_accessible(page, "nothing here")
    phone.close()
