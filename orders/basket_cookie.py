"""The basket's cookie on requests and responses: on the parent domain, so that every region gets it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from orders.basket import COOKIE, MAX_AGE_SECONDS, Basket, dumps, loads


def read(request: HttpRequest) -> Basket | None:
    """The basket, or None; `BasketUnreadable` when the cookie is not one of ours."""
    value = request.COOKIES.get(COOKIE)
    return loads(value) if value else None


def write(response: HttpResponse, basket: Basket) -> HttpResponse:
    """`BasketFull` when it would not fit; an empty basket is no basket."""
    if not basket.lines:
        return clear(response)
    response.set_cookie(
        COOKIE,
        dumps(basket),
        max_age=MAX_AGE_SECONDS,
        domain=settings.COOKIE_DOMAIN,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def clear(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(COOKIE, domain=settings.COOKIE_DOMAIN, samesite="Lax")
    return response
