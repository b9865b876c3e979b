"""Is this region fit to serve? Asked by Route 53 every few seconds, answered from a verdict that is seconds old at most.

Only what this region has to itself decides. What regions share would fail for all of them at once.
"""

import logging
import threading
import time
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError
from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from core import clock, ids
from regions import aws, topology
from regions.aws import OPERATIONS
from regions.models import RegionalMeta, RegionalModel

logger = logging.getLogger(__name__)

VERDICT_SECONDS = 3.0


class Canary(RegionalModel):
    """`canary#<region>`: written and read back to see that the store works. Not replicated."""

    class Meta(RegionalMeta):
        table_name = OPERATIONS
        connect_timeout_seconds = 0.3
        read_timeout_seconds = 0.6
        max_retry_attempts = 0

    key = UnicodeAttribute(hash_key=True)
    written_at = NumberAttribute()
    nonce = UnicodeAttribute()


@dataclass(frozen=True)
class Verdict:
    ready: bool
    checks: dict[str, str]  # name → "ok" or what is wrong


_lock = threading.Lock()
_verdict: Verdict | None = None
_decided_at = 0.0


def verdict() -> Verdict:
    """The last verdict, or a new one if that is over `VERDICT_SECONDS` old. Two round trips, 1.8 seconds at most."""
    global _verdict, _decided_at
    with _lock:
        if _verdict is None or time.monotonic() - _decided_at > VERDICT_SECONDS:
            _verdict = examine()
            _decided_at = time.monotonic()
        return _verdict


def canary_age_ms(region: str) -> int | None:
    """How long ago a region last wrote its canary; None when it never has. Raises when it does not answer."""
    key = {"key": {"S": f"canary#{region}"}}
    answer = aws.impatient("dynamodb", region).get_item(TableName=OPERATIONS, Key=key, ConsistentRead=True)
    written_at = answer.get("Item", {}).get("written_at")  # missing also in a canary that another release has left
    return clock.now_ms() - int(written_at["N"]) if written_at else None


def examine() -> Verdict:
    checks = {"secrets": "ok" if settings.SECRET_KEY else "SECRET_KEY is missing", "storage": _check_storage()}
    return Verdict(ready=all(state == "ok" for state in checks.values()), checks=checks)


def _check_storage() -> str:
    key = f"canary#{topology.here()}"
    nonce = ids.new_write_id()
    try:
        Canary(key=key, written_at=clock.now_ms(), nonce=nonce).save()
        read = Canary.get(key, consistent_read=True)
    except (PynamoDBException, BotoCoreError) as error:
        logger.warning("canary", extra={"fields": {"error": type(error).__name__}})
        return "the table cannot be written and read"
    # Another process of this region may have written in between.
    return "ok" if read.nonce == nonce or read.written_at >= clock.now_ms() - 5_000 else "a write was not read back"
