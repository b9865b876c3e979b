"""`manage.py region list|stop|start`: take a region of the running laptop cloud away, and bring it back."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.processes import send
from regions import topology


class Command(BaseCommand):
    help = "List the regions of the running laptop cloud, freeze one (its data stays), or thaw it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "stop", "start"])
        parser.add_argument("region", nargs="?", choices=list(topology.current().regions))

    def handle(self, *, what: str, region: str | None, **options: Any) -> None:
        state = running_state(Layout())
        if state is None or not state["regions"][topology.current().master].get("web"):
            raise CommandError("No laptop cloud is running; start one with `make run`.")
        if what == "list":
            self._list(state)
        elif region is None:
            raise CommandError(f"Say which region to {what}: {', '.join(topology.current().regions)}.")
        else:
            number = signal.SIGSTOP if what == "stop" else signal.SIGCONT
            for pid in state["regions"][region].values():
                send(pid, number)
            done = "frozen: the others see time-outs" if what == "stop" else "running again; what it missed is copied"
            self.stdout.write(f"{region} is {done}.")

    def _list(self, state: dict[str, Any]) -> None:
        health = router_status(state["port"])
        for name, region in topology.current().regions.items():
            stopped = any(is_stopped(pid) for pid in state["regions"][name].values())
            seen = "healthy" if health.get(name) else "not healthy"
            process = "stopped" if stopped else "running"
            self.stdout.write(f"{name:<14} {region.title:<12} {region.jurisdiction}  {process}, {seen} to the router")


def router_status(port: int) -> dict[str, bool]:
    layout = Layout(port=port)
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/status.json", headers={"Host": f"router.{layout.domain}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            status: dict[str, bool] = json.load(answer)
    except (urllib.error.URLError, OSError) as error:
        raise CommandError(f"The router on port {port} does not answer: {error}") from error
    return status


def is_stopped(pid: int) -> bool:
    """Frozen by a signal, as /proc or ps tells."""
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"
