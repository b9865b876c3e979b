"""What time it is, in the two forms the project stores: an aware UTC datetime and whole milliseconds.

On a laptop the clock can be set, for all processes of a cloud alike: `FFT_CLOCK` (a UTC time) says what time it is when
the first of them asks; that one makes an offset of it and hands it to the others (`FFT_CLOCK_OFFSET_MS`).

Nobody else reads the time. What does not ask here stays real: signatures, cookies, connections, other services. What those
say about time is turned into ours where it comes in (`from_real_ms`), so that no age is reckoned from two clocks.
"""

import os
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

# Not datetime.timezone.utc: opening-hours-py accepts a ZoneInfo only.
ZONE_UTC = ZoneInfo("UTC")

SET, OFFSET = "FFT_CLOCK", "FFT_CLOCK_OFFSET_MS"


def now() -> datetime:
    return datetime.now(ZONE_UTC) + timedelta(milliseconds=offset_ms())


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return from_real_ms(time.time_ns() // 1_000_000)


def from_real_ms(milliseconds: int) -> int:
    """A moment that another service names, as this clock shows it."""
    return milliseconds + offset_ms()


def expires_at(kept_seconds: int) -> int:
    """When DynamoDB's TTL, which goes by the real time, takes away what is kept for so long; in seconds since 1970."""
    return (now_ms() - offset_ms()) // 1000 + kept_seconds


@cache
def offset_ms() -> int:
    """How far ahead of the real time this clock is; read at the first call."""
    return offset_from(os.environ)


def offset_from(environment: Mapping[str, str]) -> int:
    """The offset that is given, or one that is made now of a time that is given; `ValueError` when that is no UTC time."""
    if given := environment.get(OFFSET):
        return int(given)
    text = environment.get(SET)
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.utcoffset() != timedelta(0):
        raise ValueError(f"{SET} is “{text}”; a UTC time is wanted, such as 2026-11-01T05:30:00Z")
    return to_ms(moment) - time.time_ns() // 1_000_000


def is_being_set() -> bool:
    """Is this the process that makes an offset of the time that somebody has given?"""
    return bool(os.environ.get(SET)) and not os.environ.get(OFFSET)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Of an aware moment."""
    return round(moment.timestamp() * 1000)
