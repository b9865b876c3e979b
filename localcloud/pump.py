"""What happens to stream records between the stream and a region's worker, when `localcloud.faults` says so.

Normally nothing. Records can be delivered several times and out of order, or never; a place in the stream can be lost, as it is
after 24 hours; the worker can be killed when it has copied a batch and not yet noted that it has.
"""

import os
import random
import signal
import time
from typing import Any

from core import clock
from localcloud.faults import PumpFault, Watch
from localcloud.lost import Lost

Record = dict[str, Any]

MAX_DELAY_SECONDS = 1.0  # between two deliveries of one record


class Pump:
    def __init__(self, region: str, watch: Watch, lost: Lost) -> None:
        self.region = region
        self.watch = watch
        self.lost = lost
        self.random = random.Random(0)
        self._seed = 0
        self._places: dict[str, float] = {}
        self._held: list[tuple[float, str, Record]] = []  # due at (monotonic), table, record

    @property
    def holds(self) -> bool:
        """Some deliveries are still to come."""
        return bool(self._held)

    def place_taken(self, table: str) -> None:
        self._places[table] = clock.now_ms() / 1000

    def has_lost_place(self, table: str) -> bool:
        return self._places.get(table, 0.0) < self._fault().trimmed_at

    def deliver(self, table: str, records: list[Record]) -> list[Record]:
        """What the worker is handed now, of these records and of what was held back."""
        fault = self._fault()
        if not self._held and fault.repeat == 1 and not fault.lost:
            return records
        now = time.monotonic()
        lost = []
        for record in records:
            if self.random.random() < fault.lost:
                lost.append(record)
            else:
                self._held += [(now + delay, table, record) for delay in self._delays(fault)]
        self.lost.note(table, lost)
        due = [record for at, of, record in self._held if of == table and at <= now]
        self._held = [(at, of, record) for at, of, record in self._held if of != table or at > now]
        self.random.shuffle(due)
        return due

    def batch_copied(self) -> None:
        """The worker is killed here, if it is to be."""
        if self._fault().killed == os.getpid():
            os.kill(os.getpid(), signal.SIGKILL)

    def _delays(self, fault: PumpFault) -> list[float]:
        if fault.repeat == 1:
            return [0.0]
        return [self.random.uniform(0, MAX_DELAY_SECONDS) for _ in range(self.random.randint(1, fault.repeat))]

    def _fault(self) -> PumpFault:
        faults = self.watch.now()
        if faults.seed != self._seed:
            self._seed, self.random = faults.seed, random.Random(f"{faults.seed} {self.region}")
        return faults.pump(self.region)
