"""Starting, watching and stopping everything of the laptop cloud: what dies costs its own region only, and is started again."""

import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from localcloud import aws, faults, files, sample_data
from localcloud.adopting import adopt
from localcloud.backoff import Backoff
from localcloud.layout import Layout
from localcloud.leftovers import end_leftovers, only_cloud_on
from localcloud.processes import Child, CloudError, is_free, is_stopped, python, say, send, spawn, wait_for
from localcloud.saves import Beginning
from regions import topology

SAMPLE_RESTAURANTS = 160
LOOK_SECONDS = 0.5
LATE_SAVE_SECONDS, LATE_LOOKS = 60.0, 20
ASK_AGAIN_SECONDS = 10.0
MAX_PORT = 65535

# How long each kind of process may take to end before it is killed.
ROUTER_SECONDS = 8
WEB_SECONDS = 8
WORKER_SECONDS = 60
AWS_SECONDS = 30
AWS_PATIENCE_SECONDS = 270  # it holds people's data: it is not killed while there is hope that it saves
LINKS_SECONDS = 5

RegionStep = Callable[[str], Any]


class Supervisor:
    def __init__(self, layout: Layout, *, near: str, restaurants: int = SAMPLE_RESTAURANTS) -> None:
        self.layout = layout
        self.near = near
        self.restaurants = restaurants
        self.stopping = threading.Event()
        self.children: dict[str, Child] = {}  # by name: “router”, “links”, “web eu-west-1” …
        self.due: dict[str, float] = {}  # what has died → when (monotonic) it is started again
        self.started: set[str] = set()  # regions whose AWS was started
        self.is_ready = False
        self.unheard: dict[str, set[str]] = {}  # restored home → regions that it has not been able to ask yet
        self.ask_again_at = 0.0  # monotonic
        self.late: dict[str, int] = {}  # region → how many looks in a row have found its save late
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
                self._open_data(self._start_aws(self.layout.regions))
                yield
            finally:
                self._end()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        check_port_numbers(self.layout)
        with only_cloud_on(self.layout):
            end_leftovers(self.layout)
            check_ports(self.layout)
            for past in (self.layout.faults_file, *map(self.layout.lost_file, self.layout.regions)):
                past.unlink(missing_ok=True)  # workers begin with a comparison, which finds what was lost
            yield

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            say("Still stopping: the regions' data is being saved.")
        self.stopping.set()

    # Starting, all at first and one region later.

    def _start(self) -> None:
        started = time.monotonic()
        say(f"Starting {len(self.layout.regions)} regions of an embedded AWS …")
        self._spawn("links")
        self._open(self.layout.regions)
        if not self.stopping.is_set():
            self._spawn("router")
            wait_for(f"http://127.0.0.1:{self.layout.port}/health/live", self.children["router"], seconds=20)
            self.is_ready = True
            say(f"Ready after {time.monotonic() - started:.0f} s.\n\n{addresses(self.layout)}")

    def _open(self, regions: Sequence[str]) -> None:
        """Data first, and what was lost of it brought home, before the pages take anything."""
        for step in (self._start_aws, self._open_data, self._start_pages):
            if self.stopping.is_set():
                return
            regions = step(regions)

    def _start_aws(self, regions: Sequence[str]) -> list[str]:
        beginnings = self._each(regions, lambda region: aws.begin(self.layout, region))
        for region, beginning in beginnings.items():
            self._spawn(f"aws {region}")
            self.started.add(region)
            if beginning.is_restored:
                self.unheard[region] = set(self.layout.regions) - {region}
                say(f"{region}: {told(beginning)}")
        return list(self._each(list(beginnings), self._wait_for_aws))

    def _wait_for_aws(self, region: str) -> None:
        aws.wait_and_deploy(self.layout, region, self.children[f"aws {region}"])

    def _open_data(self, regions: Sequence[str]) -> list[str]:
        bare = [region for region in regions if not sample_data.is_loaded(self.layout, region)]
        if bare:
            say(f"Loading {self.restaurants} sample restaurants into {', '.join(bare)} …")
            bare = list(self._each(bare, self._load_sample))
        self._each([region for region in regions if region in self.unheard], self._adopt)
        # So that there is a first one. Later the clock sees to it: a full disk keeps nobody from coming back.
        return list(regions) if self.is_ready else list(self._each(regions, self._save))

    def _load_sample(self, region: str) -> None:
        sample_data.load(self.layout, [region], restaurants=self.restaurants)

    def _save(self, region: str) -> None:
        aws.save(self.layout, region, self.children[f"aws {region}"])

    def _adopt(self, region: str) -> None:
        """From every region that can answer; the others are asked when they can."""
        sources = sorted(name for name in self.unheard[region] if self._can_answer(name))
        if not sources:
            return
        adoption = adopt(self.layout, region, sources)
        say(f"{region}: {adoption.records} newer records were brought home from the copies in {', '.join(sources)}.")
        if adoption.left:
            say(
                f"{region}: of {adoption.left} records the others know more, but only the outline; they stay as they are."
            )
        if adoption.is_complete:
            self.unheard[region] -= set(sources)
        if left := ", ".join(sorted(self.unheard[region])):
            say(f"{region}: {left} will be asked again.")
        else:
            del self.unheard[region]

    def _can_answer(self, region: str) -> bool:
        child = self.children.get(f"aws {region}")
        return child is not None and child.process.poll() is None and not is_stopped(child.pid)

    def _start_pages(self, regions: Sequence[str]) -> list[str]:
        for region in regions:
            self._spawn(f"web {region}")
            self._spawn(f"worker {region}")
        return list(self._each(regions, self._wait_for_pages))

    def _wait_for_pages(self, region: str) -> None:
        wait_for(f"{self.layout.web_url(region)}/health/ready", self.children[f"web {region}"], seconds=60)

    def _each(self, regions: Sequence[str], step: RegionStep) -> dict[str, Any]:
        """Side by side. At first a failure is everybody's; later it costs its region only, which is tried again."""
        with ThreadPoolExecutor(max(1, len(regions))) as pool:
            pending = {region: pool.submit(step, region) for region in regions}
        results: dict[str, Any] = {}
        for region, future in pending.items():
            try:
                results[region] = future.result()
            except (CloudError, BotoCoreError, ClientError) as error:
                if not self.is_ready:
                    raise
                self._give_up(region, error)
        return results

    def _spawn(self, name: str) -> None:
        """From the main thread; see `end_with_parent`."""
        kind, _, region = name.partition(" ")
        if kind == "aws":
            self.children[name] = aws.start(self.layout, region)
        else:
            port = ["--port", str(self.layout.port)]
            command = {
                "links": python("localcloud.links", *port),
                "router": python("localcloud.router", *port, "--near", self.near),
                "web": python("localcloud.web", str(self.layout.web_port(region)) if region else ""),
                "worker": python("localcloud.worker"),
            }[kind]
            self.children[name] = spawn(
                name,
                command,
                environment=self.layout.environment(region or topology.current().master),
                log=self.layout.logs / f"{name.replace(' ', '-')}.log",
                pid_file=self.layout.pid_file(name),
            )
        self._write_state()

    # Watching.

    def _look_after_children(self) -> None:
        dead = [name for name, child in self.children.items() if child.process.poll() is not None]
        for name in dead:
            child = self.children.pop(name)
            seconds = self.backoff.after_death_of(name)
            self.due[name] = time.monotonic() + seconds
            again = f"in {seconds:g} s" if seconds else "at once"
            say(f"“{name}” {child.end()}; it is started again {again}. See {child.log}")
        if dead:
            self._write_state()
        due = [name for name, at in self.due.items() if at <= time.monotonic() and not self._is_frozen(name)]
        # A frozen region stays as it is until it is thawed.
        if due:
            self._start_again(due)

    def _start_again(self, names: Collection[str]) -> None:
        regions = [region for region in self.layout.regions if f"aws {region}" in names]
        for region in regions:
            # What they had read is gone, and nothing may be written before the copies were asked.
            self._stop_region(region)
        for name in names:
            self.due.pop(name, None)
            if name.partition(" ")[2] not in regions:
                self._spawn(name)
        if regions:
            self._open(regions)
            self._have_compared(regions)

    def _have_compared(self, restored: Collection[str]) -> None:
        """The other regions' workers copy again what the restored ones have lost of it."""
        for name, child in self.children.items():
            kind, _, region = name.partition(" ")
            if kind == "worker" and region not in restored:
                send(child.pid, signal.SIGUSR1)

    def _give_up(self, region: str, error: Exception) -> None:
        self._stop_region(region)
        seconds = self.backoff.after_death_of(f"aws {region}")
        self.due[f"aws {region}"] = time.monotonic() + seconds
        say(f"{region} did not start: {error}\nIt is tried again in {seconds:g} s.")

    def _stop_region(self, region: str) -> None:
        for kind, seconds in (("web", WEB_SECONDS), ("worker", WORKER_SECONDS), ("aws", AWS_SECONDS)):
            self.due.pop(f"{kind} {region}", None)
            if child := self.children.pop(f"{kind} {region}", None):
                child.stop(seconds=seconds, patience=AWS_PATIENCE_SECONDS if kind == "aws" else 0)
        self._write_state()

    def _is_frozen(self, name: str) -> bool:
        region = name.partition(" ")[2]
        return bool(region) and any(is_stopped(child.pid) for child in self._of_region(region))

    def _of_region(self, region: str) -> list[Child]:
        return [child for name, child in self.children.items() if name.partition(" ")[2] == region]

    def _look_after_saves(self) -> None:
        """Say when a region cannot be saved, and when it can again. One that was just thawed has a moment to save first."""
        now_ms = time.time_ns() // 1_000_000
        for region in self.layout.regions:
            newest = self.layout.saves(region).newest
            if newest is None or not self._can_answer(region):
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
        for region, sources in list(self.unheard.items()):
            if self._can_answer(region) and any(self._can_answer(name) for name in sources):
                self._adopt(region)

    def _look_after_faults(self) -> None:
        if repaired := faults.repair_abandoned(self.layout.faults_file):
            say(f"A game day was ended in the middle. Repaired: {'; '.join(repaired)}.")
            self._have_compared(())

    # Stopping.

    def _end(self) -> list[str]:
        """Thaw, then: no new requests, no new writes, everything copied, everything saved; the regions that were not."""
        if not self.children:
            return []
        say("\nStopping …")
        for child in self.children.values():
            send(child.pid, signal.SIGCONT)
        self._stop_kind("router", seconds=ROUTER_SECONDS)
        self._stop_kind("web", seconds=WEB_SECONDS)
        self._stop_kind("worker", seconds=WORKER_SECONDS)
        self._stop_kind("links", seconds=LINKS_SECONDS)
        self._stop_kind("aws", seconds=AWS_SECONDS, patience=AWS_PATIENCE_SECONDS)
        self.layout.state_file.unlink(missing_ok=True)
        unsaved = [region for region in sorted(self.started) if not self.layout.saves(region).is_complete]
        for region in unsaved:
            newest = self.layout.saves(region).newest
            kept = f"It goes on from its save of {newest.time}" if newest else "It has no save at all"
            say(f"{region} could NOT be saved. {kept}; what came later is lost, but for what another region holds.")
        say("Stopped." if unsaved else "Stopped. The data is kept; `make clean` removes it.")
        return unsaved

    def _stop_kind(self, kind: str, *, seconds: float, patience: float = 0.0) -> None:
        children = [child for name, child in self.children.items() if name.partition(" ")[0] == kind]
        with ThreadPoolExecutor(max(1, len(children))) as pool:
            list(pool.map(lambda child: child.stop(seconds=seconds, patience=patience), children))

    def _write_state(self) -> None:
        def pids(region: str) -> dict[str, int]:
            names = {kind: f"{kind} {region}" for kind in ("aws", "web", "worker")}
            return {kind: self.children[name].pid for kind, name in names.items() if name in self.children}

        state = {
            "supervisor": os.getpid(),
            "port": self.layout.port,
            "environment": self.layout.cloud_environment(),
            "regions": {region: pids(region) for region in self.layout.regions},
        }
        try:
            files.replace(self.layout.state_file, files.as_json(state))
        except OSError as error:
            say(
                f"{self.layout.state_file} cannot be written: {error.strerror}. Commands may not find what was started last."
            )


def told(beginning: Beginning) -> str:
    """What a start that is not an ordinary one goes on from."""
    parts = [f"a save is damaged and was put aside: {damaged}." for damaged in beginning.damaged]
    parts += ["it had not been stopped in order."] if beginning.was_cut_off else []
    if beginning.save:
        parts.append(
            f"It goes on from its save of {beginning.save.time}; what came later is asked from the other regions."
        )
    else:
        parts.append("It had not been saved yet; what other regions hold of it is brought home.")
    return " ".join(parts)


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
            raise CloudError(
                f"Port {port} (for “{name}”) is taken by another program, or by a laptop cloud with other data. "
                f"Choose others: PORT=9000 make run (uses 9000 to {9000 + len(layout.ports()) - 1})."
            )


def addresses(layout: Layout) -> str:
    topo = topology.current()
    base = layout.domain
    lines = [
        f"  Front page        http://{base}/",
        *(f"  {title:<17} http://{name}.{base}/" for name, title in topo.jurisdictions.items()),
        *(f"  {name:<17} http://{name}.{base}/" for name in topo.regions),
        f"  Router            http://router.{base}/",
        f"  Operations        http://{topo.region_host(topo.master)}/operations/ (any name, password “laptop”)",
        f"  Logs              {layout.logs}",
        "",
        f"  Take a region away:  .venv/bin/python manage.py region stop {topo.master}",
        f"  Bring it back:       .venv/bin/python manage.py region start {topo.master}",
        "  Ctrl-C stops everything; the data is kept.",
    ]
    return "\n".join(lines)
