"""A browser on the laptop cloud."""

import shutil
import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from localcloud.processes import send
from tests.cloud import Cloud, all_regions_run, cloud, set_clock  # noqa: F401 - fixtures
from tests.e2e.store import eventually

TIMEOUT_MS = 60_000  # many times what a quiet machine needs
expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert executable, "No Chromium or Chrome was found; `make test` installs it."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, cloud: Cloud) -> Iterator[BrowserContext]:
    """A new customer near New York; `cloud` has all regions running before and after."""
    context = browser.new_context(base_url=cloud.url(), viewport={"width": 390, "height": 844})
    context.set_default_timeout(TIMEOUT_MS)
    context.add_cookies(
        [{"name": "laptop_location", "value": "us-east-1", "domain": ".foodforthought.localhost", "path": "/"}]
    )
    yield context
    context.close()


@pytest.fixture
def frozen_places(cloud: Cloud) -> Iterator[None]:
    """The provider of places takes questions and answers none; afterwards every region of North America asks it again."""
    pid = cloud.pid("gazetteer")
    assert pid
    send(pid, signal.SIGSTOP)
    yield
    send(pid, signal.SIGCONT)
    for region in cloud.topology.members("na"):
        eventually(lambda region=region: cloud.post(region, "/api/v1/places/suggestions", {"text": "new"})[0] == 200)


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
