"""Saying where one is, in a browser: by keyboard, with a mouse, without JavaScript, and while nobody can look addresses up."""

import re

from playwright.sync_api import Browser, Page, Request, expect

from tests.cloud import Cloud
from tests.e2e.test_accessibility import assert_accessible

FIELD = "Street, postcode or city"


def typed(page: Page, text: str) -> None:
    field = page.get_by_label(FIELD)
    field.focus()
    field.press("Control+a")
    page.keyboard.type(text, delay=20)


def test_from_the_keyboard_to_the_list(cloud: Cloud, page: Page) -> None:
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - a method of a list takes no mark
    page.goto(cloud.url("na") + "/")
    field = page.get_by_role("combobox", name=FIELD)
    expect(field).to_have_attribute("aria-expanded", "false")
    typed(page, "new york")
    options = page.get_by_role("option")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("listbox", name="Suggestions")).to_be_visible()
    count = options.count()
    expect(page.locator("#place-status")).to_contain_text(f"Suggestions: {count}.")
    assert_accessible(page, "suggestions")

    first, last = options.first, options.last
    page.keyboard.press("ArrowUp")
    expect(last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "place-suggestion-0")
    expect(field).to_be_focused()
    page.keyboard.press("Home")
    expect(field).not_to_have_attribute("aria-activedescendant", re.compile(".*"))
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("new york")
    page.keyboard.press("Alt+ArrowDown")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("button", name="Find restaurants")).to_be_focused()

    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/near/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near New York")
    expect(page.get_by_label(FIELD)).to_have_value("New York")
    suggestions = [request for request in asked if request.url.endswith("/where/suggestions/")]
    assert 1 <= len(suggestions) <= 3, "one for a pause, not for a key"
    assert all("york" not in request.url.lower() for request in asked)


def test_the_place_is_changed_on_the_list_with_a_mouse_and_forgotten(cloud: Cloud, page: Page) -> None:
    page.goto(cloud.url("na") + "/")
    page.get_by_role("link", name="New York").first.click()
    page.wait_for_url("**/near/**")
    typed(page, "chicago")
    page.get_by_role("option").filter(has_text=re.compile("^Chicago, IL")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near Chicago")
    page.goto(cloud.url("na") + "/")
    recent = page.get_by_role("region", name="Recent places").get_by_role("link")
    expect(recent).to_have_text(["Chicago", "New York"])
    page.get_by_role("button", name="Forget these places").click()
    expect(recent).to_have_count(0)
    assert {"where", "places"}.isdisjoint(cookie["name"] for cookie in page.context.cookies())


def test_the_browsers_position_is_called_by_what_is_there(cloud: Cloud, page: Page) -> None:
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": 41.8853, "longitude": -87.6326})
    page.goto(cloud.url("na") + "/")
    page.get_by_role("button", name="Use my location").click()
    page.wait_for_url("**/near/**")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chicago")


def test_without_javascript_a_page_asks_which_is_meant(cloud: Cloud, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(cloud.url("na") + "/")
    page.get_by_label(FIELD).fill("Paris")
    page.get_by_role("button", name="Find restaurants").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which of these do you mean?")
    expect(page.get_by_label(FIELD)).to_have_value("Paris")
    expect(page.get_by_role("link", name="Look in Europe")).to_be_visible()
    page.locator(".candidate").first.click()
    page.wait_for_url("**/near/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near Paris")
    page.get_by_label(FIELD).fill("qqqqqqqqqq")
    page.get_by_role("button", name="Change place").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We did not find this place")
    context.close()


def test_while_the_provider_is_frozen_it_says_so_and_cities_go_on(
    cloud: Cloud, page: Page, frozen_places: None
) -> None:
    page.goto(cloud.url("na") + "/")
    typed(page, "chicago")
    expect(page.locator("#place-status")).to_contain_text("There are no suggestions right now.")
    expect(page.locator("#place-status")).to_be_visible()
    assert_accessible(page, "no suggestions")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Addresses can’t be looked up right now")
    expect(page.get_by_label(FIELD)).to_have_value("chicago")
    assert_accessible(page, "nobody looks addresses up")
    page.get_by_role("link", name="Chicago").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Restaurants near Chicago")
