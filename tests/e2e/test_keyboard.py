"""From the front page to “order again” with the keyboard alone, seeing at every step where one is."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.cloud import Cloud

pytestmark = pytest.mark.cloud

MOST_TABS = 200

# Where the focus is can be seen: drawn around it or around its label, inside the window, and with nothing on top of it.
FOCUS = """() => {
  const element = document.activeElement;
  const shown = [element, element.closest('label'), element.parentElement, element.nextElementSibling].filter(Boolean);
  // What a script has put the focus on to be read out, such as a dialog's heading, is no place to act at.
  const isDrawn = element.tabIndex < 0 || shown.some((one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  });
  const target = element.closest('label') ?? element;
  const box = target.getBoundingClientRect();
  const x = Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1);
  const y = Math.min(Math.max(box.y + Math.min(box.height, 60) / 2, 0), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const isOnTop = top !== null && (target.contains(top) || top.contains(target));
  return { isDrawn, isOnTop, what: element.outerHTML.slice(0, 160) };
}"""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the focus is there."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            continue  # it goes around by the browser's own buttons
        focus = page.evaluate(FOCUS)
        assert focus["isDrawn"], f"nothing shows that the focus is here: {focus['what']}"
        assert focus["isOnTop"], f"the focus is hidden: {focus['what']}"
        if target.first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{MOST_TABS} × Tab does not lead to {target}")


def follow(page: Page, target: Locator, *, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=re.compile(name))


def test_the_whole_journey_without_a_mouse(cloud: Cloud, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # a page that is still scrolling does not show yet where the focus is
    page.goto(cloud.url("na") + "/")
    follow(page, link(page, "^New York"))
    page.wait_for_url("**/near/**")
    follow(page, page.locator(".restaurant:has(.state-open) h2 a"))
    page.wait_for_url("**/restaurants/**")
    follow(page, link(page, "^Choose"))
    add = page.get_by_role("button", name=re.compile("^Add to basket"))
    expect(add.first).to_be_visible()
    follow(page, add)
    expect(page.locator(".count").first).to_be_visible()
    follow(page, page.get_by_role("banner").get_by_role("link", name=re.compile("^Basket")))
    page.wait_for_url("**/basket/")
    follow(page, link(page, "^Go to checkout"))
    page.wait_for_url("**/checkout/**")

    tab_to(page, page.get_by_label("Delivery"))
    page.keyboard.press("ArrowRight")
    expect(page.locator("#sums")).not_to_contain_text("Delivery")
    expect(page.get_by_label("Pick-up")).to_be_focused()
    when = page.get_by_label("When")
    tab_to(page, when)
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    wanted = when.input_value()
    assert wanted.isdecimal(), "a time is chosen"
    page.wait_for_timeout(600)  # the sums are asked for; the focus stays
    expect(when).to_be_focused()
    expect(when).to_have_value(wanted)
    send = page.get_by_role("button", name=re.compile("^Order for"))
    follow(page, send)
    expect(page.locator("#errors")).to_be_focused()

    follow(page, link(page, "^Name:"))
    expect(page.get_by_label("Name")).to_be_focused()
    page.keyboard.type("Ada Lovelace")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Phone")).to_be_focused()
    page.keyboard.type("+1 212 555 0142")
    expect(page.get_by_label("Pick-up")).to_be_checked()
    follow(page, send)
    page.wait_for_url("**/orders/**")
    expect(page.get_by_text("Scheduled for")).to_be_visible()

    follow(page, page.get_by_role("button", name="Order again"))
    page.wait_for_url("**/basket/")
    expect(page.get_by_text("at today’s prices")).to_be_visible()
    expect(page.locator(".line")).to_have_count(1)
