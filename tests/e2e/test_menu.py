"""The menu in a real browser: a dish in its dialog, the filter, the basket beside it; with and without scripts."""

import gzip
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.cloud import Cloud

pytestmark = pytest.mark.cloud

MOST_BYTES = 100_000
COMPRESSED = ("text/", "application/javascript", "application/json", "image/svg+xml")


def open_menu(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="New York").first.click()
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    expect(page.locator(".dish").first).to_be_visible()


def first_choice(page: Page) -> str:
    """The id of the first dish that has options."""
    href = page.get_by_role("link", name=re.compile("^Choose")).first.get_attribute("href") or ""
    return href.split("/")[1]


def in_dialog(page: Page) -> bool:
    return bool(page.evaluate("document.getElementById('dish-dialog').contains(document.activeElement)"))


def test_a_dish_is_chosen_in_the_dialog_with_the_keyboard_alone(cloud: Cloud, page: Page) -> None:
    open_menu(page)
    menu = page.url
    dialog, opener = page.get_by_role("dialog"), page.get_by_role("link", name=re.compile("^Choose")).first
    opener.focus()
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    expect(page.locator("#dish-title")).to_be_focused()
    stops = 0
    while stops < 40:  # round and round: the focus never lands in the page behind
        page.keyboard.press("Tab")
        assert in_dialog(page) or page.evaluate("document.activeElement === document.body")
        stops += 1
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()

    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    quantity = page.get_by_label("Quantity")
    while not quantity.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    before = page.locator(".dish-total").inner_text()
    page.keyboard.press("ArrowUp")
    expect(page.locator(".dish-total")).not_to_have_text(before)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.locator("#said")).to_contain_text("2 × ")
    expect(page.locator("#basket-link .count")).to_contain_text("2")
    assert page.url == menu


def test_the_server_has_the_last_word_in_the_dialog(cloud: Cloud, page: Page) -> None:
    open_menu(page)
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.locator(".dish-form").evaluate("form => form.noValidate = true")
    page.get_by_label("Quantity").fill("99")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Nothing was added")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Quantity")).to_have_value("99")
    page.get_by_label("Quantity").fill("1")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_filter_answers_at_once_and_is_kept(cloud: Cloud, page: Page) -> None:
    open_menu(page)
    page.locator("#dish-filter summary").click()
    page.get_by_label("milk").check()
    expect(page.locator("#hidden-count")).to_contain_text(re.compile(r"\d+ dish(es are| is) hidden"))
    hidden = page.locator(".dish[data-contains~='milk'], .dish[data-contains*='milk']")
    assert hidden.count() > 0
    for place in range(hidden.count()):
        expect(hidden.nth(place)).to_be_hidden()
    assert page.url.endswith("?without=milk")
    shown = page.locator(".dish:visible").count()
    page.reload()
    expect(page.get_by_label("milk")).to_be_checked()
    assert page.locator(".dish:visible").count() == shown
    page.get_by_role("link", name="Show all").click()
    expect(page.locator("#hidden-count")).to_be_hidden()
    assert page.locator(".dish:visible").count() > shown


def test_quick_clicks_are_all_counted(cloud: Cloud, page: Page) -> None:
    """The basket is a cookie: answers that cross would lose each other's dishes."""
    open_menu(page)
    add = page.get_by_role("button", name=re.compile("^Add (?!to)")).first
    add.evaluate("button => { for (let n = 0; n < 5; n++) button.click(); }")
    expect(page.locator("#basket-link .count")).to_contain_text("5")


def test_quantities_are_changed_beside_the_menu(cloud: Cloud, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    open_menu(page)
    menu = page.url
    page.get_by_role("button", name=re.compile("^Add (?!to)")).first.click()
    panel = page.locator("#basket-panel")
    panel.get_by_role("button", name="One more").click()
    expect(panel.locator(".step-count")).to_have_text("2")
    expect(panel.get_by_role("button", name="One more")).to_be_focused()
    panel.get_by_role("button", name="One less").click()
    panel.get_by_role("button", name=re.compile("^Remove")).click()
    expect(panel).to_contain_text("Still empty")
    expect(page.locator("#basket-link .count")).to_have_count(0)
    assert page.url == menu


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing_in_what_scripts_add(cloud: Cloud, browser: Browser, width: int, scheme: Any) -> None:
    context = browser.new_context(
        base_url=cloud.url("na"), viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    problems: list[str] = []

    def look(name: str) -> None:
        violations = Axe().run(page).response["violations"]
        problems.extend(f"{name}: {v['id']}: {node['html']}" for v in violations for node in v["nodes"])
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            problems.append(f"{name} is wider than the screen")

    open_menu(page)
    page.locator("#dish-filter summary").click()
    page.get_by_label("milk").check()
    look("filter")
    page.get_by_role("link", name="Show all").click()
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look("dialog")
    page.locator(".dish-form").evaluate("form => form.noValidate = true")
    page.get_by_label("Quantity").fill("99")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    look("dialog with an error")
    page.get_by_label("Quantity").fill("2")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.locator("#said")).to_contain_text("2 × ")
    look("menu with a basket")
    page.goto("/")
    page.get_by_role("link", name="New York").first.click()
    page.locator(".restaurant:has(.state-open) h2 a").nth(1).click()
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.get_by_role("button", name="Keep my basket")).to_be_visible()
    look("another restaurant, in the dialog")
    page.get_by_role("button", name="Keep my basket").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert problems == []
    context.close()


def test_the_section_in_view_is_marked(cloud: Cloud, page: Page) -> None:
    open_menu(page)
    last = page.locator(".section-nav a").last
    last.click()
    expect(last).to_have_attribute("aria-current", "location")
    expect(page.locator(".section-nav [aria-current]")).to_have_count(1)


def test_without_scripts_the_menu_does_the_same(cloud: Cloud, browser: Browser) -> None:
    context = browser.new_context(
        base_url=cloud.url("na"), java_script_enabled=False, viewport={"width": 1280, "height": 800}
    )
    page = context.new_page()
    open_menu(page)
    page.locator("#dish-filter summary").click()
    page.get_by_label("milk").check()
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#hidden-count")).to_contain_text("hidden")
    filtered = page.url
    page.get_by_role("button", name=re.compile("^Add (?!to)")).locator("visible=true").first.click()
    expect(page.get_by_text("is in your basket")).to_be_visible()
    assert page.url == filtered
    page.locator("#basket-panel").get_by_role("button", name="One more").click()
    expect(page.locator("#basket-panel .step-count")).to_have_text("2")
    assert page.url == filtered
    page.get_by_role("link", name=re.compile("^Choose")).locator("visible=true").first.click()
    page.get_by_role("button", name="Add to basket").click()
    assert page.url == filtered
    expect(page.locator("#basket-link .count")).to_contain_text("3")
    context.close()


def test_nothing_on_the_menu_breaks_the_content_security_policy(cloud: Cloud, page: Page) -> None:
    page.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation', event => broken.push(event.violatedDirective))"
    )
    open_menu(page)
    assert page.locator('script[type="application/ld+json"]').count() == 1
    page.get_by_role("link", name=re.compile("^Choose")).first.click()
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.evaluate("broken") == []


def test_no_page_weighs_more_than_100_kilobytes(cloud: Cloud, context: BrowserContext) -> None:
    """HTML, styles, scripts and images of a first load, texts compressed by gzip."""
    page = context.new_page()
    weights: dict[str, int] = {}
    loaded: list[Response] = []
    page.on("response", lambda response: loaded.append(response))  # noqa: PLW0108 - Playwright marks its handlers

    def weigh(name: str) -> None:
        page.wait_for_load_state("networkidle")
        weights[name] = sum(_bytes(response) for response in loaded)

    def load(name: str, path: str) -> None:
        page.goto("about:blank")
        context.new_cdp_session(page).send("Network.clearBrowserCache")
        loaded.clear()  # only now: what the page before was still loading is gone
        page.goto(path)
        weigh(name)

    load("front page", "/")
    page.get_by_role("link", name="New York").first.click()
    load("near", page.url)
    page.locator(".restaurant:has(.state-open) h2 a").first.click()
    load("menu", page.url)
    load("dish", f"{page.url}dishes/{first_choice(page)}/")
    page.get_by_role("button", name=re.compile("^Add to basket")).click()
    load("basket", "/basket/")
    load("checkout", cloud.url("na") + "/checkout/?kind=pickup")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Phone").fill("+1 212 555 0100")
    page.get_by_role("button", name=re.compile("^Order for")).click()
    page.wait_for_url("**/orders/**")
    load("order", page.url)
    print(*(f"{name:12} {weight / 1000:6.1f} kB" for name, weight in weights.items()), sep="\n")  # noqa: T201 - the table of the docs
    assert len(weights) == 7
    assert all(5_000 < weight < MOST_BYTES for weight in weights.values()), weights


def _bytes(response: Response) -> int:
    if response.status >= 300:
        return 0
    body = response.body()
    kind = response.headers.get("content-type", "")
    return len(gzip.compress(body, 6)) if kind.startswith(COMPRESSED) else len(body)
