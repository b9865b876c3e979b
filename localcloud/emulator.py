"""One region's embedded AWS: MiniStack in a process of ours, which saves its state by the clock. `python -m localcloud.emulator`

MiniStack alone saves only when it is ended with SIGTERM, and writes what it can: on a full disk nothing, without saying so.
"""

import asyncio
import contextlib
import copy
import errno
import gc
import json
import logging
import os
import random
import resource
import signal
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack
from ministack.core import persistence

from core import clock
from localcloud.saves import Saves

logger = logging.getLogger("localcloud.emulator")

SAVE_SECONDS = 40.0  # from one save to the next; with the time that one takes, never more than a minute
SAVING_SECONDS = 30  # after which a save is given up
TRY_AGAIN_SECONDS = 2.0  # a save that did not work
LAST_TRIES = 10  # at the end: somebody may free some space


class Emulator:
    def __init__(self, saves: Saves) -> None:
        self.saves = saves
        self.stopping = asyncio.Event()
        self.wanted = asyncio.Event()

    async def run(self, port: int) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.stopping.set)
        loop.add_signal_handler(signal.SIGUSR1, self.wanted.set)
        config = Config()
        config.bind = [f"127.0.0.1:{port}"]
        config.keep_alive_timeout = 75  # longer than a client keeps a connection
        config.loglevel = "WARNING"
        saving = asyncio.create_task(self._save_by_the_clock())
        await serve(ministack.app, config, shutdown_trigger=self.stopping.wait)
        self.wanted.set()
        await saving

    async def _save_by_the_clock(self) -> None:
        seconds = SAVE_SECONDS * random.uniform(0.7, 1)  # not all regions at once
        while not self.stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wanted.wait(), seconds)
            if not self.stopping.is_set():
                self.wanted.clear()
                seconds = SAVE_SECONDS if await self._save_beside() else TRY_AGAIN_SECONDS

    async def _save_beside(self) -> bool:
        """Save the state as it is now, in a copy of this process: requests go on meanwhile."""
        at_ms = clock.now_ms()
        pid = os.fork()
        if pid == 0:
            os._exit(self._save_as_copy(at_ms))
        _, status = await asyncio.to_thread(os.waitpid, pid, 0)
        code = os.waitstatus_to_exitcode(status)
        if code != 0:
            reason = os.strerror(code) if code > 0 else signal.Signals(-code).name
            logger.error("Not saved: %s. The save before it is kept.", reason)
        return code == 0

    def _save_as_copy(self, at_ms: int) -> int:
        """The exit code: 0, or an error number."""
        try:
            signal.alarm(SAVING_SECONDS)
            gc.disable()
            # This process is a copy already, that nobody else changes.
            copy.deepcopy = _as_it_is  # type: ignore[assignment]
            self.saves.write(snapshot(), at_ms=at_ms)
        except OSError as error:
            return error.errno or errno.EIO
        except BaseException:
            traceback.print_exc()
            return errno.EIO
        return 0

    def save_at_the_end(self) -> bool:
        for _ in range(LAST_TRIES):
            try:
                self.saves.write(snapshot(), at_ms=clock.now_ms())
                self.saves.closed()
            except OSError as error:
                logger.error("Not saved: %s. Tried again in %g s.", error, TRY_AGAIN_SECONDS)
                time.sleep(TRY_AGAIN_SECONDS)
            else:
                return True
        return False


def _as_it_is(value: Any, memo: Any = None) -> Any:
    return value


def snapshot() -> dict[str, bytes]:
    """File name → content, as MiniStack reads it. It could write them itself, but keeps to itself what goes wrong."""
    states = {name: get_state() for name, get_state in ministack._build_persistence_save_dict().items()}
    return {f"{name}.json": _file(name, state) for name, state in states.items() if state is not None}


def _file(service: str, state: object) -> bytes:
    version = persistence._state_format_version(service)
    wrapped = {"__ministack_format__": version, "payload": state}
    return json.dumps(wrapped, default=persistence._json_default).encode()


class Unread(logging.Handler):
    """What MiniStack could not load: it says so in its log, and would go on without."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def load() -> list[str]:
    """Load what lies in MiniStack's own directory; what could not be read."""
    unread = Unread()
    logging.getLogger().addHandler(unread)
    ministack._load_persisted_state()
    logging.getLogger().removeHandler(unread)
    # Neither does it load this a second time, nor save by itself.
    ministack.PERSIST_STATE = False
    return unread.messages


def main() -> None:
    if unread := load():
        sys.exit("\n".join(["The state cannot be read, and is left as it is:", *unread]))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # every connection of every other region is a file
    emulator = Emulator(Saves(Path(os.environ["FFT_SAVES"])))
    emulator.saves.opened()
    asyncio.run(emulator.run(int(os.environ["GATEWAY_PORT"])))
    if not emulator.save_at_the_end():
        sys.exit("The state could not be saved.")


if __name__ == "__main__":
    main()
