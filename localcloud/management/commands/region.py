"""`manage.py region list|status|stop|start`: look at the regions of the running laptop cloud, take one away, bring it back."""

import json
import signal
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.processes import send
from regions import backlog, heartbeat, topology


class Command(BaseCommand):
    help = "List the regions of the running laptop cloud, freeze one (its data stays), or thaw it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "status", "stop", "start"])
        parser.add_argument("region", nargs="?", choices=list(topology.current().regions))

    def handle(self, *, what: str, region: str | None, **options: Any) -> None:
        state = running_state(Layout())
        if state is None or not state["regions"][topology.current().master].get("web"):
            raise CommandError("No laptop cloud is running; start one with `make run`.")
        if what == "list":
            self._list(state)
        elif what == "status":
            self._list(state)
            self._status()
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

    def _status(self) -> None:
        """How old the copies of each home (a row) are in each region (a column), and what waits in its backlogs."""
        names = list(topology.current().regions)
        held = {name: heartbeat.ages(name) for name in names}
        self.stdout.write(
            "\nThe age of the copies of a home (row) in a region (column), and the backlog of that pair:\n"
        )
        self.stdout.write(" " * 14 + "".join(f"{name:>28}" for name in names))
        for home in names:
            cells = [_cell(home, name, held[name]) for name in names]
            self.stdout.write(f"{home:<14}" + "".join(f"{cell:>28}" for cell in cells))


def _cell(home: str, region: str, ages: dict[str, int | None] | None) -> str:
    if home == region:
        return "–"
    age_ms = ages.get(home) if ages else None
    age = "does not answer" if ages is None else "nothing yet" if age_ms is None else f"{age_ms / 1000:.1f} s"
    try:
        waiting = backlog.count(region, home=home)
    except (BotoCoreError, ClientError):
        return age
    return f"{age}, {waiting} wait" if waiting else age


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
