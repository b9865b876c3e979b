"""The operator's page while a region is lost."""

import pytest
from playwright.sync_api import Browser, expect

from tests.cloud import Cloud
from tests.e2e.test_accessibility import assert_accessible

pytestmark = pytest.mark.cloud


def test_an_operator_sees_that_a_region_is_lost(cloud: Cloud, browser: Browser) -> None:
    cloud.stop("us-west-2")
    told = cloud.manage("region", "status")
    assert "us-west-2       does not answer" in told
    for width, scheme in ((320, "dark"), (1280, "light")):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,  # type: ignore[arg-type]
            http_credentials={"username": "operator", "password": "laptop"},
        )
        page = context.new_page()
        page.goto(f"{cloud.url('us-east-1')}/operations/")
        expect(page.get_by_role("alert")).to_contain_text("No answer from us-west-2.")
        expect(page.locator("tr", has_text="Oregon")).to_contain_text("no answer")
        expect(page.locator("tr", has_text="Ireland")).to_contain_text("healthy")
        expect(page.get_by_role("img", name="Lag over the last hour").first).to_be_visible()
        assert_accessible(page, "operations")
        context.close()
    cloud.start("us-west-2")
