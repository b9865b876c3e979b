"""Starting and stopping everything of the laptop cloud, in order."""

import json
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

from core import clock
from localcloud import aws, sample_data
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.processes import Child, CloudError, is_free, python, send, spawn, wait_for
from regions import topology

SAMPLE_RESTAURANTS = 160

# How long each kind of process may take to end before it is killed.
ROUTER_SECONDS = 8
WEB_SECONDS = 8
WORKER_SECONDS = 60
AWS_SECONDS = 30
LINKS_SECONDS = 5


class Supervisor:
    def __init__(self, layout: Layout, *, near: str, restaurants: int = SAMPLE_RESTAURANTS) -> None:
        self.layout = layout
        self.near = near
        self.restaurants = restaurants
        self.stopping = threading.Event()
        self.aws: dict[str, Child] = {}
        self.webs: dict[str, Child] = {}
        self.workers: dict[str, Child] = {}
        self.links: Child | None = None
        self.router: Child | None = None

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM; `CloudError` when something cannot start or ends by itself."""
        self._prepare()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        try:
            self._start()
            while not self.stopping.wait(0.5):
                self._restart_workers()
                for child in self._children():
                    child.check_alive()
        finally:
            self.stopping.set()
            self._end()

    @contextmanager
    def embedded_aws(self) -> Iterator[None]:
        """Only the AWS of all regions, with the sample data."""
        self._prepare()
        try:
            self._start_aws()
            self._load_sample()
            yield
        finally:
            self._end()

    def _prepare(self) -> None:
        check_nothing_runs(self.layout)
        check_ports(self.layout)
        self._set_clock()
        self.layout.data.mkdir(parents=True, exist_ok=True)
        self.layout.faults_file.unlink(missing_ok=True)

    def _set_clock(self) -> None:
        if not clock.is_being_set():
            return
        say(
            f"The clock is set: it is {clock.now():%Y-%m-%d %H:%M} UTC. This cloud begins without any data of the last time."
        )
        # After a clock was set back, records of its own future would be there, and newer than anything written now.
        shutil.rmtree(self.layout.data, ignore_errors=True)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.stopping.is_set():
            say("Still stopping: the regions' data is being saved.")
        self.stopping.set()

    def _start(self) -> None:
        started = time.monotonic()
        layout = self.layout
        steps = [self._start_aws, self._load_sample, self._start_regions, self._start_router]
        for step in steps:
            if self.stopping.is_set():
                return
            step()
        self._write_state()
        say(f"Ready after {time.monotonic() - started:.0f} s.\n\n{addresses(layout)}")

    def _start_aws(self) -> None:
        say(f"Starting {len(self.layout.regions)} regions of an embedded AWS …")
        self.aws = {name: aws.start(self.layout, name) for name in self.layout.regions}
        self._write_state()
        with ThreadPoolExecutor(len(self.aws)) as pool:
            list(pool.map(lambda entry: aws.wait_and_deploy(self.layout, *entry), self.aws.items()))

    def _load_sample(self) -> None:
        if not self.layout.sample_marker.exists():
            say(f"Loading {self.restaurants} sample restaurants, this once …")
        sample_data.load(self.layout, self.layout.regions, restaurants=self.restaurants)

    def _start_regions(self) -> None:
        say("Starting pages and stream workers …")
        self.links = spawn(
            "links",
            python("localcloud.links", "--port", str(self.layout.port)),
            environment=self.layout.environment(topology.current().master),
            log=self.layout.logs / "links.log",
        )
        for name in self.layout.regions:
            self.webs[name] = spawn(
                f"web {name}",
                python("localcloud.web", str(self.layout.web_port(name))),
                environment=self.layout.environment(name),
                log=self.layout.logs / f"web-{name}.log",
            )
            self._start_worker(name)
        for name, child in self.webs.items():
            wait_for(f"{self.layout.web_url(name)}/health/ready", child, seconds=60)

    def _start_worker(self, region: str) -> None:
        self.workers[region] = spawn(
            f"worker {region}",
            python("localcloud.worker"),
            environment=self.layout.environment(region),
            log=self.layout.logs / f"worker-{region}.log",
        )

    def _restart_workers(self) -> None:
        """One that was killed is started again, as Lambda does; one that gives up by itself has something to say."""
        for name, child in list(self.workers.items()):
            if (child.process.poll() or 0) < 0:
                say(f"The worker of {name} was killed; it is started again.")
                self._start_worker(name)
                self._write_state()

    def _start_router(self) -> None:
        self.router = spawn(
            "router",
            python("localcloud.router", "--port", str(self.layout.port), "--near", self.near),
            environment=self.layout.environment(topology.current().master),
            log=self.layout.logs / "router.log",
        )
        wait_for(f"http://127.0.0.1:{self.layout.port}/health/live", self.router, seconds=20)

    def _end(self) -> None:
        """Thaw, then: no new requests, no new writes, everything copied, everything saved."""
        if not self._children():
            return
        say("\nStopping …")
        for child in self._children():
            send(child.pid, signal.SIGCONT)
        if self.router:
            self.router.stop(seconds=ROUTER_SECONDS)
        stop_together(self.webs, seconds=WEB_SECONDS)
        stop_together(self.workers, seconds=WORKER_SECONDS)
        if self.links:
            self.links.stop(seconds=LINKS_SECONDS)
        stop_together(self.aws, seconds=AWS_SECONDS)
        self.layout.state_file.unlink(missing_ok=True)
        say("Stopped. The data is kept; `make clean` removes it.")

    def _children(self) -> list[Child]:
        alone = [child for child in (self.router, self.links) if child]
        return [*alone, *self.webs.values(), *self.workers.values(), *self.aws.values()]

    def _write_state(self) -> None:
        groups = {"aws": self.aws, "web": self.webs, "worker": self.workers}
        state = {
            "supervisor": os.getpid(),
            "port": self.layout.port,
            "environment": self.layout.cloud_environment(),
            "regions": {
                name: {kind: children[name].pid for kind, children in groups.items() if name in children}
                for name in self.layout.regions
            },
        }
        self.layout.state_file.write_text(json.dumps(state, indent=2))


def stop_together(children: dict[str, Child], *, seconds: float) -> None:
    with ThreadPoolExecutor(max(1, len(children))) as pool:
        list(pool.map(lambda child: child.stop(seconds=seconds), children.values()))


def check_nothing_runs(layout: Layout) -> None:
    state = running_state(layout)
    if state:
        raise CloudError(
            f"A laptop cloud runs on {layout.data} already (process {state['supervisor']}, port {state['port']}). "
            "Use that one, or stop it with Ctrl-C where it was started."
        )


def check_ports(layout: Layout) -> None:
    for name, port in layout.ports().items():
        if not is_free(port):
            raise CloudError(
                f"Port {port} (for “{name}”) is taken by another program. Choose others: PORT=9000 make run "
                f"(uses 9000 to {9000 + len(layout.ports()) - 1})."
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


def say(text: str) -> None:
    print(text, flush=True)
