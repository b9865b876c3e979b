"""What operators see: all regions, as this one sees them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from admin_portal.guard import for_operators
from admin_portal.overview import overview
from core import clock


@never_cache
@require_safe
@for_operators
def operations(request: HttpRequest) -> HttpResponse:
    return render(request, "admin_portal/operations.html", {"overview": overview(), "at": clock.now()})
