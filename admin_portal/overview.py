"""All regions at a glance, asked side by side: one that does not answer costs some seconds, not the page."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from admin_portal import drawing
from core import clock
from orders import orders_per_minute
from regions import backlog, health, lag, topology
from regions.health import State
from regions.lag import Lag, Sample
from regions.topology import Region

LATE_MS = 120_000
"""A copy that is further behind is late: heartbeats are written each minute."""
DRAWN_MS = 10_000
"""The height of a picture at least: a lag of a second is not to look like a mountain."""
MINUTES = 60

Found = TypeVar("Found")


@dataclass(frozen=True)
class RegionRow:
    """What a region's own tables say of it; None when it does not answer."""

    region: Region
    state: State | None
    placed: Sequence[int] | None  # orders in each of the last 60 minutes

    @property
    def answers(self) -> bool:
        return self.placed is not None

    @property
    def is_healthy(self) -> bool:
        return self.state is not None and self.state.is_alive

    @property
    def canary_age_ms(self) -> int | None:
        return self.state.age_ms if self.state else None

    @property
    def drained_at(self) -> datetime | None:
        """Since when it takes no new traffic; None when it does."""
        return clock.from_ms(self.state.drained_at_ms) if self.state and self.state.drained_at_ms else None

    @property
    def total(self) -> int:
        return sum(self.placed or ())

    @property
    def peak(self) -> int:
        return max(self.placed or (), default=0)

    @property
    def bars(self) -> list[tuple[str, str, str, str]]:
        return drawing.bars(self.placed or (), top=self.peak)


@dataclass(frozen=True)
class Pair:
    """The copies of a home as another region holds them. No `lags`: that region does not answer."""

    home: str
    region: str
    lags: Sequence[Lag]
    waiting: int | None  # entries in the home's backlog; None: the home does not answer
    history: Sequence[int | None]  # the worst of each of the last 60 minutes, in milliseconds

    @property
    def worst(self) -> Lag | None:
        """A lag that nobody knows is worse than any that is known."""
        return max(self.lags, key=lambda lag: (lag.worst_ms is None, lag.at_least_ms or 0), default=None)

    @property
    def is_late(self) -> bool:
        """Also when nobody can tell."""
        return self.worst is None or self.worst.worst_ms is None or self.worst.worst_ms > LATE_MS

    @property
    def peak(self) -> int:
        return max((age for age in self.history if age is not None), default=0)

    @property
    def line(self) -> list[str]:
        return drawing.line(self.history, top=max(self.peak, DRAWN_MS))


@dataclass(frozen=True)
class Overview:
    rows: Sequence[RegionRow]
    homes: Sequence[tuple[str, Sequence[Pair | None]]]  # by home, then by region; None where both are the same
    silent: Sequence[str]  # the regions that do not answer


def overview() -> Overview:
    """Costs each region four reads of its `operations` and replicated tables, and a look at each of its queues."""
    names = tuple(topology.current().regions)
    pairs = [(home, region) for home in names for region in names if home != region]
    with ThreadPoolExecutor(4 * len(names)) as pool:
        placed = [pool.submit(_or_none, orders_per_minute.last_hour, name) for name in names]
        states = [pool.submit(_or_none, health.state_of, name) for name in names]
        lags = [pool.submit(_or_none, lag.lags, name) for name in names]
        samples = [pool.submit(_or_none, lag.history, name) for name in names]
        waiting = {pair: pool.submit(_or_none, _waiting, pair) for pair in pairs}
    held = {name: found.result() or [] for name, found in zip(names, lags, strict=True)}
    taken = {name: found.result() or [] for name, found in zip(names, samples, strict=True)}
    rows = [
        RegionRow(topology.current().region(name), state.result(), counts.result())
        for name, state, counts in zip(names, states, placed, strict=True)
    ]
    grid = {
        (home, region): Pair(
            home,
            region,
            [found for found in held[region] if found.home == home],
            waiting[home, region].result(),
            by_minute(taken[region], home, now_ms=clock.now_ms()),
        )
        for home, region in pairs
    }
    homes = [(home, [grid.get((home, region)) for region in names]) for home in names]
    return Overview(rows, homes, [row.region.name for row in rows if not row.answers])


def by_minute(samples: Sequence[Sample], home: str, *, now_ms: int) -> list[int | None]:
    """The worst lag of a home's tables in each of the last 60 minutes, the present one last; None where there is no sample."""
    worst: list[int | None] = [None] * MINUTES
    for sample in samples:
        place = MINUTES - 1 - (now_ms - sample.at_ms) // 60_000
        known = [age for (_, of), age in sample.at_least_ms.items() if of == home and age is not None]
        if 0 <= place < MINUTES and known:
            worst[place] = max(*known, worst[place] or 0)
    return worst


def _waiting(pair: tuple[str, str]) -> int:
    home, region = pair
    return backlog.count(region, home=home)


def _or_none(ask: Callable[..., Found], *arguments: object) -> Found | None:
    """What a region says; None when it does not answer."""
    try:
        return ask(*arguments)
    except (BotoCoreError, ClientError):
        return None
