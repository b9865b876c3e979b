"""What time it is, in the two forms the project stores: an aware UTC datetime and whole milliseconds."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

# Not datetime.timezone.utc: opening-hours-py accepts a ZoneInfo only.
ZONE_UTC = ZoneInfo("UTC")


def now() -> datetime:
    return datetime.now(ZONE_UTC)


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Of an aware moment."""
    return round(moment.timestamp() * 1000)
