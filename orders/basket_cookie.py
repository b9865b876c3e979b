"""The basket's cookie on requests and responses."""

from django.http import HttpRequest, HttpResponse

from orders.baskets import COOKIE, MAX_AGE_SECONDS, Basket, dumps, loads
from regions.cookies import delete_from_site, set_for_site


def read(request: HttpRequest) -> Basket | None:
    """The basket, or None; `BasketUnreadable` when the cookie is not one of ours."""
    value = request.COOKIES.get(COOKIE)
    return loads(value) if value else None


def write(response: HttpResponse, basket: Basket) -> HttpResponse:
    """`BasketFull` when it would not fit; an empty basket is no basket."""
    if not basket.lines:
        return clear(response)
    set_for_site(response, COOKIE, dumps(basket), max_age_seconds=MAX_AGE_SECONDS)
    return response


def clear(response: HttpResponse) -> HttpResponse:
    delete_from_site(response, COOKIE)
    return response
