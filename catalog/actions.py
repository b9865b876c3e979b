"""What may change the catalogue (in the master only) and the availability (in every region).

Every change is one transaction of a restaurant's profile and its cards, or of a single record: never half of it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import Any

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from catalog import menu_rules, menus
from catalog.models import Availability, Card, CatalogRecord, Dish, Restaurant
from core import clock
from core.errors import Conflict, Invalid, NotFound, WrongRegion
from regions import topology
from regions.aws import error_code, is_throttled
from regions.models import HomedModel

COPIED_MS = 60_000
"""By then a change has reached the other regions, unless one is away."""
DISHES_TOGETHER = 10
"""In one transaction, which takes 4 MB: ten of the largest that a record may be."""
_ATTEMPTS = 5

MenuFor = Callable[[Restaurant], tuple[list[dict[str, str]], list[Dish]]]
"""A menu, its sections and dishes, for a restaurant."""


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def check_master() -> None:
    """Raise `WrongRegion` unless the catalogue may be changed here."""
    master = topology.current().master
    if topology.here() != master:
        raise WrongRegion(
            master, f"The catalogue is changed in {master} only; while it is away, the change has to wait."
        )


def put_restaurant(wanted: Restaurant, *, menu_for: MenuFor | None = None) -> Outcome:
    """Create a restaurant, or change it to be like `wanted`; its cards follow in the same transaction.

    An attribute that `wanted` leaves at `None` is removed; what is known of the menu stays. A new restaurant has the menu that
    `menu_for` gives it from the beginning, so that its cards are written only once.
    Raises `Invalid` for a radius over `core.geo.MAX_RADIUS_KM`, `WrongRegion` outside the master.
    """
    check_master()
    return _until_settled(lambda: _put_restaurant(wanted, menu_for))


def _put_restaurant(wanted: Restaurant, menu_for: MenuFor | None) -> Outcome:
    stored = _find_restaurant(wanted.id)
    if stored is None and menu_for:
        sections, dishes = menu_for(wanted)
        menu_rules.check(sections, dishes)
        return _put_menu(None, wanted, sections, dishes)
    if stored:
        for name in Restaurant.of_the_menu:
            setattr(wanted, name, getattr(stored, name))
    if not _put_together(stored, wanted):
        return Outcome.UNCHANGED
    return Outcome.CHANGED if stored else Outcome.NEW


def put_menu(restaurant_id: str, *, sections: Sequence[dict[str, str]], dishes: Iterable[Dish]) -> Outcome:
    """Make a restaurant's menu be exactly this one, as a whole (`catalog.menus`) and together with its cards.

    Dishes that are not stored yet are written first, then, in one transaction, what profile and cards say of the menu:
    the cards' names of dishes are what the list near a place searches. Cut off in between, the menu is as it was. Raises
    `Invalid` for what no menu may hold (`catalog.menu_rules`), `NotFound`, `WrongRegion` outside the master.
    """
    check_master()
    wanted = list(dishes)
    menu_rules.check(sections, wanted)

    def put() -> Outcome:
        stored = _find_restaurant(restaurant_id)
        if stored is None:
            raise NotFound(f"There is no restaurant “{restaurant_id[:80]}”.")
        return _put_menu(stored, Restaurant(**stored.attribute_values), sections, wanted)

    return _until_settled(put)


def _put_menu(
    stored: Restaurant | None, restaurant: Restaurant, sections: Sequence[dict[str, str]], wanted: Sequence[Dish]
) -> Outcome:
    """Give `restaurant`, which is `stored` so far, this menu."""
    items = CatalogRecord.query(restaurant.pk, CatalogRecord.sk.startswith("item#"), consistent_read=True)
    stored_dishes = {str(row.sk): row for row in items if isinstance(row, Dish)}
    listed_before = restaurant.menu_keys or ()
    sections_before, dishes_before = menus.whole(restaurant, stored_dishes.values())
    keys_before = [str(dish.sk) for dish in dishes_before]
    restaurant.describe_menu(sections, wanted)
    written = _write_missing(wanted, stored_dishes, listed=listed_before)
    is_another = (restaurant.menu_keys, restaurant.sections) != (keys_before, sections_before)
    if is_another:
        restaurant.menu_before = {"sections": sections_before, "keys": keys_before} if keys_before else None
        restaurant.menu_at = max(clock.now_ms(), *(int(dish.version) for dish in dishes_before), 0)
    changed = _put_together(stored, restaurant) or written
    if (
        stored and is_another
    ):  # and so the profile was changed: whoever writes another menu at the same time begins again
        needed = {*restaurant.menu_keys, *keys_before}
        _bury_replaced(stored, [dish for key, dish in stored_dishes.items() if key not in needed])
    if not changed:
        return Outcome.UNCHANGED
    return Outcome.CHANGED if dishes_before else Outcome.NEW


def _write_missing(wanted: Iterable[Dish], stored: Mapping[str, Dish], *, listed: Collection[str]) -> bool:
    """Have every dish stored; whether one had to be written."""
    missing = [dish for dish in wanted if dish.sk not in stored]
    for start in range(0, len(missing), DISHES_TOGETHER):
        _save(missing[start : start + DISHES_TOGETHER])
    for dish in wanted:
        if dish.sk in stored and dish.sk not in listed:
            # Another hand may be about to bury it: raising its version is either too late, or stops that.
            stored[dish.sk].update([Dish.position.set(dish.position)])
    return bool(missing)


def _save(dishes: Sequence[Dish]) -> None:
    if len(dishes) == 1:
        dishes[0].save()  # half the price of a transaction
        return
    with _transaction() as transaction:
        for dish in dishes:
            transaction.save(dish)


def _bury_replaced(restaurant: Restaurant, dishes: Iterable[Dish]) -> None:
    """Bury what neither the new menu nor the one before needs, once the others should have the one before."""
    if clock.now_ms() < int(restaurant.menu_at or 0) + COPIED_MS:
        return
    for dish in dishes:
        dish.bury()
        with suppress(Conflict):  # another menu needs it again
            dish.save()


def _until_settled(put: Callable[[], Outcome]) -> Outcome:
    """Somebody else's change at the same moment is read, and the wanted one made on top of it."""
    for _ in range(_ATTEMPTS):
        with suppress(Conflict):
            return put()
    raise Conflict("Somebody else is changing this restaurant at the same time; it is as they left it.")


def _put_together(stored: Restaurant | None, wanted: Restaurant) -> bool:
    """Profile and cards in one transaction; False when they were like that already, `Conflict` when one is not as read."""
    changes = _differences(stored, wanted) if stored else []
    cards = _cards_to_write(stored, wanted)
    if stored and not cards:
        if changes:
            stored.update(changes)  # half the price of a transaction, and it settles its own retry
        return bool(changes)
    with _transaction() as transaction:
        if stored is None:
            transaction.save(wanted)
        elif changes:
            transaction.update(stored, changes)
        for card, actions in cards:
            if actions:
                transaction.update(card, actions)
            else:
                transaction.save(card)
    return True


@contextmanager
def _transaction() -> Iterator[TransactWrite]:
    """All of it or nothing; `Conflict` when something is not as it was read."""
    try:
        with TransactWrite(connection=CatalogRecord._get_connection().connection) as transaction:
            yield transaction
    except TransactWriteError as error:
        if error_code(error) != "TransactionCanceledException" or is_throttled(error):
            raise
        raise Conflict from error


def pause(restaurant_id: str) -> None:
    """Take no more orders until `resume`."""
    _say(restaurant_id, lambda record, word: {"paused": word(True)})


def resume(restaurant_id: str) -> None:
    _say(restaurant_id, lambda record, word: {"paused": word(False)})


def set_busy(restaurant_id: str, *, minutes: int) -> None:
    """Every order takes this many minutes longer; 0 to 120."""
    if not 0 <= minutes <= 120:
        raise Invalid("A kitchen can be busy by 0 to 120 minutes more than usual.")
    _say(restaurant_id, lambda record, word: {"busy_minutes": word(minutes)})


def set_sold_out(restaurant_id: str, dish_id: str, *, sold_out: bool) -> None:
    """A dish is sold out, or back."""
    _say(restaurant_id, lambda record, word: {"sold_out": {**(record.sold_out or {}), dish_id: word(sold_out)}})


Word = Callable[[Any], dict[str, Any]]
"""A value, with when it was said."""


def _say(restaurant_id: str, change: Callable[[Availability, Word], dict[str, Any]]) -> None:
    """Write this region's own word, in one write; another hand that wrote meanwhile is read again, not overwritten."""
    key = Availability.key_of(topology.here(), restaurant_id)
    for _ in range(_ATTEMPTS):
        stored = next(iter(Availability.batch_get([key], consistent_read=True)), None)
        record = stored or Availability(key=key, home=topology.here(), restaurant=restaurant_id)
        said = change(record, lambda value: {"value": value, "changed_at": clock.now_ms()})
        try:
            if stored:
                record.update([Availability.get_attributes()[name].set(value) for name, value in said.items()])
            else:
                Availability(**record.attribute_values | said).save()
        except Conflict:
            continue
        return
    raise Conflict


def _find_restaurant(restaurant_id: str) -> Restaurant | None:
    try:
        row = CatalogRecord.get(Restaurant.partition(restaurant_id), "profile", consistent_read=True)
    except CatalogRecord.DoesNotExist:
        return None
    return row if isinstance(row, Restaurant) else None


def _differences(stored: HomedModel, wanted: HomedModel) -> list[Any]:
    """The update actions that make `stored` like `wanted`."""
    changed = {
        name: (attribute, getattr(wanted, name))
        for name, attribute in wanted.get_attributes().items()
        if name not in wanted.bookkeeping | {"kind"} and getattr(wanted, name) != getattr(stored, name)
    }
    return [attribute.remove() if value is None else attribute.set(value) for attribute, value in changed.values()]


def _cards_to_write(stored: Restaurant | None, wanted: Restaurant) -> list[tuple[Card, list[Any]]]:
    """The cards that differ from what they should be, each with its update actions (none: save it as it is)."""
    cards = {(card.pk, card.sk): card for card in Card.all_of(wanted)}
    old_keys = Card.keys_of(stored) if stored else []
    present = {(card.pk, card.sk): card for card in _find_cards({*cards, *old_keys})} if stored else {}
    writes: list[tuple[Card, list[Any]]] = []
    for key, card in cards.items():
        if key not in present:
            writes.append((card, []))
        elif actions := _differences(present[key], card):
            writes.append((present[key], actions))
    for key in present.keys() - cards.keys():
        present[key].bury()
        writes.append((present[key], []))
    return writes


def _find_cards(keys: Iterable[tuple[str, str]]) -> list[Card]:
    return [row for row in CatalogRecord.batch_get(keys, consistent_read=True) if isinstance(row, Card)]
