"""Starting, watching and stopping everything of the laptop cloud: what dies costs its own region only, and is started again."""

import shutil
import signal
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from core import clock
from localcloud import faults
from localcloud.backoff import Backoff
from localcloud.children import Children
from localcloud.layout import DEFAULT_PORT, Layout
from localcloud.leftovers import end_leftovers, only_cloud_on
from localcloud.opening import FAILURES, Opening
from localcloud.processes import CloudError, is_free, say, wait_for
from regions import topology

SAMPLE_RESTAURANTS = 160
LOOK_SECONDS = 0.5
LATE_SAVE_SECONDS, LATE_LOOKS = 60.0, 20
ASK_AGAIN_SECONDS = 10.0
MAX_PORT = 65535


class Supervisor:
    def __init__(self, layout: Layout, *, near: str, restaurants: int = SAMPLE_RESTAURANTS) -> None:
        self.layout = layout
        self.stopping = threading.Event()
        self.is_ready = False
        self.children = Children(layout, near=near, restaurants=restaurants)
        self.opening = Opening(self.children, restaurants=restaurants, failed=self._give_up, stopping=self.stopping)
        self.due: dict[str, float] = {}  # what has died → when (monotonic) it is started again
        self.late: dict[str, int] = {}  # region → how many looks in a row have found its save late
        self.ask_again_at = 0.0  # monotonic
        self.backoff = Backoff()

    def run(self) -> None:
        """Until Ctrl-C, SIGTERM or a closed terminal; `CloudError` when something cannot start, or not everything was saved."""
        with self._alone():
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, self._stop)
            try:
                self._start()
                while not self.stopping.wait(LOOK_SECONDS):
                    self._look_after_children()
                    self._look_after_saves()
                    self._look_after_restored()
                    self._look_after_faults()
            finally:
                self.stopping.set()
                unsaved = self._end()
        if unsaved:
            raise CloudError("Not everything was saved; see above.")

    @contextmanager
    def embedded_aws(self) -> Iterator[None]:
        """Only the AWS of all regions, with the sample data."""
        with self._alone():
            try:
                self.children.spawn("gazetteer")
                self.opening.open_data(self.layout.regions, is_first=True)
                self._wait_for_gazetteer()
                yield
            finally:
                self.stopping.set()
                signal.signal(signal.SIGINT, self._stop)
                self._end()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        check_port_numbers(self.layout)
        with only_cloud_on(self.layout):
            end_leftovers(self.layout)
            check_ports(self.layout)
            self._set_clock()
            for past in (self.layout.faults_file, *map(self.layout.lost_file, self.layout.regions)):
                past.unlink(missing_ok=True)  # workers begin with a comparison, which finds what was lost
            yield

    def _start(self) -> None:
        started = time.monotonic()
        say(f"Starting {len(self.layout.regions)} regions of an embedded AWS …")
        self.children.spawn("links")
        self.children.spawn("gazetteer")
        self.opening.open(self.layout.regions, is_first=True)
        if not self.stopping.is_set():
            self._wait_for_gazetteer()
            self.children.spawn("router")
            wait_for(f"http://127.0.0.1:{self.layout.port}/health/live", self.children.by_name["router"], seconds=20)
            self.is_ready = True
            say(f"Ready after {time.monotonic() - started:.0f} s.\n\n{addresses(self.layout)}")

    def _wait_for_gazetteer(self) -> None:
        """Without it everything else works, so nothing waits any longer."""
        try:
            for port in self.layout.gazetteer_ports().values():
                wait_for(f"http://127.0.0.1:{port}/", self.children.by_name["gazetteer"], seconds=60)
        except CloudError as error:
            say(f"Addresses cannot be looked up yet: {error}")

    def _set_clock(self) -> None:
        if not clock.is_being_set():
            return
        say(
            f"The clock is set: it is {clock.now():%Y-%m-%d %H:%M} UTC. This cloud begins without any data of the last time."
        )
        # After a clock was set back, records of its own future would be there, and newer than anything written now.
        for past in self.layout.data.iterdir():
            if past != self.layout.run:  # what holds this directory for this cloud
                shutil.rmtree(past) if past.is_dir() else past.unlink()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        patience = self.children.patience
        if self.stopping.is_set() and number == signal.SIGINT and patience.asked.is_set():
            patience.given_up.set()
        elif self.stopping.is_set():
            say("Still stopping: the regions' data is being saved.")
        self.stopping.set()

    def _look_after_children(self) -> None:
        for name, child in self.children.take_dead().items():
            seconds = self.backoff.after_death_of(name)
            self.due[name] = time.monotonic() + seconds
            again = f"in {seconds:g} s" if seconds else "at once"
            say(f"“{name}” {child.end()}; it is started again {again}. See {child.log}")
        # A frozen region stays as it is until it is thawed.
        due = [name for name, at in self.due.items() if at <= time.monotonic()]
        if due := [name for name in due if not self.children.is_frozen(name.partition(" ")[2])]:
            self._start_again(due)

    def _start_again(self, names: Collection[str]) -> None:
        regions = [region for region in self.layout.regions if f"aws {region}" in names]
        for name in [name for name in names if name.partition(" ")[2] not in regions]:
            self._spawn_again(name)
        if not regions:
            return
        for region in regions:
            # Its worker's place in the streams is gone, and nothing may be written before the copies were asked.
            self._close(region)
        try:
            self.opening.open(regions, is_first=False)
        except FAILURES as error:
            for region in regions:
                self._give_up(region, error)
        self.children.have_compared(but=regions)  # they copy again what these have lost of theirs

    def _spawn_again(self, name: str) -> None:
        del self.due[name]
        try:
            self.children.spawn(name)
        except FAILURES as error:
            self._try_later(name, error)

    def _give_up(self, region: str, error: Exception) -> None:
        """At first a region that does not open is everybody's failure; later it is its own, and is tried again."""
        if not self.is_ready:
            raise error
        self._close(region)
        self._try_later(f"aws {region}", error)

    def _close(self, region: str) -> None:
        self.children.stop_region(region)
        self.due = {name: at for name, at in self.due.items() if name.partition(" ")[2] != region}

    def _try_later(self, name: str, error: Exception) -> None:
        seconds = self.backoff.after_death_of(name)
        self.due[name] = time.monotonic() + seconds
        say(f"“{name}” did not start: {error}\nIt is tried again in {seconds:g} s.")

    def _look_after_saves(self) -> None:
        """Say when a region cannot be saved, and when it can again. One that was just thawed has a moment to save first."""
        now_ms = clock.now_ms()
        for region in self.layout.regions:
            newest = self.layout.saves(region).newest
            if newest is None or not self.children.has_aws(region):
                continue
            before = self.late.get(region, 0)
            self.late[region] = before + 1 if now_ms - newest.at_ms > LATE_SAVE_SECONDS * 1000 else 0
            if self.late[region] == LATE_LOOKS:
                say(f"{region} has not been saved since {newest.time}: is the disk full? See {self.layout.logs}")
            elif before >= LATE_LOOKS and not self.late[region]:
                say(f"{region} is saved again, at {newest.time}.")

    def _look_after_restored(self) -> None:
        """Ask the regions that a restored home has not heard yet, when they are back."""
        if time.monotonic() < self.ask_again_at:
            return
        self.ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
        try:
            self.opening.ask_others()
        except FAILURES as error:
            say(str(error))

    def _look_after_faults(self) -> None:
        if repaired := faults.repair_abandoned(self.layout.faults_file):
            say(f"A game day was ended in the middle. Repaired: {'; '.join(repaired)}.")
            self.children.have_compared()

    def _end(self) -> list[str]:
        """The regions that could not be saved."""
        if not self.children.by_name:
            return []
        say("\nStopping …")
        self.children.stop_all()
        unsaved = [region for region in sorted(self.children.started) if not self.layout.saves(region).is_complete]
        for region in unsaved:
            newest = self.layout.saves(region).newest
            kept = f"It goes on from its save of {newest.time}" if newest else "It has no save at all"
            say(f"{region} could NOT be saved. {kept}; what came later is lost, but for what another region holds.")
        say("Stopped." if unsaved else "Stopped. The data is kept; `make clean` removes it.")
        return unsaved


def check_port_numbers(layout: Layout) -> None:
    ports = layout.ports().values()
    if min(ports) < 1 or max(ports) > MAX_PORT:
        raise CloudError(
            f"--port {layout.port} leaves no room: the cloud needs {len(ports)} ports in a row, "
            f"so choose one from 1024 to {MAX_PORT - len(ports) + 1}."
        )


def check_ports(layout: Layout) -> None:
    for name, port in layout.ports().items():
        if not is_free(port):
            other = layout.port + 1000 if layout.port < MAX_PORT - 2000 else DEFAULT_PORT
            raise CloudError(
                f"Port {port} (for “{name}”) is taken by another program, or by a laptop cloud with other data. "
                f"Choose others: PORT={other} make run (uses {other} to {other + len(layout.ports()) - 1})."
            )


def addresses(layout: Layout) -> str:
    topo = replace(topology.current(), domain=layout.domain)
    lines = [
        f"  Front page        {topo.url(topo.signpost_host)}/",
        *(f"  {title:<17} {topo.jurisdiction_url(name)}/" for name, title in topo.jurisdictions.items()),
        *(f"  {name:<17} {topo.region_url(name)}/" for name in topo.regions),
        f"  Router            http://router.{layout.domain}/",
        f"  Operations        {topo.region_url(topo.master)}/operations/ (any name, password “laptop”)",
        f"  Logs              {layout.logs}",
        "",
        f"  Take a region away:  .venv/bin/python manage.py region stop {topo.master}",
        f"  Bring it back:       .venv/bin/python manage.py region start {topo.master}",
        "  Ctrl-C stops everything; the data is kept.",
    ]
    return "\n".join(lines)
