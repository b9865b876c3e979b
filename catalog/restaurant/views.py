"""A restaurant's page: what is on the menu."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import hours, hours_words, other_site, where
from catalog.dish_filter import DishFilter
from catalog.menu_cache import menu
from catalog.restaurant.for_machines import for_machines
from catalog.restaurant.page import MenuPage
from core import clock


@require_safe
def restaurant(request: HttpRequest, restaurant_id: str) -> HttpResponse:
    profile, _ = menu(restaurant_id)
    kitchen, elsewhere = other_site.look(profile, request.path_info)
    now = clock.now()
    today = now.astimezone(ZoneInfo(profile.time_zone)).date()
    wanted = DishFilter() if elsewhere else DishFilter.of(request.GET)
    cell = where.remembered(request)
    context = {
        **for_machines(profile, today),
        "restaurant": profile,
        "other_site": elsewhere,
        "kitchen": kitchen,
        "menu": MenuPage(profile, kitchen, now, wanted),
        "wanted": wanted,
        "is_open": hours.is_open(profile.opening_hours, profile.place, now),
        "changes_at": hours.next_change(profile.opening_hours, profile.place, now),
        "week": hours.week(profile.opening_hours, profile.place, today),
        "hours_told": hours_words.more_than_a_week(profile.opening_hours or ""),
        "minutes": int(profile.preparation_minutes) + kitchen.busy_minutes,
        "delivers_here": profile.delivers_to(cell) if cell else None,
    }
    return render(request, "catalog/restaurant.html", context)
