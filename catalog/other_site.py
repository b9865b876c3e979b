"""A restaurant that takes its orders in another jurisdiction: it can be read about here, and ordered from on its own site."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.utils.translation import gettext

from catalog.models import Availability, Kitchen, Restaurant
from core import clock
from regions import heartbeat, topology


@dataclass(frozen=True)
class OtherSite:
    """`silent_minutes`: for so long none of its regions has been heard from; None while one is, and when nothing is known."""

    title: str
    url: str
    silent_minutes: int | None = None

    @classmethod
    def of(cls, country: str, path: str, *, silent_minutes: int | None = None) -> Self | None:
        """The site that takes the orders of a country, at the same path; None when it is this one."""
        topo = topology.current()
        jurisdiction = topo.jurisdiction_of_country(country)
        if jurisdiction == topo.jurisdiction:
            return None
        title = gettext(topo.jurisdictions[jurisdiction])
        return cls(title, topo.jurisdiction_url(jurisdiction) + path, silent_minutes)


def look(restaurant: Restaurant, path: str) -> tuple[Kitchen, OtherSite | None]:
    """The kitchen of a restaurant, and its site when that is not this one; one BatchGet.

    Each region's heartbeat arrives here with the availability, so it is read with it. What is silent may only be cut off from
    this region: it is said as what it is.
    """
    topo = topology.current()
    if restaurant.jurisdiction == topo.jurisdiction:
        beats: set[str] = set()
    else:
        beats = {heartbeat.key(region) for region in topo.members(restaurant.jurisdiction)}
    records = list(Availability.batch_get([*Availability.keys_of(restaurant.id, restaurant.jurisdiction), *beats]))
    kitchen = Kitchen.of(record for record in records if record.key not in beats and not record.is_tombstone)
    last_beat_ms = max((int(record.version) for record in records if record.key in beats), default=None)
    silent_minutes = _minutes_of_silence(last_beat_ms)
    return kitchen, OtherSite.of(str(restaurant.country), path, silent_minutes=silent_minutes)


def _minutes_of_silence(last_beat_ms: int | None) -> int | None:
    if last_beat_ms is None:
        return None
    seconds = (clock.now_ms() - last_beat_ms) // 1000
    return max(1, seconds // 60) if seconds > settings.SILENT_AFTER_SECONDS else None
