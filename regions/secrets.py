"""The keys that sign a site's cookies, and the operator's. On AWS they are in Secrets Manager, never in a package.

They are read when something is first to be signed or checked, kept for `TTL_SECONDS`, and then read again: a rotation reaches
every process without a deployment, one that was restored from a snapshot too. Those that are known stay in use while Secrets
Manager does not answer, or holds what cannot be used.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from core import clock
from core.errors import Unavailable
from core.events import ERROR, event
from regions import topology

TTL_SECONDS = 300
RETRY_SECONDS = 5  # after Secrets Manager has not answered
MIN_CHARACTERS = 24


class SecretsUnavailable(Unavailable):
    """Baskets can’t be read right now."""

    detail = "Yours is kept. Nothing was changed; try again in a moment."


@dataclass(frozen=True)
class Secrets:
    keys: tuple[str, ...] = field(repr=False)  # the first one signs; what another one has signed can be read
    operator_key: str = field(repr=False)  # empty: there is no operator's page


class Unusable(ValueError):
    """What a secret holds is not what we need. The message quotes nothing of it."""


def parse(text: str) -> Secrets:
    """Of `{"SECRET_KEYS": ["newest", "older"…], "OPERATOR_KEY": "…"}`; raises `Unusable`."""
    try:
        document = json.loads(text)
        keys, operator_key = list(document["SECRET_KEYS"]), document.get("OPERATOR_KEY") or ""
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Unusable("no JSON object with SECRET_KEYS") from None
    if not keys:
        raise Unusable("SECRET_KEYS is empty")
    given = [*keys, operator_key] if operator_key else keys
    if not all(isinstance(key, str) and len(key) >= MIN_CHARACTERS for key in given):
        raise Unusable(f"a key of less than {MIN_CHARACTERS} characters")
    return Secrets(tuple(keys), operator_key)


class Keeper:
    """Keeps what `read` gave (the text of the secret), and reads it anew when it is old."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._known: Secrets | None = None
        self._asked_ms = self._ask_again_ms = 0
        self._lock = threading.Lock()

    def current(self) -> Secrets:
        """`SecretsUnavailable` when none are known."""
        with self._lock:
            # The clock goes on while a process is frozen, or a snapshot. Where it was set back, nobody knows how old they are.
            if not self._asked_ms <= clock.now_ms() < self._ask_again_ms:
                self._ask()
            if self._known is None:
                raise SecretsUnavailable(retry_after_seconds=RETRY_SECONDS)
            return self._known

    def _ask(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        from regions.aws import error_code

        kept_seconds = TTL_SECONDS
        try:
            self._known = parse(self._read())
        except (BotoCoreError, ClientError, Unusable) as error:
            why = str(error) if isinstance(error, Unusable) else error_code(error)
            event("secrets not read", level=ERROR, error=why)
            kept_seconds = RETRY_SECONDS
        self._asked_ms = clock.now_ms()
        self._ask_again_ms = self._asked_ms + kept_seconds * 1000


class Fallbacks(list[Any]):
    """For a setting that has to be a list, and whose items are not known before somebody looks at them."""

    def __init__(self, items: Callable[[], tuple[str, ...]]) -> None:
        super().__init__()
        self._items = items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items())

    def __len__(self) -> int:
        return len(self._items())


def from_secrets_manager(name: str) -> Keeper:
    """The secret of this name in this region. One call every `TTL_SECONDS` in each process that needs it."""

    def read() -> str:
        from regions import aws

        answer = aws.impatient("secretsmanager", topology.here()).get_secret_value(SecretId=name)
        return str(answer.get("SecretString", ""))

    return Keeper(read)
