"""A game day: customers order in all regions while something goes wrong; what they saw, and what is left."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from core import clock, ids
from localcloud import audit
from localcloud.gameday.customers import Asked, Crowd, Customer
from localcloud.gameday.kitchen import Kitchen
from localcloud.gameday.plan import plan
from localcloud.gameday.scenarios import NOTICED_SECONDS, Scenario
from localcloud.gameday.stage import Stage
from localcloud.gameday.witness import Lag, Witness
from localcloud.layout import Layout
from regions import topology

CUSTOMERS_AT_ONCE = 48
CONVERGENCE_SECONDS = 120.0
FAST_TABLES = (audit.ORDERS,)
LATE_SECONDS = 5.0
"""An order that is acknowledged later than this is late."""


@dataclass(frozen=True)
class Options:
    scenario: type[Scenario]
    region: str
    orders: int = 1000
    rate: float = 20.0  # orders a second
    seed: int = 1
    throughout: bool = False  # the fault begins before the first order and ends after the last


@dataclass
class Result:
    """What came of it. Times in seconds since the first order could come, lags by the time of writing in the same."""

    options: Options
    customers: list[Customer]
    asked: list[Asked]
    seconds: float  # until the last order was answered
    fault: tuple[float, float] | None
    lags: list[tuple[float, Lag]]
    affected: set[tuple[str, str]]  # pairs of home and region whose copies were expected to be late
    verdict: audit.Verdict
    foreign: list[str]
    differences: list[str]
    kitchen: Counter[str]
    recovered_seconds: float | None  # after the fault: what was written before its end is everywhere
    converged_seconds: float | None  # after the last order and the last change: everything is everywhere
    facts: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> list[Customer]:
        return [customer for customer in self.customers if customer.key]

    def asked_answers(self, region: str | None = None) -> list[bool]:
        """Of every request of the customers near a region (or all of them): was it answered?"""
        return [asked.is_answered for asked in self.asked if region in (None, asked.region)]

    @property
    def is_lost(self) -> bool:
        """The game day, not an order."""
        return bool(
            self.verdict.is_bad
            or self.foreign
            or self.differences
            or self.failures
            or self.converged_seconds is None
            or len(self.acknowledged) < len(self.customers)
        )


class GameDay:
    def __init__(self, layout: Layout, options: Options) -> None:
        self.layout = layout
        self.options = options
        self.scenario = options.scenario()
        self.fault: tuple[float, float] | None = None
        self._faulty = threading.Event()
        self._began = 0.0

    def run(self) -> Result:
        options = self.options
        regions = list(topology.current().regions)
        planned = plan(
            orders=options.orders, rate=options.rate, regions=regions, twins=self.scenario.twins, seed=options.seed
        )
        tokens = [ids.new_token(now_seconds=clock.now_ms() // 1000) for _ in planned]
        witness = Witness(self.layout)
        witness.begin()
        try:
            with open_kitchens(self.layout) as kitchens:
                crowd = Crowd(self.layout, self._clock, kitchens, self._faulty.is_set)
                crowd.find_restaurants()
                stage = Stage(self.layout, options.region, options.seed, witness, planned, tokens, crowd.menus)
                try:
                    self.scenario.prepare(stage)
                    customers = self._open(stage, crowd)
                finally:
                    stage.heal()
                self.scenario.after(stage)
            converged = self._converge()
        finally:
            witness.end()
        return self._result(stage, crowd, customers, kitchens, converged)

    def _open(self, stage: Stage, crowd: Crowd) -> list[Customer]:
        """All orders, each at its time, with the fault beside them."""
        if self.options.throughout:
            self._faulty.set()
            self.scenario.begin(stage)
            time.sleep(NOTICED_SECONDS)
        self._began = time.monotonic()
        self._began_ms = clock.now_ms()
        with ThreadPoolExecutor(CUSTOMERS_AT_ONCE) as pool, ThreadPoolExecutor(1) as beside:
            fault = None if self.options.throughout else beside.submit(self._fault, stage)
            orders: list[Future[Customer]] = []
            for planned, token in zip(stage.plan, stage.tokens, strict=True):
                self._wait_until(planned.at)
                orders.append(pool.submit(crowd.order, planned, token))
            if fault:
                fault.result()
            customers = [order.result() for order in orders]
        if self.options.throughout:
            self.fault = (0.0, self._clock())
            self.scenario.end(stage)
        return customers

    def _fault(self, stage: Stage) -> None:
        duration = stage.plan[-1].at
        self._wait_until(duration / 3)
        began = self._clock()
        self._faulty.set()
        try:
            self.scenario.begin(stage)
            self._wait_until(2 * duration / 3)
            self.scenario.end(stage)
        finally:
            stage.heal()
            self._faulty.clear()
            self.fault = None if type(self.scenario) is Scenario else (began, self._clock())

    def _converge(self) -> float | None:
        """Seconds until every region holds the orders that the homes say and no twin is left; None when that takes too long."""
        since = self._clock()
        while audit.differences(self.layout, FAST_TABLES) or audit.doubled(audit.orders_at_home(self.layout)):
            if self._clock() - since > CONVERGENCE_SECONDS:
                return None
            time.sleep(0.2)
        return self._clock() - since

    def _result(
        self,
        stage: Stage,
        crowd: Crowd,
        customers: list[Customer],
        kitchens: dict[str, Kitchen],
        converged: float | None,
    ) -> Result:
        done = {f"{home}#{order_id}": verb for home, k in kitchens.items() for order_id, verb in k.done.items()}
        done |= {customer.key: "cancel" for customer in customers if customer.key and customer.cancelled}
        acknowledged = {customer.key for customer in customers if customer.key}
        lags = [((lag.written_ms - self._began_ms) / 1000, lag) for lag in stage.witness.lags()]
        regions = topology.current().regions
        orders = audit.placed_with(stage.tokens, audit.orders_at_home(self.layout))
        return Result(
            options=self.options,
            customers=customers,
            asked=crowd.asked,
            seconds=max(customer.ended for customer in customers),
            fault=self.fault,
            lags=lags,
            affected={(a, b) for a in regions for b in regions if a != b and self.scenario.affects(stage, a, b)},
            verdict=audit.judge(orders, acknowledged=acknowledged, done=done),
            foreign=stage.witness.foreign(),
            differences=audit.differences(self.layout),
            kitchen=sum((kitchen.answers for kitchen in kitchens.values()), Counter()),
            recovered_seconds=recovered(lags, self.fault),
            converged_seconds=converged,
            facts=stage.facts,
            failures=stage.failures,
        )

    def _clock(self) -> float:
        return time.monotonic() - self._began

    def _wait_until(self, at: float) -> None:
        time.sleep(max(0.0, at - self._clock()))


@contextmanager
def open_kitchens(layout: Layout) -> Iterator[dict[str, Kitchen]]:
    """One in every region; at the end all that they were told is done."""
    kitchens = {name: Kitchen(layout, name) for name in topology.current().regions}
    try:
        yield kitchens
    finally:
        for kitchen in kitchens.values():
            kitchen.close()


def recovered(lags: list[tuple[float, Lag]], fault: tuple[float, float] | None) -> float | None:
    """Seconds after the fault until all that was written before its end was everywhere; None without a fault."""
    if fault is None:
        return None
    arrivals = [written + lag.lag_ms / 1000 for written, lag in lags if written <= fault[1]]
    return max([0.0, *(arrival - fault[1] for arrival in arrivals)])
