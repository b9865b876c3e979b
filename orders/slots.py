"""The times that an order can be wanted for: as soon as possible, or quarters of an hour within the restaurant's opening hours.

One rule for both. The food is with the customer, or ready at the counter, at that time. So the kitchen has to be open at that
time, and has to have been open for as long as making and bringing it takes; what is served at certain hours is served then. All
of it is reckoned in UTC, which knows no hour that is missing or there twice; every zone in use is whole quarters away from it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from catalog import hours
from catalog.models import Dish, Kitchen, Restaurant
from catalog.place import Place
from orders.status import Kind

STEP = timedelta(minutes=15)
DAYS_AHEAD = 6
"""Orders are taken for today and this many days after it, by the restaurant's calendar."""
PAUSE = timedelta(hours=2)
"""A pause is about now, and nobody says when it ends: a paused kitchen takes orders for this much later."""
MAX_MOMENT_MS = 9_999_999_999_999  # in the year 2286: what is later is no time that anybody wants
DELIVERY_MINUTES = 15  # on top of the preparation, until orders know their courier

Spans = list[tuple[datetime, datetime]]


def minutes_needed(restaurant: Restaurant, kitchen: Kitchen, kind: Kind) -> int:
    """From an order that is wanted as soon as possible to the food: preparation, what is going on, the way."""
    return int(restaurant.preparation_minutes) + kitchen.busy_minutes + _way_minutes(kind)


def possible(restaurant: Restaurant, kitchen: Kitchen, kind: Kind, *, now: datetime) -> Spans:
    """The spans of UTC, each without its end, that food may be wanted in."""
    earliest = ready_at(restaurant, kitchen, kind, now=now)
    if kitchen.paused:
        earliest = max(earliest, now + PAUSE)
    from_opening = timedelta(minutes=int(restaurant.preparation_minutes) + _way_minutes(kind))
    open_spans = hours.open_spans(restaurant.opening_hours, restaurant.place, now, _last(restaurant, now))
    spans = ((max(earliest, begin + from_opening), end) for begin, end in open_spans)
    return [(begin, end) for begin, end in spans if begin < end]


def offered(spans: Spans, *, served: Sequence[str] = (), place: Place) -> list[datetime]:
    """The slots in these spans, in UTC, at which all that has hours of its own (`Dish.served`) is served too."""
    slots: list[datetime] = []
    for begin, end in spans:
        slot = begin + (datetime.min.replace(tzinfo=UTC) - begin) % STEP
        while slot < end:
            slots.append(slot)
            slot += STEP
    return [slot for slot in slots if all(hours.is_served(text, place, slot) for text in served)]


def ready_at(restaurant: Restaurant, kitchen: Kitchen, kind: Kind, *, now: datetime) -> datetime:
    """When the food would be there, if it were made right now."""
    return now + timedelta(minutes=minutes_needed(restaurant, kitchen, kind))


def can_be_now(
    restaurant: Restaurant, kitchen: Kitchen, kind: Kind, *, now: datetime, served: Sequence[str] = ()
) -> bool:
    """Can it be ordered as soon as possible: is the kitchen working, and may the food be wanted for when it would be there?"""
    ready = ready_at(restaurant, kitchen, kind, now=now)
    if kitchen.paused or not hours.is_open(restaurant.opening_hours, restaurant.place, now):
        return False
    spans = possible(restaurant, kitchen, kind, now=now)
    return _is_within(ready, spans) and all(hours.is_served(text, restaurant.place, ready) for text in served)


def soonest(dish: Dish, restaurant: Restaurant, kitchen: Kitchen, *, now: datetime) -> datetime:
    """When a dish can be had: as soon as possible if it is served then, or else at the first slot at which it is, if any."""
    ready = ready_at(restaurant, kitchen, Kind.PICKUP, now=now)
    if hours.is_served(dish.served, restaurant.place, ready):
        return ready
    spans = possible(restaurant, kitchen, Kind.PICKUP, now=now)
    return next(iter(offered(spans, served=[str(dish.served)], place=restaurant.place)), ready)


def hours_of(dishes: Sequence[Dish]) -> list[str]:
    """The hours that single dishes are served at, each once."""
    return sorted({str(dish.served) for dish in dishes if dish.served})


def is_offered(wanted: datetime, spans: Spans) -> bool:
    on_the_grid = (wanted - datetime.min.replace(tzinfo=UTC)) % STEP == timedelta(0)
    return on_the_grid and _is_within(wanted, spans)


def is_ambiguous(local: datetime) -> bool:
    """Is this time there twice, on the night that the clocks are set back?"""
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _is_within(wanted: datetime, spans: Spans) -> bool:
    return any(begin <= wanted < end for begin, end in spans)


def _way_minutes(kind: Kind) -> int:
    return DELIVERY_MINUTES if kind == Kind.DELIVERY else 0


def _last(restaurant: Restaurant, now: datetime) -> datetime:
    zone = ZoneInfo(restaurant.time_zone)
    after = now.astimezone(zone).date() + timedelta(days=DAYS_AHEAD + 1)
    return datetime.combine(after, time(), zone).astimezone(UTC)
