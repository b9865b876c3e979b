"""The basket's cookie on requests and responses."""

from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse

from regions.cookies import delete_from_site, set_for_site

if TYPE_CHECKING:
    from orders.baskets import Basket

COOKIE = "basket"

# What is in a basket, and what that costs, is loaded for those who have one.


def read(request: HttpRequest) -> "Basket | None":
    """The basket, or None; `BasketUnreadable` when the cookie is not one of ours."""
    value = request.COOKIES.get(COOKIE)
    if not value:
        return None
    from orders.baskets import loads

    return loads(value)


def write(response: HttpResponse, basket: "Basket") -> HttpResponse:
    """`BasketFull` when it would not fit; an empty basket is no basket."""
    if not basket.lines:
        return clear(response)
    from orders.baskets import MAX_AGE_SECONDS, dumps

    set_for_site(response, COOKIE, dumps(basket), max_age_seconds=MAX_AGE_SECONDS)
    return response


def clear(response: HttpResponse) -> HttpResponse:
    delete_from_site(response, COOKIE)
    return response
