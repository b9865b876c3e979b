"""The newest version of an order that a browser has been shown, in a cookie of that order's own address.

With it no region shows an older state after a reload: `orders.reading.see` compares. It is a number and opens nothing.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from orders.models import Order
from regions.cookies import set_for_site

COOKIE = "seen"
MAX_AGE_SECONDS = 86_400
_MAX_DIGITS = 13  # milliseconds until the year 2286


def read(request: HttpRequest) -> int:
    """The newest version that the cookie or, while htmx asks, the page itself tells of; 0 when neither does."""
    versions = (request.COOKIES.get(COOKIE, ""), request.GET.get("seen", "").partition(".")[0])
    return max(_number(version) for version in versions)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS else 0


def write(response: HttpResponse, order: Order) -> HttpResponse:
    path = reverse("order", kwargs={"home": order.home_region, "order_id": order.id})
    set_for_site(response, COOKIE, str(int(order.version)), max_age_seconds=MAX_AGE_SECONDS, path=path)
    return response
