"""What an embedded AWS has saved: whole states, each in a directory of its own, of which the last good ones are kept.

A save is written beside the others, read back, and only then given its name: the time of its state in milliseconds since 1970.
It is good when every file in it is as its manifest says. So whatever happens while one is written, the one before it is there.
"""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from localcloud.files import read_object

MANIFEST = "manifest.json"
KEPT = 2


@dataclass(frozen=True)
class Save:
    directory: Path

    @property
    def at_ms(self) -> int:
        return int(self.directory.name)

    @property
    def time(self) -> str:
        """As a person on this machine reads it."""
        return datetime.fromtimestamp(self.at_ms / 1000).strftime("%H:%M:%S")  # noqa: DTZ006 - their own clock

    def damage(self) -> str | None:
        """The first file that is not as it was written; None when all are."""
        digests = read_object(self.directory / MANIFEST)
        if not digests:
            return MANIFEST
        return next((name for name, digest in digests.items() if _digest(self.directory / name) != digest), None)


@dataclass(frozen=True)
class Beginning:
    """What a start goes on from."""

    save: Save | None
    damaged: tuple[str, ...] = ()  # what had to be put aside, in words
    was_cut_off: bool = False  # the last run had no chance to save at its end

    @property
    def is_restored(self) -> bool:
        """Others may know newer things of this region than it does itself."""
        return self.was_cut_off or bool(self.damaged)


class Damaged(Exception):
    """No save of this region can be read."""


class Saves:
    """All of one region. Beside them lies a mark while the state in memory is newer than the last save."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._unsaved = directory / "unsaved"

    def all(self) -> list[Save]:
        """The newest first, good or not."""
        names = [path.name for path in self.directory.iterdir()] if self.directory.exists() else []
        return [
            Save(self.directory / name) for name in sorted((n for n in names if n.isdigit()), key=int, reverse=True)
        ]

    @property
    def newest(self) -> Save | None:
        return next(iter(self.all()), None)

    @property
    def is_complete(self) -> bool:
        """Was everything that the region knew saved when it ended?"""
        return not self._unsaved.exists()

    def begin(self) -> Beginning:
        """Choose what to go on from. Damaged saves are put aside; `Damaged` when there is no other."""
        damaged: list[str] = []
        for save in self.all():
            name = save.damage()
            if name is None:
                return Beginning(save, tuple(damaged), was_cut_off=not self.is_complete)
            damaged.append(f"{save.directory / name} (saved at {save.time})")
        if damaged:
            raise Damaged("; ".join(damaged))
        return Beginning(None, was_cut_off=not self.is_complete)

    def put_aside_damaged(self) -> None:
        for save in self.all():
            if save.damage() is not None:
                save.directory.rename(save.directory.with_name(f"{save.directory.name}.damaged"))

    def opened(self) -> None:
        """From now on there is something in memory that is not saved."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self._unsaved.touch()
        for unfinished in self.directory.glob(".new-*"):  # of a process that was killed while it wrote
            shutil.rmtree(unfinished)

    def closed(self) -> None:
        """What was saved last is all there is."""
        self._unsaved.unlink()

    def write(self, files: Mapping[str, bytes], *, at_ms: int) -> Save:
        """A new save, whole and checked; `OSError` when that does not work, and then nothing has changed.

        It is the newest, whatever a machine's clock that was set back says: the older ones are removed.
        """
        at_ms = max(at_ms, self.newest.at_ms + 1) if self.newest else at_ms
        new = self.directory / f".new-{os.getpid()}"
        try:
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
            for name, content in {**files, MANIFEST: json.dumps(digests).encode()}.items():
                _write(new / name, content)
            if (name_of_damage := Save(new).damage()) is not None:
                raise OSError(errno.EIO, "What was written does not read back", str(new / name_of_damage))
            save = Save(new.rename(self.directory / str(at_ms)))
            _sync(self.directory)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
        for older in self.all()[KEPT:]:
            shutil.rmtree(older.directory)
        return save


def lay_out(save: Save, directory: Path) -> None:
    """Make a directory hold the files of a save and no other `.json`. They share the disk's blocks: never write into them."""
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("*.json"):
        old.unlink()
    for file in save.directory.iterdir():
        if file.name != MANIFEST:
            os.link(file, directory / file.name)


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())


def _sync(directory: Path) -> None:
    """Names are data, too."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(file: Path) -> str | None:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return None
