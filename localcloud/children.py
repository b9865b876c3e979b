"""The processes of one cloud, by name: “router”, “links”, “gazetteer”, and of every region “aws …”, “web …” and “worker …”."""

import os
import signal
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from localcloud import aws, files
from localcloud.layout import Layout
from localcloud.processes import Child, Patience, is_stopped, python, say, send, spawn
from regions import topology

# How long each kind may take to end before it is killed, or waited for with patience; in the order in which they are ended: no
# new requests, no new writes, everything copied, everything saved.
SECONDS = {"router": 8, "web": 8, "worker": 60, "gazetteer": 5, "links": 5, "aws": 10}
AWS_IDLE_SECONDS = 300.0  # it holds people's data: it is not killed while there is hope that it saves


class Children:
    def __init__(self, layout: Layout, *, near: str, restaurants: int) -> None:
        self.layout = layout
        self.restaurants = restaurants
        self.near = near
        self.by_name: dict[str, Child] = {}
        self.started: set[str] = set()  # regions whose AWS was started
        self.patience = Patience(AWS_IDLE_SECONDS)

    def spawn(self, name: str) -> None:
        """From the main thread; see `end_with_parent`."""
        kind, _, region = name.partition(" ")
        if kind == "aws":
            self.by_name[name] = aws.start(self.layout, region)
            self.started.add(region)
        else:
            self.by_name[name] = spawn(
                name,
                self._command(kind, region),
                environment=self.layout.environment(region or topology.current().master),
                log=self.layout.logs / f"{name.replace(' ', '-')}.log",
                pid_file=self.layout.pid_file(name),
            )
        self.write_state()

    def _command(self, kind: str, region: str) -> list[str]:
        port = ["--port", str(self.layout.port)]
        match kind:
            case "links":
                return python("localcloud.links", *port)
            case "gazetteer":
                return python("localcloud.gazetteer", *port, "--restaurants", str(self.restaurants))
            case "router":
                return python("localcloud.router", *port, "--near", self.near)
            case "web":
                return python("localcloud.web", str(self.layout.web_port(region)))
            case _:
                return python("localcloud.worker")

    def take_dead(self) -> dict[str, Child]:
        """Those that have ended since the last time; they are children no more."""
        dead = {name: child for name, child in self.by_name.items() if child.process.poll() is not None}
        for name in dead:
            del self.by_name[name]
        if dead:
            self.write_state()
        return dead

    def of_region(self, region: str) -> list[Child]:
        return [child for name, child in self.by_name.items() if name.partition(" ")[2] == region]

    def is_frozen(self, region: str) -> bool:
        return any(is_stopped(child.pid) for child in self.of_region(region))

    def has_aws(self, region: str) -> bool:
        """Is the region's AWS there, and not frozen?"""
        child = self.by_name.get(f"aws {region}")
        return child is not None and child.process.poll() is None and not is_stopped(child.pid)

    def have_compared(self, but: Collection[str] = ()) -> None:
        """The workers compare everything with all other regions again."""
        for name, child in self.by_name.items():
            kind, _, region = name.partition(" ")
            if kind == "worker" and region not in but:
                send(child.pid, signal.SIGUSR1)

    def stop_region(self, region: str) -> None:
        for kind in ("web", "worker", "aws"):
            if f"{kind} {region}" in self.by_name:
                self._stop(kind, self.by_name.pop(f"{kind} {region}"))
        self.write_state()

    def stop_all(self) -> None:
        for child in self.by_name.values():
            send(child.pid, signal.SIGCONT)
        for kind in SECONDS:
            children = [child for name, child in self.by_name.items() if name.partition(" ")[0] == kind]
            with ThreadPoolExecutor(max(1, len(children))) as pool:
                list(pool.map(lambda child, kind=kind: self._stop(kind, child), children))
        self.layout.state_file.unlink(missing_ok=True)

    def _stop(self, kind: str, child: Child) -> None:
        if kind != "aws":
            child.stop(seconds=SECONDS[kind])
            return
        newest = self.layout.saves(child.name.partition(" ")[2]).newest
        since = f"since its last save at {newest.time}" if newest else "until now"
        hint = f"Press Ctrl-C again to give up, losing what was ordered {since}."
        child.stop(seconds=SECONDS[kind], patience=replace(self.patience, hint=hint))

    def write_state(self) -> None:
        state = {
            "supervisor": os.getpid(),
            "port": self.layout.port,
            "environment": self.layout.cloud_environment(),
            "regions": {region: self._pids(region) for region in self.layout.regions},
        }
        try:
            files.replace(self.layout.state_file, files.as_json(state))
        except OSError as error:
            say(
                f"{self.layout.state_file} cannot be written ({error.strerror}): commands may miss what was started last."
            )

    def _pids(self, region: str) -> dict[str, int]:
        names = {kind: f"{kind} {region}" for kind in ("aws", "web", "worker")}
        return {kind: self.by_name[name].pid for kind, name in names.items() if name in self.by_name}
