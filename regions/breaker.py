"""A breaker: what did not answer a moment ago is not asked again for a while."""

import threading
import time


class Breaker:
    """Open for `open_seconds` after a failure; then one caller may try, and the others when that one has succeeded."""

    def __init__(self, *, open_seconds: float) -> None:
        self.open_seconds = open_seconds
        self._closed_again_at = 0.0
        self._lock = threading.Lock()

    @property
    def has_failed(self) -> bool:
        """The last thing known is a failure, however long ago."""
        return self._closed_again_at > 0

    def allows(self) -> bool:
        """May this caller try? Whoever may has to say what came of it; should it never, the next may after as long."""
        with self._lock:
            now = time.monotonic()
            if now < self._closed_again_at:
                return False
            if self.has_failed:
                self._closed_again_at = now + self.open_seconds
            return True

    def failed(self) -> None:
        with self._lock:
            self._closed_again_at = time.monotonic() + self.open_seconds

    def succeeded(self) -> None:
        with self._lock:
            self._closed_again_at = 0.0
