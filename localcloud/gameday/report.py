"""What people want to know of a game day, in words and figures."""

from collections import Counter
from collections.abc import Iterable, Sequence

from localcloud.gameday.run import LATE_SECONDS, Result
from localcloud.gameday.scenarios import sentence

SETTLED_SECONDS = 2.0  # what was written in the last moments before a fault may have been on its way


def report(result: Result) -> str:
    options, verdict = result.options, result.verdict
    lines = [
        f"{options.scenario.name}: {sentence(options.scenario)}",
        f"  about {options.region}, {when(result)}, seed {options.seed}",
        "",
        *orders(result),
        f"lost                    {count(verdict.lost)}",
        f"doubled                 {count(verdict.doubled)} ({verdict.twins} twins)",
        f"twins misjudged         {count(verdict.misjudged)}",
        f"changes lost            {count(verdict.forgotten)} (of the kitchens: {told(result.kitchen)})",
        f"writes outside home     {count(result.foreign)}",
        f"copies that differ      {count(result.differences)}",
        "",
        *convergence(result),
        *lags(result),
        "",
        *availability(result),
    ]
    lines += [f"- {fact}" for fact in result.facts] + [f"- FAILED: {failure}" for failure in result.failures]
    return "\n".join(lines)


def when(result: Result) -> str:
    if result.fault is None:
        return "all the time"
    return f"from {result.fault[0]:.1f} s to {result.fault[1]:.1f} s"


def orders(result: Result) -> list[str]:
    homes = Counter(customer.key.partition("#")[0] for customer in result.acknowledged if customer.key)
    waits = [customer.ended - customer.began for customer in result.acknowledged]
    late = sum(wait > LATE_SECONDS for wait in waits)
    return [
        f"orders acknowledged     {len(result.acknowledged)} of {len(result.customers)}, "
        f"{len(result.acknowledged) / result.seconds:.1f} a second (planned: {result.options.rate:g})",
        f"  by home               {told(homes)}",
        f"  a customer waited     {percentiles(waits)}",
        f"late                    {late} (acknowledged after more than {LATE_SECONDS:g} s)",
    ]


def convergence(result: Result) -> list[str]:
    lines = []
    if result.recovered_seconds is not None:
        lines.append(
            f"recovered               {result.recovered_seconds:.1f} s after the fault, with all written before"
        )
    converged = result.converged_seconds
    equal = "not in time" if converged is None else f"{converged:.1f} s"
    return [*lines, f"equal replicas          {equal} after the last change"]


def lags(result: Result) -> list[str]:
    """Of orders and their changes, per copy, in the parts of the run that can be compared."""
    return [
        f"{name:<24}{percentiles([lag / 1000 for lag in values])} ({len(values)} copies)"
        for name, values in parts(result).items()
        if values
    ]


def parts(result: Result) -> dict[str, list[int]]:
    """Part of the run → the lags in it, in milliseconds."""
    if result.fault is None:
        region = result.options.region
        without = [lag.lag_ms for _, lag in result.lags if region not in (lag.home, lag.region)]
        return {"lag while healthy": [lag.lag_ms for _, lag in result.lags], f"  without {region}": without}
    began, ended = result.fault
    during = [lag for at, lag in result.lags if began <= at < ended]
    return {
        "lag while healthy": [lag.lag_ms for at, lag in result.lags if at < began - SETTLED_SECONDS],
        "  beside the fault": [lag.lag_ms for lag in during if (lag.home, lag.region) not in result.affected],
        "  under the fault": [lag.lag_ms for lag in during if (lag.home, lag.region) in result.affected],
    }


def availability(result: Result) -> list[str]:
    errors = Counter(asked.answer for asked in result.asked if asked.is_error)
    regions = sorted({asked.region for asked in result.asked})
    lines = [
        f"errors seen             {told(errors) or 'none'}",
        f"availability            {share(result.asked_answers())}",
    ]
    return lines + [f"  near {name:<17}{share(result.asked_answers(name))}" for name in regions]


def share(answered: Sequence[bool]) -> str:
    if not answered:
        return "nothing was asked"
    return f"{100 * sum(answered) / len(answered):.2f} %: {sum(answered)} of {len(answered)} requests were answered"


def percentiles(seconds: Iterable[float]) -> str:
    values = sorted(seconds)
    if not values:
        return "not measured"
    return ", ".join(
        f"p{part} {values[min(len(values) - 1, len(values) * part // 100)]:.3f} s" for part in (50, 95, 99)
    )


def count(found: Sequence[str]) -> str:
    return f"{len(found)}" + (f": {'; '.join(found[:3])}" if found else "")


def told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items()))
