"""The times that an order can be wanted for."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from catalog import hours
from catalog.models import Kitchen
from orders import slots
from orders.status import Kind
from tests.factories import make_restaurant

NEW_YORK = ZoneInfo("America/New_York")
PARIS = ZoneInfo("Europe/Paris")


def local(text: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def shown(
    opening_hours: str | None,
    now: datetime,
    *,
    kind: Kind = Kind.PICKUP,
    kitchen: Kitchen | None = None,
    served: tuple[str, ...] = (),
) -> list[str]:
    """The slots of a restaurant in the zone of `now`, as its clock shows them. It needs 20 minutes, 15 more to deliver."""
    zone = now.tzinfo
    restaurant = make_restaurant(opening_hours=opening_hours, time_zone=str(zone))
    spans = slots.possible(restaurant, kitchen or Kitchen(), kind, now=now.astimezone(UTC))
    found = slots.offered(spans, served=served, place=restaurant.place)
    assert all(slots.is_offered(slot, spans) for slot in found)
    return [f"{slot.astimezone(zone):%a %H:%M %Z}".replace(" EST", "").replace(" CET", "") for slot in found]


def test_slots_begin_when_the_food_can_be_there_and_end_with_the_hours() -> None:
    now = local("2026-11-24 21:05")  # a Tuesday
    assert shown("Tu 18:00-22:00", now)[:3] == ["Tue 21:30", "Tue 21:45"]
    assert shown("Tu 18:00-22:00", now, kind=Kind.DELIVERY)[:3] == ["Tue 21:45"]
    assert shown("Tu 18:00-22:00", now, kitchen=Kitchen(busy_minutes=20)) == ["Tue 21:45"]
    assert shown("Tu 18:00-22:00", local("2026-11-24 21:00"))[0] == "Tue 21:30", (
        "20 minutes are rounded up to a quarter"
    )


def test_a_kitchen_begins_when_it_opens() -> None:
    now = local("2026-11-24 09:00")
    assert shown("Tu 11:00-12:00", now)[0] == "Tue 11:30"
    assert shown("Tu 11:00-12:00", now, kind=Kind.DELIVERY) == ["Tue 11:45"]
    assert shown("Tu 11:00-11:15", now) == [], "there is no time to make anything"


def test_today_and_six_days_more() -> None:
    found = shown("Mo-Su 12:00-13:00", local("2026-11-24 23:00"))
    assert (found[0], found[-1], len(found)) == ("Wed 12:30", "Mon 12:45", 6 * 2)


def test_a_night_goes_on_past_midnight_and_counts_from_its_opening() -> None:
    found = shown("Tu 22:00-01:00", local("2026-11-24 20:00"))
    assert (found[0], found[-1]) == ("Tue 22:30", "Wed 00:45")
    assert len(found) == 10
    assert shown("Tu 22:00-01:00", local("2026-11-25 00:10"))[:2] == ["Wed 00:30", "Wed 00:45"]


def test_a_lunch_and_a_dinner_are_apart() -> None:
    found = shown("Tu 11:00-12:00,18:00-19:00", local("2026-11-24 08:00"))
    assert found == ["Tue 11:30", "Tue 11:45", "Tue 18:30", "Tue 18:45"]


def test_the_hour_that_does_not_exist_is_not_offered() -> None:
    found = shown("Sa 22:00-04:00", local("2026-03-07 20:00"))
    night = [slot for slot in found if slot.startswith("Sun")]
    assert night[:5] == ["Sun 00:00", "Sun 00:15", "Sun 00:30", "Sun 00:45", "Sun 01:00"]
    assert "Sun 03:00 EDT" in night
    assert not [slot for slot in night if " 02:" in slot]
    assert len(night) == 4 * 3, "from midnight to four o'clock it is three hours"


def test_the_hour_that_exists_twice_is_offered_twice() -> None:
    found = shown("Sa 22:00-04:00", local("2026-10-31 20:00"))
    assert [slot for slot in found if " 01:15" in slot] == ["Sun 01:15 EDT", "Sun 01:15"]
    assert len([slot for slot in found if slot.startswith("Sun")]) == 4 * 5
    twice = local("2026-11-01 01:15")
    assert slots.is_ambiguous(twice)
    assert not slots.is_ambiguous(twice + timedelta(hours=1))


def test_europe_turns_its_clocks_on_another_day() -> None:
    found = shown("Sa 22:00-04:00", local("2026-10-24 20:00", PARIS))
    assert [slot for slot in found if " 02:30" in slot] == ["Sun 02:30 CEST", "Sun 02:30"]


@pytest.mark.parametrize("text", [None, "", '"by appointment"', "2099 Mo-Su 10:00-12:00"])
def test_without_hours_that_can_be_read_there_are_no_slots(text: str | None) -> None:
    assert shown(text, local("2026-11-24 12:00")) == []


def test_around_the_clock_is_every_quarter_until_the_last_day_ends() -> None:
    found = shown("24/7", local("2026-11-24 12:00"))
    assert (found[0], found[-1]) == ("Tue 12:30", "Mon 23:45")
    assert len(found) == 4 * (6 * 24 + 12) - 2


def test_a_paused_kitchen_takes_orders_for_after_the_pause() -> None:
    assert shown("24/7", local("2026-11-24 12:00"), kitchen=Kitchen(paused=True))[0] == "Tue 14:00"
    found = shown("Tu 11:00-13:00; We 11:00-13:00", local("2026-11-24 12:00"), kitchen=Kitchen(paused=True))
    assert found[0] == "Wed 11:30"


def test_what_is_served_at_certain_hours_narrows_the_slots() -> None:
    found = shown("24/7", local("2026-11-24 12:00"), served=("We 08:00-10:00", "Mo-Su 09:00-11:00"))
    assert (found[0], found[-1], len(found)) == ("Wed 09:00", "Wed 09:45", 4)


@pytest.mark.parametrize(
    "wanted",
    [
        "2026-11-24 12:31",
        "2026-11-24 12:30:01",
        "2026-11-24 12:15",
        "2026-11-24 11:30",
        "2026-12-01 00:00",
        "2036-11-24 12:30",
    ],
)
def test_what_is_not_offered(wanted: str) -> None:
    restaurant = make_restaurant(opening_hours="24/7")
    spans = slots.possible(restaurant, Kitchen(), Kind.PICKUP, now=local("2026-11-24 12:00").astimezone(UTC))
    assert not slots.is_offered(local(wanted).astimezone(UTC), spans)
    assert slots.is_offered(local("2026-11-24 12:30").astimezone(UTC), spans)


def can_be_now(
    opening_hours: str,
    at: str,
    *,
    kind: Kind = Kind.PICKUP,
    kitchen: Kitchen | None = None,
    served: tuple[str, ...] = (),
) -> bool:
    """On a Tuesday in New York, at a restaurant that needs 20 minutes, 15 more to deliver."""
    restaurant = make_restaurant(opening_hours=opening_hours)
    now = local(f"2026-11-24 {at}").astimezone(UTC)
    return slots.can_be_now(restaurant, kitchen or Kitchen(), kind, now=now, served=served)


@pytest.mark.parametrize(
    ("opening_hours", "at", "kind", "busy_minutes", "expected"),
    [
        ("Tu 18:00-22:00", "21:39", Kind.PICKUP, 0, True),
        ("Tu 18:00-22:00", "21:40", Kind.PICKUP, 0, False),
        ("Tu 18:00-22:00", "21:40", Kind.DELIVERY, 0, False),
        ("Tu 18:00-22:00", "21:24", Kind.DELIVERY, 0, True),
        ("Tu 18:00-22:00", "21:24", Kind.DELIVERY, 1, False),
        ("Tu 18:00-22:00", "21:24", Kind.PICKUP, 15, True),
        ("Tu 18:00-22:00", "18:00", Kind.DELIVERY, 60, True),  # it has just opened
        ("Tu 18:00-22:00", "17:59", Kind.PICKUP, 60, False),  # it has not
        ("Tu 18:00-22:00", "22:00", Kind.PICKUP, 0, False),
        ("Tu 18:00-18:30", "18:00", Kind.DELIVERY, 0, False),  # open for less than it takes
        ("Tu 22:00-02:00", "23:50", Kind.DELIVERY, 0, True),  # over midnight
        ("Mo 18:00-00:30; Tu 12:00-22:00", "00:12", Kind.PICKUP, 0, False),
        ("Tu 11:00-14:00,14:10-22:00", "13:50", Kind.PICKUP, 0, False),  # 14:10, when nothing can be ready
        ("Tu 11:00-14:00,14:00-22:00", "13:50", Kind.PICKUP, 0, True),
        ("24/7", "13:50", Kind.DELIVERY, 90, True),
    ],
)
def test_as_soon_as_possible_is_taken_when_the_food_can_be_there_before_closing(
    opening_hours: str, at: str, kind: Kind, busy_minutes: int, expected: bool
) -> None:
    assert can_be_now(opening_hours, at, kind=kind, kitchen=Kitchen(busy_minutes=busy_minutes)) is expected


def test_a_paused_kitchen_makes_nothing_as_soon_as_possible() -> None:
    assert not can_be_now("24/7", "12:00", kitchen=Kitchen(paused=True))


def test_what_is_served_at_certain_hours_has_to_be_served_when_the_food_is_there() -> None:
    assert can_be_now("24/7", "11:15", served=("Tu 11:30-14:30",)), "it is ready at 11:35"
    assert can_be_now("24/7", "14:09", served=("Tu 11:30-14:30",))
    assert not can_be_now("24/7", "14:10", served=("Tu 11:30-14:30",)), "it would be ready at 14:30"
    assert not can_be_now("24/7", "14:09", kind=Kind.DELIVERY, served=("Tu 11:30-14:30",))
    assert not can_be_now("24/7", "12:00", served=("Tu 11:30-14:30", "We 11:00-14:00"))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("opening_hours", ["Tu 10:00-11:00,11:30-14:00", "Tu 10:05-13:10", "Mo-Su 18:00-12:00", "24/7"])
def test_now_and_later_are_one_rule(opening_hours: str, kind: Kind) -> None:
    """Wherever “as soon as possible” would be a quarter of an hour, both are offered, or neither is."""
    restaurant, busy = make_restaurant(opening_hours=opening_hours), Kitchen(busy_minutes=10)
    needed = timedelta(minutes=slots.minutes_needed(restaurant, busy, kind))
    for quarter in range(9 * 4, 15 * 4):
        wanted = local("2026-11-24 00:00").astimezone(UTC) + quarter * slots.STEP
        now = wanted - needed
        if slots.can_be_now(restaurant, busy, kind, now=now):
            assert slots.is_offered(wanted, slots.possible(restaurant, busy, kind, now=now))
        elif hours.is_open(opening_hours, restaurant.place, now):
            assert not slots.is_offered(wanted, slots.possible(restaurant, busy, kind, now=now))
