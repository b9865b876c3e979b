"""The basket in the header of every page."""

from typing import Any

from django.http import HttpRequest

from catalog import where
from orders import basket_cookie
from orders.errors import BasketUnreadable
from regions.secrets import SecretsUnavailable


def basket(request: HttpRequest) -> dict[str, Any]:
    try:
        basket = basket_cookie.read(request)
    except (BasketUnreadable, SecretsUnavailable):
        basket = None  # the pages of the basket say so; a page that only shows its count goes on
    return {"basket": basket, "basket_count": basket.count if basket else 0, "where": where.remembered(request)}
