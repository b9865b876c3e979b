"""Cookies of a site: every region of this jurisdiction gets them, whichever answers next, and no region of another."""

from django.conf import settings
from django.http import HttpResponse


def set_for_site(response: HttpResponse, name: str, value: str, *, max_age_seconds: int, path: str = "/") -> None:
    response.set_cookie(
        name,
        value,
        max_age=max_age_seconds,
        path=path,
        domain=settings.COOKIE_DOMAIN,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def delete_from_site(response: HttpResponse, name: str) -> None:
    response.delete_cookie(name, domain=settings.COOKIE_DOMAIN, samesite="Lax")
