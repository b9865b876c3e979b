"""Menus, kept for a few seconds in the container: a popular restaurant's page costs one round trip less."""

import time

from catalog.models import Dish, Restaurant, menu_of

KEPT_SECONDS = 5.0
KEPT_MENUS = 200

_kept: dict[str, tuple[float, tuple[Restaurant, list[Dish]]]] = {}


def menu(restaurant_id: str) -> tuple[Restaurant, list[Dish]]:
    """`catalog.models.menu_of`, at most `KEPT_SECONDS` old. What is returned is shared: do not change it."""
    entry = _kept.get(restaurant_id)
    if entry and time.monotonic() - entry[0] < KEPT_SECONDS:
        return entry[1]
    found = menu_of(restaurant_id)
    if len(_kept) >= KEPT_MENUS:
        _kept.clear()
    _kept[restaurant_id] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Empty the container's memory."""
    _kept.clear()
