"""What can go wrong on a game day: each scenario is a fault that begins after a third of the run and ends after two thirds."""

import json
import tempfile
import time
from typing import ClassVar

from core import clock, ids
from localcloud import audit
from localcloud.faults import LinkFault, PumpFault
from localcloud.gameday.stage import Stage
from localcloud.processes import CloudError
from regions import topology

NOTICED_SECONDS = 5.0  # until router and workers know that a region is away
FILLED_SECONDS = 120.0
NEW_RESTAURANT = {
    "elements": [{"type": "node", "id": 1, "lat": 40.73, "lon": -73.99, "tags": {"amenity": "cafe", "name": "New"}}]
}


class Scenario:
    """Nothing goes wrong: the run that others are compared with."""

    name = "calm"
    region: ClassVar[str | None] = None  # None: the second one of the last jurisdiction
    twins = 0.0  # the share of customers who, during the fault, lose their answer and order again elsewhere

    def prepare(self, stage: Stage) -> None:
        """Before the first order."""

    def begin(self, stage: Stage) -> None:
        """After a third of the run; may take until the end of the second third."""

    def end(self, stage: Stage) -> None:
        """After two thirds. All faults are healed after this."""

    def after(self, stage: Stage) -> None:
        """When the last order is answered."""

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        """Are copies from a home to a region expected to be late?"""
        return False


class Stop(Scenario):
    """A region stops in the rush and comes back: its pages, its worker and its AWS do not answer."""

    name = "stop"

    def begin(self, stage: Stage) -> None:
        stage.freeze()

    def end(self, stage: Stage) -> None:
        stage.thaw()

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return stage.region in (home, region)


class Master(Stop):
    """The master is lost: the catalogue stays as it is, kitchens can still say what is sold out, and orders go on."""

    name = "master"
    region = topology.current().master

    def prepare(self, stage: Stage) -> None:
        self._before = stage.catalogue()

    def begin(self, stage: Stage) -> None:
        stage.freeze()
        began = time.monotonic()
        restaurant = stage.menus[stage.sibling]["id"]
        said, _ = stage.manage("availability", restaurant, "--busy", "10", region=stage.sibling)
        stage.check(said, f"availability was {'' if said else 'not '}said in {stage.sibling} without the master")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(NEW_RESTAURANT, file)
            file.flush()
            changed, words = stage.manage("import_restaurants", file.name, region=stage.sibling)
        refused = not changed and stage.region in words
        stage.check(refused, f"a new restaurant was {'' if refused else 'not '}refused in {stage.sibling} meanwhile")
        time.sleep(max(0.0, NOTICED_SECONDS - (time.monotonic() - began)))

    def after(self, stage: Stage) -> None:
        stage.manage("availability", stage.menus[stage.sibling]["id"], "--busy", "0", region=stage.sibling)
        same = stage.catalogue() == self._before
        stage.check(same, f"the catalogue is {'unchanged' if same else 'another one'} in every region")


class Partition(Scenario):
    """Two regions of a jurisdiction are cut apart; customers who lose an answer order again in the other: twins."""

    name = "partition"
    region = "us-east-1"
    twins = 0.3

    def begin(self, stage: Stage) -> None:
        cut = LinkFault(cut=True)
        stage.inject(links={(stage.region, stage.sibling): cut, (stage.sibling, stage.region): cut})

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return {home, region} == {stage.region, stage.sibling}


class Slow(Scenario):
    """One target takes 300 ms more for everything, and throttles 30 % of what is put there."""

    name = "slow"

    def begin(self, stage: Stage) -> None:
        fault = LinkFault(delay_ms=300, throttled=0.3)
        stage.inject(links={(name, stage.region): fault for name in topology.seen_from(stage.region).others()})

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return region == stage.region


class Poison(Scenario):
    """A target refuses one record, which waits in the backlog beside all others, and takes it after the repair."""

    name = "poison"
    SECONDS = 5.0

    def prepare(self, stage: Stage) -> None:
        chosen = next(p for p in stage.plan if p.region == stage.sibling)
        self._key = (f"{stage.sibling}#{ids.order_id_from(stage.tokens[chosen.number])}",)
        fault = LinkFault(refused=self._key[0])
        stage.inject(links={(name, stage.region): fault for name in topology.seen_from(stage.region).others()})

    def end(self, stage: Stage) -> None:
        there = audit.has_order(stage.layout, stage.region, self._key[0])
        stage.check(not there, f"the poison record was {'taken' if there else 'refused'} by {stage.region}")
        lags = [lag for lag in stage.witness.lags() if lag.region == stage.region]
        late = [lag for lag in lags if lag.lag_ms > self.SECONDS * 1000]
        stage.check(
            not late, f"{len(lags) - len(late)} of {len(lags)} other writes were there within {self.SECONDS:g} s"
        )
        waiting = stage.waiting(stage.sibling, stage.region)
        stage.check(waiting >= 1, f"{waiting} in the backlog of {stage.sibling} for {stage.region}")
        stage.heal()
        repaired = time.monotonic()
        while not audit.has_order(stage.layout, stage.region, self._key[0]):
            if time.monotonic() - repaired > FILLED_SECONDS:
                raise CloudError("The poison record was not copied after the repair.")
            time.sleep(0.2)
        stage.facts.append(
            f"it was copied {time.monotonic() - repaired:.1f} s after the repair, without anybody's help"
        )


class Crash(Scenario):
    """A worker is killed three times, each time when it has copied a batch and not yet noted that it has."""

    name = "crash"

    def begin(self, stage: Stage) -> None:
        for _ in range(3):
            before = stage.pid("worker")
            stage.inject(pumps={stage.region: PumpFault(killed=before)})
            stage.wait_for_worker(before)
        stage.facts.append(f"the worker of {stage.region} was killed 3 times and started again")

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return home == stage.region


class Repeat(Scenario):
    """Every stream record is delivered up to five times, and out of order."""

    name = "repeat"

    def begin(self, stage: Stage) -> None:
        stage.inject(pumps={name: PumpFault(repeat=5) for name in topology.current().regions})

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return True


class Away(Stop):
    """A region is away, with orders that it has not copied yet, for longer than its streams keep data."""

    name = "away"

    def begin(self, stage: Stage) -> None:
        stage.freeze("worker")
        time.sleep(2.0)
        stage.freeze("web", "aws")

    def end(self, stage: Stage) -> None:
        kept = {key for key, order in stage.orders(stage.sibling).items() if order["home"]["S"] == stage.region}
        stage.inject(pumps={stage.region: PumpFault(trimmed_at=clock.now_ms() / 1000)})
        stage.thaw()
        there = stage.orders(stage.region)
        alone = [key for key, order in there.items() if order["home"]["S"] == stage.region and key not in kept]
        lonely = f"{len(alone)} orders of {stage.region} were in no other region and in no stream any more"
        stage.check(bool(alone), f"{lonely}{'' if alone else ': that proves nothing; order more'}")


class Join(Scenario):
    """A region with empty tables joins while orders go on: it is filled by comparisons, then its pages open."""

    name = "join"

    def prepare(self, stage: Stage) -> None:
        stage.freeze("web")
        time.sleep(NOTICED_SECONDS)
        self._removed = stage.remove_copies()

    def begin(self, stage: Stage) -> None:
        began = time.monotonic()
        stage.reconcile(stage.region)
        while any(stage.waiting(name, stage.region) for name in topology.seen_from(stage.region).others()):
            if time.monotonic() - began > FILLED_SECONDS:
                raise CloudError(f"{stage.region} was not filled within {FILLED_SECONDS:g} s.")
            time.sleep(0.2)
        stage.facts.append(
            f"{stage.region} was filled with {self._removed} records in {time.monotonic() - began:.1f} s"
        )
        stage.thaw("web")

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return region == stage.region


class Lossy(Scenario):
    """30 % of all stream records never arrive; `manage.py reconcile` finds them afterwards, and a second one nothing."""

    name = "lossy"

    def begin(self, stage: Stage) -> None:
        stage.inject(pumps={name: PumpFault(lost=0.3) for name in topology.current().regions})

    def after(self, stage: Stage) -> None:
        time.sleep(NOTICED_SECONDS)
        lost = stage.reconcile()
        stage.check(lost > 0, f"a comparison found {lost} copies missing or older")
        began = time.monotonic()
        while audit.differences(stage.layout):
            if time.monotonic() - began > FILLED_SECONDS:
                raise CloudError(f"What was lost was not copied within {FILLED_SECONDS:g} s.")
            time.sleep(0.5)
        again = stage.reconcile()
        stage.check(again == 0, f"a second one found {again or 'nothing'}")

    def affects(self, stage: Stage, home: str, region: str) -> bool:
        return True


SCENARIOS: dict[str, type[Scenario]] = {
    kind.name: kind
    for kind in (Scenario, Stop, Partition, Slow, Poison, Crash, Repeat, Away, Join, Master, Lossy)
}  # fmt: skip


def sentence(kind: type[Scenario]) -> str:
    return (kind.__doc__ or "").strip()


def default_region(kind: type[Scenario]) -> str:
    return kind.region or list(topology.current().regions)[-2]
