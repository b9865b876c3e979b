"""The list near a place in a browser: it answers as one types, keeps its address, says when nobody answers, needs no script."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from catalog.cities import CITIES
from tests.cloud import Cloud

NEAR = f"/near/{next(city.cell for city in CITIES if city.name == 'New York')}/"


@pytest.fixture
def near(page: Page) -> Page:
    page.goto(NEAR)
    return page


def a_dish(page: Page) -> str:
    """A dish of the first restaurant of the list."""
    page.locator(".restaurant h2 a").first.click()
    name = page.locator(".dish h3").first.inner_text().strip()
    page.go_back()
    return name


def test_it_answers_as_one_types_and_the_address_follows(near: Page) -> None:
    dish = a_dish(near)
    total = near.locator(".restaurant").count()
    near.get_by_label("Search").press_sequentially(dish.lower(), delay=15)
    expect(near.locator(".restaurant").first).to_contain_text(f"On the menu: {dish}")
    expect(near).to_have_url(re.compile(r"\?q="))
    expect(near.locator("#count")).to_contain_text("restaurant")
    near.get_by_label("Search").press_sequentially(" zzzz")
    expect(near.locator("#results")).to_contain_text("match")
    expect(near.locator("#count")).to_have_text("Nothing found.")
    near.get_by_label("Search").fill("")
    expect(near.locator(".restaurant")).to_have_count(total)
    expect(near).to_have_url(re.compile(rf"{NEAR}$"))


def test_the_way_back_leads_to_the_list_as_it_was_and_then_out(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="New York").first.click()
    page.locator(".choice", has_text="Open now").click()
    expect(page).to_have_url(re.compile(r"open=1"))
    page.get_by_label("Sort").select_option("fee")
    expect(page).to_have_url(re.compile(r"open=1&sort=fee"))
    page.locator(".restaurant h2 a").first.click()
    expect(page.locator(".dish").first).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile(r"open=1&sort=fee"))
    expect(page.get_by_label("Open now")).to_be_checked()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("region", name="Recent places").get_by_role("link")).to_have_text("New York")


def test_what_is_chosen_before_the_scripts_have_come_counts(near: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    near.route("**/htmx*.js", hold)
    near.goto(near.url, wait_until="commit")
    near.locator(".choice", has_text="Open now").click()
    expect(near.get_by_label("Open now")).to_be_checked()
    while not held:
        near.wait_for_timeout(20)
    held[0].continue_()
    expect(near).to_have_url(re.compile(r"open=1"))


def test_nobody_answers_and_what_is_shown_stays(near: Page) -> None:
    names = near.locator(".restaurant h2").all_inner_texts()
    near.route("**/near/**", lambda route: route.abort())
    near.get_by_label("Search").press_sequentially("zzzz")
    expect(near.get_by_role("alert")).to_contain_text("No answer right now")
    assert near.locator(".restaurant h2").all_inner_texts() == names
    near.unroute("**/near/**")
    near.get_by_role("button", name="Try again").click()
    expect(near.locator("#count")).to_have_text("Nothing found.")
    expect(near.locator("#list-problem")).to_be_hidden()


def test_cuisines_are_chosen_with_the_keyboard_alone(near: Page) -> None:
    tile = near.locator(".tile input").first
    cuisine = tile.get_attribute("value")
    near.get_by_label("Search").focus()
    for _ in range(10):
        near.keyboard.press("Tab")
        if near.evaluate("document.activeElement.name") == "cuisine":
            break
    near.keyboard.press("Space")
    expect(tile).to_be_checked()
    expect(near).to_have_url(re.compile(rf"cuisine={cuisine}"))


def test_without_a_script_the_form_does_the_same(cloud: Cloud, browser: Browser) -> None:
    context = browser.new_context(base_url=cloud.url("na"), java_script_enabled=False)
    page = context.new_page()
    page.goto(NEAR)
    page.get_by_label("Search").fill("zzzz")
    page.get_by_label("Open now").check(force=True)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#count")).to_have_text("Nothing found.")
    expect(page.get_by_label("Search")).to_have_value("zzzz")
    expect(page.get_by_label("Open now")).to_be_checked()
    context.close()
