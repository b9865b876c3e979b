"""Where a customer said to be: a cell in a plain cookie."""

from django.http import HttpRequest, HttpResponse

from core.errors import Invalid
from core.geo import check_cell
from regions.cookies import set_for_site

COOKIE = "where"
MAX_AGE_SECONDS = 180 * 86_400


def remembered(request: HttpRequest) -> str | None:
    """The cell, or None when there is none or it is not one."""
    try:
        return check_cell(request.COOKIES.get(COOKIE, ""))
    except Invalid:
        return None


def remember(response: HttpResponse, cell: str) -> HttpResponse:
    set_for_site(response, COOKIE, cell, max_age_seconds=MAX_AGE_SECONDS)
    return response
