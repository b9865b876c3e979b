"""Hostile text does not push a page wider than a small screen. Pages of this process, shown by a real browser; no cloud."""

from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Route

from catalog import where
from regions import topology
from tests import hostile
from tests.factories import cell_of

HOST = topology.current().jurisdiction_host("na")
TEXTS = {"unbroken": "W" * 10_000, "markup": hostile.TEXTS["markup"], "right to left": "مطعم" * 100}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_page_scrolls_sideways(tables: None, browser: Browser, text: str) -> None:
    restaurant, _ = hostile.imported(text, opening_hours="24/7")
    unread, _ = hostile.imported(text, number=2)
    client = Client(HTTP_HOST=HOST)
    client.cookies[where.COOKIE] = cell_of(restaurant)
    at = f"/restaurants/{restaurant.id}/"
    assert client.post(f"{at}dishes/chosen/", {"quantity": 1}).status_code == 302

    def answer(route: Route) -> None:
        url = urlsplit(route.request.url)
        if url.path.startswith("/static/"):
            route.fulfill(path=finders.find(url.path.removeprefix("/static/")))
        else:
            page = client.get(f"{url.path}?{url.query}")
            route.fulfill(status=page.status_code, body=page.content, content_type=page.headers["Content-Type"])

    context = browser.new_context(viewport={"width": 320, "height": 640})
    try:
        page = context.new_page()
        page.route("**/*", answer)
        dish, other = f"{at}dishes/chosen/", f"/restaurants/{unread.id}/"
        for path in (f"/near/{cell_of(restaurant)}/", at, dish, "/basket/", "/checkout/", other):
            page.goto(f"http://{HOST}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
    finally:
        context.close()
