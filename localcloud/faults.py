"""Faults at the edge of the laptop cloud: what links between regions and stream pumps do wrong, as a file says it.

A game day writes the file; links and pumps look at it twenty times a second. Without the file, nothing is wrong. It lasts no
longer than its game day, which holds the lock on a pid file beside it: what one has left behind is repaired.
"""

import signal
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from localcloud import files
from localcloud.pidfile import PidFile
from localcloud.processes import send

LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class LinkFault:
    """What happens to requests from one region to the AWS of another."""

    cut: bool = False  # nothing goes through, in either direction, and nobody is told
    delay_ms: int = 0
    throttled: float = 0.0  # the share of puts that are answered with ProvisionedThroughputExceededException
    refused: str = ""  # puts that contain this text are answered with ValidationException

    def describe(self) -> str:
        slow = [f"slower by {self.delay_ms} ms"] if self.delay_ms else []
        throttled = [f"throttled for {self.throttled:.0%} of its puts"] if self.throttled else []
        refused = ["refusing a record"] if self.refused else []
        return "cut" if self.cut else " and ".join(slow + throttled + refused)


@dataclass(frozen=True)
class PumpFault:
    """What happens to stream records on their way to a region's worker."""

    repeat: int = 1  # every record is delivered up to so many times, and out of order
    lost: float = 0.0  # the share of records that never arrive
    killed: int = 0  # the process with this id is killed after it has copied a batch, before it notes its place
    trimmed_at: float = 0.0  # places taken before then (seconds since 1970) are lost

    def describe(self) -> str:
        repeats = [f"repeats its records up to {self.repeat} times"] if self.repeat > 1 else []
        loses = [f"loses {self.lost:.0%} of its records"] if self.lost else []
        kills = ["kills its worker"] if self.killed else []
        trimmed = ["has forgotten its worker’s place"] if self.trimmed_at else []
        return " and ".join(repeats + loses + kills + trimmed)


@dataclass(frozen=True)
class Faults:
    """All that is wrong; links are named “from>to”, pumps by their region, frozen processes by their name (“web eu-west-1”)."""

    seed: int = 0
    links: Mapping[str, LinkFault] = field(default_factory=dict)
    pumps: Mapping[str, PumpFault] = field(default_factory=dict)
    frozen: Mapping[str, int] = field(default_factory=dict)  # → process id

    def link(self, source: str, target: str) -> LinkFault:
        return self.links.get(link_name(source, target), WHOLE)

    def pump(self, region: str) -> PumpFault:
        return self.pumps.get(region, FAITHFUL)

    def describe(self) -> list[str]:
        """In words, one for each."""
        parts = [f"{name} is {fault.describe()}" for name, fault in self.links.items() if fault != WHOLE]
        parts += [f"the stream of {name} {fault.describe()}" for name, fault in self.pumps.items() if fault != FAITHFUL]
        return [*parts, *(f"{name} is frozen" for name in self.frozen)]

    def write(self, file: Path) -> None:
        files.replace(file, files.as_json(asdict(self)))


WHOLE, FAITHFUL, NONE = LinkFault(), PumpFault(), Faults()


def link_name(source: str, target: str) -> str:
    return f"{source}>{target}"


def read(file: Path) -> Faults:
    said = files.read_object(file)
    if said is None:
        return NONE
    return Faults(
        seed=said["seed"],
        links={name: LinkFault(**fault) for name, fault in said["links"].items()},
        pumps={name: PumpFault(**fault) for name, fault in said["pumps"].items()},
        frozen=said["frozen"],
    )


def game_day(file: Path) -> PidFile:
    """Held by the game day whose faults are in a file."""
    return PidFile(file.with_name("gameday.pid"))


def repair_abandoned(file: Path) -> list[str]:
    """Take back what a game day that is no more has left in force; what that was, in words."""
    if not file.exists() or game_day(file).holder() is not None:
        return []
    faults = read(file)
    file.unlink(missing_ok=True)
    thaw(faults.frozen.values())
    return faults.describe()


def thaw(pids: Iterable[int]) -> None:
    for pid in pids:
        send(pid, signal.SIGCONT)


class Watch:
    """The faults as they are now."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._faults = NONE
        self._seen: tuple[int, int] | None = None
        self._look_at = 0.0

    def now(self) -> Faults:
        if time.monotonic() >= self._look_at:
            self._look_at = time.monotonic() + LOOK_SECONDS
            seen = self._state()
            if seen != self._seen:
                self._seen, self._faults = seen, read(self.file)
        return self._faults

    def _state(self) -> tuple[int, int] | None:
        try:
            status = self.file.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns
