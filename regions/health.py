"""Is this region fit to serve? Asked by Route 53 every few seconds, answered from a verdict that is seconds old at most.

Only what this region has to itself decides, and whether somebody has drained it (`regions.draining`). What regions share would
fail for all of them at once.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError
from django.conf import settings
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException

from core import clock, ids
from core.events import WARNING, event
from regions import aws, topology
from regions.aws import OPERATIONS, error_code, is_throttled
from regions.models import RegionalMeta, RegionalModel
from regions.secrets import SecretsUnavailable

VERDICT_SECONDS = 3.0
THROTTLED = "throttled"
ALIVE_MS = 60_000
"""A canary that is older: nobody has asked this region for its health, or it cannot store."""


class Canary(RegionalModel):
    """`canary#<region>`: written and read back to see that the store works. Not replicated.

    A write names what it changes, so that others keep what they know of the region here.
    """

    class Meta(RegionalMeta):
        table_name = OPERATIONS
        connect_timeout_seconds = 0.3
        read_timeout_seconds = 0.6
        max_retry_attempts = 0

    key = UnicodeAttribute(hash_key=True)
    written_at = NumberAttribute()
    nonce = UnicodeAttribute()
    drained_at = NumberAttribute(null=True)  # it takes no new traffic since then


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


@dataclass(frozen=True)
class State:
    """What a region's canary says of it: None where it says nothing."""

    age_ms: int | None  # since it was last written; None: never
    drained_at_ms: int | None

    @property
    def is_alive(self) -> bool:
        return self.age_ms is not None and self.age_ms < ALIVE_MS


def state_of(region: str) -> State:
    """Raises when the region does not answer."""
    key = {"key": {"S": canary_key(region)}}
    answer = aws.impatient("dynamodb", region).get_item(TableName=OPERATIONS, Key=key, ConsistentRead=True)
    times = {name: int(value["N"]) for name, value in answer.get("Item", {}).items() if "N" in value}
    written_at = times.get("written_at")  # missing also in a canary that another release has left
    return State(None if written_at is None else clock.now_ms() - written_at, times.get("drained_at"))


def canary_key(region: str) -> str:
    return f"canary#{region}"


def examine() -> Verdict:
    with ThreadPoolExecutor(1) as pool:  # side by side: whoever asks waits for two seconds only
        secrets = pool.submit(_check_secrets)
        checks = {**_check_store(), "secrets": secrets.result()}
    return Verdict(ready=set(checks.values()) <= {"ok", THROTTLED}, checks=checks)


def _check_secrets() -> str:
    try:
        return "ok" if settings.SECRET_KEY else "there are none"
    except SecretsUnavailable:
        return "there are none, and Secrets Manager gives none"


def _check_store() -> dict[str, str]:
    """What writing and reading the canary tells: whether the store works, and whether this region was drained."""
    key, nonce = canary_key(topology.here()), ids.new_write_id()
    try:
        Canary(key).update([Canary.written_at.set(clock.now_ms()), Canary.nonce.set(nonce)])
        read = Canary.get(key, consistent_read=True)
    except (PynamoDBException, BotoCoreError) as error:
        event("canary failed", level=WARNING, error=error_code(error))
        if is_throttled(error):
            # It works, and has too much to do: so would the sibling, if all of this region's traffic came to it.
            return {"storage": THROTTLED, "traffic": _verdict.checks.get("traffic", "ok") if _verdict else "ok"}
        return {"storage": "the table cannot be written and read"}
    # Another process of this region may have written in between.
    works = read.nonce == nonce or read.written_at >= clock.now_ms() - 5_000
    return {
        "storage": "ok" if works else "a write was not read back",
        "traffic": "ok" if read.drained_at is None else "drained",
    }
