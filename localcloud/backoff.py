"""How soon something that has died is started again: at once, then later and later while it goes on dying."""

import time

FORGOTTEN_SECONDS = 120.0
MAX_SECONDS = 30.0


class Backoff:
    def __init__(self) -> None:
        self._deaths: dict[str, list[float]] = {}

    def after_death_of(self, name: str) -> float:
        """Seconds to wait: 0, 1, 2, 4 … for those of the last two minutes."""
        now = time.monotonic()
        recent = [at for at in self._deaths.get(name, []) if now - at < FORGOTTEN_SECONDS]
        self._deaths[name] = [*recent, now]
        return min(MAX_SECONDS, 2.0 ** (len(recent) - 1)) if recent else 0.0
