"""Menus, kept for a few seconds in the container: a popular restaurant's page costs one round trip less."""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from catalog.menus import from_images, images_of
from catalog.models import Dish, Restaurant

KEPT_SECONDS = 5.0
KEPT_MENUS = 50  # with what pages made of them, a megabyte or two each at the most

Made = TypeVar("Made")


@dataclass(frozen=True)
class _Kept:
    versions: list[Any]  # the same for the same menu only
    restaurant: Restaurant
    dishes: list[Dish]
    until: float
    made: dict[Hashable, Any] = field(default_factory=dict)


_kept: dict[str, _Kept] = {}


def menu(restaurant_id: str) -> tuple[Restaurant, list[Dish]]:
    """`catalog.menus.menu_of`, at most `KEPT_SECONDS` old. What is returned is shared: do not change it."""
    entry = _entry(restaurant_id)
    return entry.restaurant, entry.dishes


def made_of(restaurant_id: str, what: Hashable, make: Callable[[Restaurant, list[Dish]], Made]) -> Made:
    """What a page makes of a menu, made once and kept until the menu is another one. Shared: do not change it."""
    entry = _entry(restaurant_id)
    if what not in entry.made:
        entry.made[what] = make(entry.restaurant, entry.dishes)
    made: Made = entry.made[what]
    return made


def _entry(restaurant_id: str) -> _Kept:
    entry = _kept.get(restaurant_id)
    if entry is None or time.monotonic() > entry.until:
        images = images_of(restaurant_id)
        versions = [(image["sk"], image.get("version")) for image in images]
        until = time.monotonic() + KEPT_SECONDS
        if entry is not None and entry.versions == versions:
            entry = replace(entry, until=until)
        else:
            if len(_kept) >= KEPT_MENUS:
                _kept.clear()
            entry = _Kept(versions, *from_images(images), until)
        _kept[restaurant_id] = entry
    return entry


def forget() -> None:
    """Empty the container's memory."""
    _kept.clear()
