"""`manage.py gameday`: orders in all regions of the running laptop cloud while one is lost; the report people want."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from localcloud.gameday import GameDay, Result
from localcloud.joining import running_state
from localcloud.layout import Layout
from localcloud.processes import CloudError
from regions import topology


class Command(BaseCommand):
    help = "Order in all regions at once, take a region away for a third of the time, and say what was lost, doubled or late."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orders", type=int, default=1000)
        parser.add_argument("--customers", type=int, default=16, help="who order at the same time")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument(
            "--throughout", action="store_true", help="stop the region from before the first order to the end"
        )
        parser.add_argument("--stop", choices=[*topology.current().regions, "none"], default=topology.current().master)

    def handle(self, *, orders: int, customers: int, seed: int, stop: str, throughout: bool, **options: Any) -> None:
        state = running_state(Layout())
        if state is None:
            raise CommandError("No laptop cloud is running; start one with `make run`.")
        layout = Layout(port=state["port"])
        stopped = None if stop == "none" else stop
        day = GameDay(
            layout, state, orders=orders, customers=customers, seed=seed, stopped=stopped, throughout=throughout
        )
        try:
            result = day.run()
        except CloudError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(report(result))
        if result.lost or result.doubled or result.differences or result.convergence_seconds is None:
            raise CommandError("The game day was lost; see above.")


def report(result: Result) -> str:
    homes = Counter(customer.key.partition("#")[0] for customer in result.acknowledged if customer.key)
    errors = sum((customer.errors for customer in result.customers), Counter())
    waits = sorted(customer.ended - customer.began for customer in result.acknowledged)
    asked = len(result.customers) + sum(errors.values())
    convergence = "not in time" if result.convergence_seconds is None else f"{result.convergence_seconds:.1f} s"
    lines = [
        f"orders acknowledged     {len(result.acknowledged)} of {len(result.customers)}, "
        f"{len(result.acknowledged) / result.seconds:.0f} a second",
        f"  by home               {', '.join(f'{home} {count}' for home, count in sorted(homes.items()))}",
        f"lost                    {len(result.lost)}",
        f"doubled                 {len(result.doubled)}",
        f"writes outside home, or copies that differ  {len(result.differences)}",
        f"equal replicas          {convergence} after the last order",
        f"lag, running regions    {percentiles([lag / 1000 for lag in result.lag_ms])} ({len(result.lag_ms)} copies timed)",
        f"a customer waited       {percentiles(waits)}",
        f"errors seen             {', '.join(f'{count} × {kind}' for kind, count in errors.most_common()) or 'none'}",
        f"availability            {100 * len(result.customers) / asked:.2f} % of all requests were answered",
        *(f"  {difference}" for difference in result.differences),
    ]
    return "\n".join(lines)


def percentiles(seconds: list[float]) -> str:
    if not seconds:
        return "not measured"
    values = sorted(seconds)
    return ", ".join(
        f"p{share} {values[min(len(values) - 1, len(values) * share // 100)]:.3f} s" for share in (50, 95, 99)
    )
