"""Through every page that a customer can see, in a browser: for the screenshots, and for the checks that hold on all of them."""

import re
from collections.abc import Iterator

from playwright.sync_api import Page, expect

OPEN = ".restaurant:has(.state-open) h2 a"
DISH_WITH_OPTIONS = 'a[href*="dishes/"]'
NOWHERE = {"street": "12 Nowhere Road", "city": "New York", "postcode": "10003"}


def walk(page: Page, url: str) -> Iterator[str]:
    """Yield the name of each page, or of a state of one, while it is shown; `url` is the endpoint to begin at.

    Whoever walks may look at the page, but not change it.
    """
    page.goto(f"{url}/basket/")
    yield "empty basket"
    page.goto(f"{url}/")
    yield "front page"
    page.get_by_label("Street, postcode or city").press_sequentially("new york")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")
    yield "front page with suggestions"
    page.goto(f"{url}/where/")
    page.get_by_label("Street, postcode or city").fill("paris")
    page.get_by_role("button", name="Find restaurants").first.click()
    expect(page.locator(".candidate").first).to_be_visible()
    yield "which place is meant"
    page.get_by_label("Street, postcode or city").fill("qqqqqqqqqq")
    page.get_by_role("button", name="Find restaurants").first.click()
    expect(page.get_by_text("We did not find this place")).to_be_visible()
    yield "a place that was not found"
    page.goto(f"{url}/")
    page.get_by_role("link", name="New York").first.click()
    page.wait_for_url("**/near/**")
    near = page.url
    yield "restaurants near you"
    page.goto(f"{near}?q=nothing+is+called+like+this")
    yield "nothing found"
    page.goto(near)
    page.goto(_address(page, OPEN))
    yield "menu"
    dish = _address(page, DISH_WITH_OPTIONS)
    yield from _basket(page, url, dish, near)
    yield from _checkout(page, url)
    yield from _order(page, dish)
    page.goto(f"{url}/api/")
    yield "API"
    page.goto(f"{url}/restaurants/nobody/")
    yield "nothing here"


def _basket(page: Page, url: str, dish: str, near: str) -> Iterator[str]:
    page.goto(dish)
    yield "dish"
    page.get_by_label("Quantity", exact=True).fill("99")
    page.locator(".dish-form").evaluate("form => { form.noValidate = true }")
    _add(page)
    expect(page.locator(".field-error").first).to_be_visible()
    yield "dish with an error"
    page.get_by_label("Quantity", exact=True).fill("2")
    _add(page)
    expect(page.locator(".count").first).to_be_visible()
    page.goto(near)
    page.goto(_address(page, OPEN, place=1))
    page.goto(_address(page, DISH_WITH_OPTIONS))
    _add(page)
    expect(page.get_by_role("button", name=re.compile("^Empty it"))).to_be_visible()
    yield "another restaurant"
    page.goto(f"{url}/basket/")
    yield "basket"


def _checkout(page: Page, url: str) -> Iterator[str]:
    page.goto(f"{url}/checkout/?kind=delivery")
    yield "checkout"
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("+1 212 555 0142")
    for name, typed in NOWHERE.items():
        page.locator(f"#id_{name}").fill(typed)
    page.locator("#id_region").select_option("NY")
    _send(page)
    expect(page.locator("#not-found")).to_be_visible()
    yield "checkout, address not found"
    page.goto(f"{url}/checkout/?kind=pickup")
    _send(page)
    expect(page.locator("#errors")).to_be_visible()
    yield "checkout with errors"
    page.get_by_label("Name").fill("Ada Lovelace")
    page.get_by_label("Phone").fill("+1 212 555 0142")
    page.get_by_label("When").select_option(index=6)
    _send(page)


def _order(page: Page, dish: str) -> Iterator[str]:
    page.wait_for_url("**/orders/**")
    order = page.url
    yield "order"
    page.get_by_role("link", name="Printable receipt").click()
    expect(page.locator("#print")).to_be_visible()
    yield "receipt"
    page.goto(dish)
    _add(page)
    expect(page.locator(".count").first).to_be_visible()
    page.goto(order)
    page.get_by_role("button", name="Order again").click()
    expect(page.get_by_role("button", name=re.compile("^Empty it"))).to_be_visible()
    yield "order again, with something in the basket"
    page.goto(order)
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".failed")).to_be_visible()
    yield "cancelled order"


def _add(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Add to basket")).click()


def _send(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Order for")).click()


def _address(page: Page, links: str, *, place: int = 0) -> str:
    return str(page.locator(links).nth(place).evaluate("link => link.href"))
