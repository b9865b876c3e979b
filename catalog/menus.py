"""A menu is there as a whole or not at all, whenever its writing is cut off and in whatever order its records are copied.

A dish is never changed where it is stored: its key says what is in it, and the profile lists the keys that are the menu. A
new menu is written as the dishes that are not there yet, which nobody sees, and then as the profile's list. Another region
may get the list before the dishes: the profile also keeps the list before, and a reader takes the newest one that is complete.
"""

from collections.abc import Iterable
from typing import Any

from catalog.models import CatalogRecord, Dish, Restaurant, in_order
from core.errors import NotFound, Unavailable
from core.messages import say

MAX_ID = 200

Sections = list[dict[str, str]]
Image = dict[str, Any]


def menu_of(restaurant_id: str) -> tuple[Restaurant, list[Dish]]:
    """A restaurant and its dishes in the order of the menu, by one Query; `NotFound` when there is none."""
    return from_images(images_of(restaurant_id))


def images_of(restaurant_id: str) -> list[Image]:
    """What is stored of a restaurant and its dishes, in any order."""
    if len(restaurant_id) > MAX_ID:  # the store refuses longer keys, as if it were out of order
        return []
    until_profile = CatalogRecord.sk.between("item#", "profile")  # and no kind of record that a later release has
    pages = CatalogRecord.query(Restaurant.partition(restaurant_id), until_profile).page_iter
    return [image for page in pages for image in page["Items"]]


def from_images(images: Iterable[Image]) -> tuple[Restaurant, list[Dish]]:
    """`NotFound` when there is no restaurant among them."""
    restaurant, dishes = from_rows(CatalogRecord.from_raw_data(image) for image in images)
    if restaurant is None:
        raise NotFound(say("This restaurant is not available here. See the restaurants near you."))
    return restaurant, dishes


def from_rows(rows: Iterable[CatalogRecord]) -> tuple[Restaurant | None, list[Dish]]:
    """The restaurant, with the sections of the menu that can be shown, and its dishes; tombstones may be among the rows."""
    present = list(rows)
    restaurant = next((row for row in present if isinstance(row, Restaurant)), None)
    if restaurant is None:
        return None, []
    if restaurant.lacking:
        raise Unavailable(say("A newer release has changed this restaurant. Try again in a few minutes."))
    sections, dishes = whole(restaurant, [row for row in present if isinstance(row, Dish) and not row.lacking])
    restaurant.sections = sections
    return restaurant, in_order(dishes, sections)


def whole(restaurant: Restaurant, dishes: Iterable[Dish]) -> tuple[Sections, list[Dish]]:
    """The newest menu of which every dish is there; one without dishes when none is."""
    present = {str(dish.sk): dish for dish in dishes}
    unsealed = [dish for dish in present.values() if not dish.is_sealed]
    # Releases before listed nothing: all dishes were the menu. One may also have written after this one, while both run.
    if restaurant.menu_keys is None or any(dish.version > (restaurant.menu_at or 0) for dish in unsealed):
        return list(restaurant.sections), unsealed
    before: dict[str, Any] = restaurant.menu_before or {"sections": [], "keys": []}
    for sections, keys in ((restaurant.sections, restaurant.menu_keys), (before["sections"], before["keys"])):
        if all(key in present for key in keys):
            return list(sections), [present[key] for key in keys]
    return [], []
