"""`manage.py region list|status|stop|start`: look at the regions of the running laptop cloud, take one away, bring it back."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from admin_portal.overview import Pair, overview
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.processes import send
from regions import topology


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
        """Orders of each home, how far behind its copies (a row) are in each region (a column), and what waits to be copied."""
        seen = overview()
        self.stdout.write("\nOrders in the last hour, by minute:\n")
        for row in seen.rows:
            told = f"{row.total:>6}  {sparkline(row.placed or [])}" if row.answers else "  does not answer"
            self.stdout.write(f"{row.region.name:<14}{told}")
        self.stdout.write(
            "\nHow far behind the copies of a home (row) are in a region (column), now and over the last hour:\n"
        )
        self.stdout.write(" " * 14 + "".join(f"{home:<{COLUMN}}" for home, _ in seen.homes))
        for home, pairs in seen.homes:
            self.stdout.write(f"{home:<14}" + "".join(f"{_now(pair):<{COLUMN}}" for pair in pairs))
            self.stdout.write(
                " " * 14 + "".join(f"{sparkline(pair.history) if pair else '':<{COLUMN}}" for pair in pairs)
            )


COLUMN = 34
BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: Sequence[int | None]) -> str:
    """Thirty characters for an hour, the worst of every two minutes; a dot where nothing is known."""
    width = 2
    groups = [[x for x in values[start : start + width] if x is not None] for start in range(0, len(values), width)]
    top = max((max(group) for group in groups if group), default=0)
    return "".join(BLOCKS[max(group) * (len(BLOCKS) - 1) // top if top else 0] if group else "·" for group in groups)


def _now(pair: Pair | None) -> str:
    if pair is None:
        return "–"
    if pair.worst is None:
        return "does not answer"
    age = f"{(pair.worst.at_least_ms or 0) / 1000:.1f} s"
    if pair.worst.worst_ms is None:
        age = f"unknown, {age} or more" if pair.worst.at_least_ms else "unknown"
    return f"{age}, {pair.waiting} wait" if pair.waiting else age


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
