"""axe finds nothing on the customer's pages, on a phone and on a wide screen, in the light and in the dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.cloud import Cloud

pytestmark = pytest.mark.cloud


def assert_accessible(page: Page, name: str) -> None:
    violations = Axe().run(page).response["violations"]
    assert not [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations], name
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"{name} is wider than the screen by {width} px"


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing(cloud: Cloud, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(
        base_url=cloud.url("na"),
        viewport={"width": width, "height": 800},
        color_scheme=scheme,  # type: ignore[arg-type]
    )
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    page.goto("/basket/")
    assert_accessible(page, "empty basket")
    page.goto("/")
    assert_accessible(page, "front page")
    page.get_by_role("link", name="New York").click()
    assert_accessible(page, "near")
    page.goto(page.url + "?q=nothing+is+called+like+this")
    assert_accessible(page, "nothing found")
    page.go_back()
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    assert_accessible(page, "menu")
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.get_by_label("Quantity").fill("99")
    page.locator("form.panel").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Add to basket").click()
    assert_accessible(page, "dish with an error")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name="Add to basket").click()
    page.goto("/basket/")
    assert_accessible(page, "basket")
    page.goto("/checkout/?kind=pickup")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    assert_accessible(page, "checkout with errors")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Phone").fill("+1 212 555 0100")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    page.wait_for_url("**/orders/**")
    assert_accessible(page, "order")
    page.goto("/api/")
    assert_accessible(page, "API")
    page.goto("/restaurants/nobody/")
    assert_accessible(page, "nothing here")
    assert problems == []
    context.close()
