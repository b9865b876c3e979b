"""How many requests somebody makes in a window of time, counted over all processes of a region. Not replicated.

Who it is is stored as a keyed hash that is another one in every window: an address of a person is in no table.
"""

import hashlib
import hmac

from botocore.exceptions import BotoCoreError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from core import clock
from core.events import WARNING, event
from regions import topology
from regions.breaker import Breaker
from regions.models import RegionalMeta, RegionalModel

KEPT_SECONDS = 3_600  # after its window, until DynamoDB's TTL takes it away
BREAKER_SECONDS = 5.0
_breaker = Breaker(open_seconds=BREAKER_SECONDS)


class RequestCount(RegionalModel):
    """`requests#<region>#<hash of what, who and when>`: how often, in one window."""

    class Meta(RegionalMeta):
        table_name = "foodforthought-operations"
        connect_timeout_seconds = 0.2
        read_timeout_seconds = 0.3
        max_retry_attempts = 0

    key = UnicodeAttribute(hash_key=True)
    times = NumberAttribute(default=0)
    expires_at = NumberAttribute()  # seconds, DynamoDB's TTL


def key_of(what: str, who: str, *, window: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{what}\n{who}\n{window}".encode(), hashlib.sha256).hexdigest()
    return f"requests#{topology.here()}#{digest[:32]}"


def count(key: str) -> int | None:
    """Once more; how often it is now. One UpdateItem. None when nobody could count: whoever asks goes on without."""
    if not _breaker.allows():
        return None
    counted = RequestCount(key)
    try:
        counted.update([RequestCount.times.add(1), RequestCount.expires_at.set(clock.expires_at(KEPT_SECONDS))])
    except (PynamoDBException, BotoCoreError) as error:
        _breaker.failed()
        event("request not counted", level=WARNING, error=type(error).__name__)
        return None
    _breaker.succeeded()
    return int(counted.times)
