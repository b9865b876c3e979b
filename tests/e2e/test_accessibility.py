"""On every page and in every state that `localcloud.walk` knows: axe finds nothing, and nothing is wider than the screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from localcloud.screenshots import find_browser
from localcloud.walk import walk
from tests.cloud import Cloud

pytestmark = pytest.mark.cloud

# What is laid out wider or higher than the box that cuts it off. What only screen readers read is meant to be cut.
CUT_OFF = """() => [...document.querySelectorAll('main *, header *, footer *')].filter((element) => {
  const style = getComputedStyle(element);
  const hides = (overflow) => overflow === 'hidden' || overflow === 'clip';
  if (element.closest('.visually-hidden, .visually-hidden-focusable:not(:focus)')) return false;
  if (!element.checkVisibility() || !element.textContent.trim()) return false;
  return (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
    || (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 1);
}).map((element) => element.outerHTML.slice(0, 120))"""


WIDER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  return [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right > most + 1)
    .map((element) => element.outerHTML.slice(0, 120));
}"""


def what_does_not_fit(page: Page, name: str) -> list[str]:
    wider = [f"{name}, wider than the screen: {element}" for element in page.evaluate(WIDER)[:5]]
    return wider + [f"{name}, cut off: {element}" for element in page.evaluate(CUT_OFF)[:5]]


def what_is_wrong(page: Page, name: str) -> list[str]:
    violations = Axe().run(page).response["violations"]
    found = [f"{name}: {v['id']}: {node['html']}" for v in violations for node in v["nodes"]]
    return found + what_does_not_fit(page, name)


def assert_accessible(page: Page, name: str) -> None:
    assert what_is_wrong(page, name) == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")])
def test_axe_finds_nothing(cloud: Cloud, browser: Browser, width: int, scheme: Any) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if "Content Security" in message.text else None)
    for name in walk(page, cloud.url("na")):
        problems += what_is_wrong(page, name)
    assert problems == []
    context.close()


@pytest.fixture(scope="module")
def large_letters(browser: Browser) -> Iterator[Browser]:
    """A browser whose owner has set letters to twice their size, which media queries follow too."""
    large = browser.browser_type.launch(
        executable_path=find_browser(),
        args=[
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--blink-settings=defaultFontSize=32",
        ],
    )
    yield large
    large.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_letters_of_twice_the_size_fit(cloud: Cloud, large_letters: Browser, width: int) -> None:
    context = large_letters.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    problems: list[str] = []
    for name in walk(page, cloud.url("na")):
        size = page.evaluate("getComputedStyle(document.querySelector('main')).fontSize")
        assert size == "32px", f"{name}: the setting of the browser has no effect"
        problems += what_does_not_fit(page, name)
    assert problems == []
    context.close()
