"""A process of a laptop cloud is known by the lock on its pid file: while it lives it holds the lock, and nobody else can.

An id alone says nothing: after a crash the same number may be somebody else's process.
"""

import contextlib
import fcntl
import os
import time
from dataclasses import dataclass
from pathlib import Path

PROBE_SECONDS = 1.0  # others look whether the lock is held by taking it for a moment
LOOK_SECONDS = 0.05
WIDTH = 20


@dataclass(frozen=True)
class PidFile:
    path: Path

    def take(self) -> int | None:
        """The locked file, to be kept open or inherited by the process that it is about; None when somebody holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + PROBE_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(file)
                    return None
                time.sleep(LOOK_SECONDS)
            else:
                return file

    def holder(self) -> int | None:
        """The id of the process that holds it, 0 when that is not written down; None when nobody holds it."""
        try:
            file = os.open(self.path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.read(file, WIDTH).strip()
            return int(text) if text.isdigit() else 0
        finally:
            os.close(file)
        return None

    def is_freed_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.holder() is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS)
        return True


def write_pid(file: int) -> None:
    """This process's id into its locked file; safe between fork and exec, and over the old one even on a full disk."""
    with contextlib.suppress(OSError):
        os.pwrite(file, f"{os.getpid():<{WIDTH}}".encode(), 0)
