"""`manage.py region list|status|stop|start`: look at the regions of the running laptop cloud, take one away, bring it back."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from admin_portal.overview import Pair, overview
from localcloud import faults
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.lost import Lost
from localcloud.processes import is_stopped, send
from regions import topology


class Command(BaseCommand):
    help = "List the regions of the running laptop cloud, freeze one (its data stays), or thaw it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["list", "status", "stop", "start"])
        parser.add_argument("region", nargs="?", choices=list(topology.current().regions))

    def handle(self, *, what: str, region: str | None, **options: Any) -> None:
        state = running_state(Layout())
        if state is None or not any("web" in pids for pids in state["regions"].values()):
            raise CommandError("No laptop cloud is running; start one with `make run`.")
        if what == "list":
            self._list(state)
        elif what == "status":
            self._list(state)
            self._status()
            self._faults(Layout(port=state["port"]))
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
            pids = state["regions"][name]
            seen = "healthy" if health.get(name) else "not healthy"
            process = "stopped" if any(map(is_stopped, pids.values())) else "running"
            if missing := [kind for kind in KINDS if kind not in pids]:
                process += f" without its {' and '.join(missing)}"
            self.stdout.write(f"{name:<14} {region.title:<12} {region.jurisdiction}  {process}, {seen} to the router")

    def _faults(self, layout: Layout) -> None:
        """What is wrong on purpose, and what of it is not made good yet."""
        for described in faults.read(layout.faults_file).describe():
            self.stdout.write(f"In force (a game day): {described}")
        for name in topology.current().regions:
            lost = Lost(layout.lost_file(name), topology.seen_from(name))
            count = sum(map(len, lost.records().values()))
            missing = lost.missing() if count else 0
            if missing is None:
                self.stdout.write(
                    f"The stream of {name} has lost {count} records; not every region says whether it has them."
                )
            elif missing:
                self.stdout.write(
                    f"The stream of {name} has lost {count} records, of which {missing} are still missing elsewhere: "
                    f"AWS_REGION={name} .venv/bin/python manage.py reconcile"
                )

    def _status(self) -> None:
        """Orders of each home, how far behind its copies (a row) are in each region (a column), and what waits to be copied."""
        seen = overview()
        self.stdout.write("\nOrders in the last hour, by minute:\n")
        for row in seen.rows:
            told = f"{row.total:>6}  {sparkline(row.placed or [])}" if row.answers else "  does not answer"
            drained = f"  drained since {row.drained_at:%H:%M} UTC" if row.drained_at else ""
            self.stdout.write(f"{row.region.name:<14}{told}{drained}")
        self.stdout.write(
            "\nHow far behind the copies of a home (row) are in a region (column), now and over the last hour:\n"
        )
        self.stdout.write(" " * 14 + "".join(f"{home:<{COLUMN}}" for home, _ in seen.homes))
        for home, pairs in seen.homes:
            self.stdout.write(f"{home:<14}" + "".join(f"{_now(pair):<{COLUMN}}" for pair in pairs))
            self.stdout.write(
                " " * 14 + "".join(f"{sparkline(pair.history) if pair else '':<{COLUMN}}" for pair in pairs)
            )


KINDS = ("aws", "web", "worker")
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
