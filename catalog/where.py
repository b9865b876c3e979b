"""Where a customer said to be: a cell in a plain cookie of the parent domain."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from core.errors import Invalid
from core.geo import check_cell

COOKIE = "where"
MAX_AGE_SECONDS = 180 * 86_400


def remembered(request: HttpRequest) -> str | None:
    """The cell, or None when there is none or it is not one."""
    try:
        return check_cell(request.COOKIES.get(COOKIE, ""))
    except Invalid:
        return None


def remember(response: HttpResponse, cell: str) -> HttpResponse:
    response.set_cookie(
        COOKIE,
        cell,
        max_age=MAX_AGE_SECONDS,
        domain=settings.COOKIE_DOMAIN,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response
