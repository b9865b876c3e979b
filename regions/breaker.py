"""A breaker: what did not answer a moment ago is not asked again for a while."""

import time


class Breaker:
    """Open for `open_seconds` after a failure; then one caller after the other may try again."""

    def __init__(self, *, open_seconds: float) -> None:
        self.open_seconds = open_seconds
        self._closed_again_at = 0.0

    @property
    def has_failed(self) -> bool:
        """The last thing known is a failure, however long ago."""
        return self._closed_again_at > 0

    def allows(self) -> bool:
        return time.monotonic() >= self._closed_again_at

    def failed(self) -> None:
        self._closed_again_at = time.monotonic() + self.open_seconds

    def succeeded(self) -> None:
        self._closed_again_at = 0.0
