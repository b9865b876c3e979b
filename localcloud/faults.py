"""Faults at the edge of the laptop cloud: what links between regions and stream pumps do wrong, as a file says it.

A game day writes the file; links and pumps look at it twenty times a second. Without the file, nothing is wrong.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class LinkFault:
    """What happens to requests from one region to the AWS of another."""

    cut: bool = False  # nothing goes through, in either direction, and nobody is told
    delay_ms: int = 0
    throttled: float = 0.0  # the share of puts that are answered with ProvisionedThroughputExceededException
    refused: str = ""  # puts that contain this text are answered with ValidationException


@dataclass(frozen=True)
class PumpFault:
    """What happens to stream records on their way to a region's worker."""

    repeat: int = 1  # every record is delivered up to so many times, and out of order
    lost: float = 0.0  # the share of records that never arrive
    killed: int = 0  # the process with this id is killed after it has copied a batch, before it notes its place
    trimmed_at: float = 0.0  # places taken before then (seconds since 1970) are lost


@dataclass(frozen=True)
class Faults:
    """All that is wrong; links are named “from>to”, pumps by their region."""

    seed: int = 0
    links: Mapping[str, LinkFault] = field(default_factory=dict)
    pumps: Mapping[str, PumpFault] = field(default_factory=dict)

    def link(self, source: str, target: str) -> LinkFault:
        return self.links.get(link_name(source, target), WHOLE)

    def pump(self, region: str) -> PumpFault:
        return self.pumps.get(region, FAITHFUL)

    def write(self, file: Path) -> None:
        """All at once: a reader sees the old faults or these."""
        new = file.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)))
        new.rename(file)


WHOLE, FAITHFUL, NONE = LinkFault(), PumpFault(), Faults()


def link_name(source: str, target: str) -> str:
    return f"{source}>{target}"


def read(file: Path) -> Faults:
    try:
        said = json.loads(file.read_text())
    except FileNotFoundError:
        return NONE
    return Faults(
        seed=said["seed"],
        links={name: LinkFault(**fault) for name, fault in said["links"].items()},
        pumps={name: PumpFault(**fault) for name, fault in said["pumps"].items()},
    )


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
