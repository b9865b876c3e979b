"""A restaurant's page: what is on the menu."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import hours, other_site, where
from catalog.dish_filter import DishFilter
from catalog.menu_cache import menu
from catalog.restaurant.for_machines import for_machines
from catalog.restaurant.page import MenuPage
from core import clock


@require_safe
def restaurant(request: HttpRequest, restaurant_id: str) -> HttpResponse:
    found, _ = menu(restaurant_id)
    kitchen, elsewhere = other_site.look(found, request.path_info)
    now = clock.now()
    today = now.astimezone(ZoneInfo(found.time_zone)).date()
    wanted = DishFilter() if elsewhere else DishFilter.of(request.GET)
    cell = where.remembered(request)
    context = {
        **for_machines(found, today),
        "restaurant": found,
        "other_site": elsewhere,
        "kitchen": kitchen,
        "menu": MenuPage(found, kitchen, now, wanted),
        "wanted": wanted,
        "is_open": hours.is_open(found.opening_hours, found.time_zone, now),
        "changes_at": hours.next_change(found.opening_hours, found.time_zone, now),
        "week": hours.week(found.opening_hours, found.time_zone, today),
        "minutes": int(found.preparation_minutes) + kitchen.busy_minutes,
        "delivers_here": found.delivers_to(cell) if cell else None,
    }
    return render(request, "catalog/restaurant.html", context)
