"""One region's stream worker: follows the region's streams and has every record copied. `python -m localcloud.worker`.

It keeps no checkpoint. The embedded AWS forgets its stream records when it ends, so a worker starts by taking its place at
the end of each stream and then compares everything that has its home here with what the others hold; see docs/adr/0002.
It compares again on SIGUSR1: when another region was restored from an older state. One that cannot go on ends.
"""

import logging.config
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from pynamodb.exceptions import PynamoDBException

from core.errors import Conflict
from core.events import ERROR, WARNING, event
from foodforthought.stream_worker import handler, replicator, settle
from localcloud.faults import Watch
from localcloud.layout import Layout
from localcloud.lost import Lost
from localcloud.pump import Pump
from orders.settling import settle_again
from regions import aws, heartbeat, lag, topology
from regions.backlog import NotKept
from regions.heartbeat import is_heartbeat

IDLE_SECONDS = 0.05
QUIET_SECONDS = 0.5  # when nobody has written for a while but the clock
QUIET_AFTER_SECONDS = 5.0
END_SECONDS = 40.0  # after SIGTERM, at the latest; the next start compares
DRAIN_SECONDS = 1.0
HEARTBEAT_SECONDS = 2.0  # every minute on AWS, where each one is paid for
SAMPLE_SECONDS = 5.0
BATCH = 200


class Worker:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.iterators: dict[str, str] = {}
        layout = Layout()
        self.pump = Pump(
            topology.here(), Watch(layout.faults_file), Lost(layout.lost_file(topology.here()), topology.current())
        )
        self.written_at = time.monotonic()  # when the streams last gave something that was not written by the clock
        self.to_settle = True  # twins whose copies came while nobody read the stream
        self.to_compare = {name: threading.Event() for name in topology.current().others()}

    def run(self) -> None:
        """Until SIGTERM, and then until the streams have given nothing twice in a row and the backlogs are drained."""
        for table in replicator.rules:
            self._take_place(table)
        keepers = [self._keeper(self._keep_up, name) for name in self.to_compare]
        keepers.append(self._keeper(self._every, HEARTBEAT_SECONDS, heartbeat.beat))
        keepers.append(self._keeper(self._every, SAMPLE_SECONDS, lag.sample))
        keepers.append(self._keeper(self._every, DRAIN_SECONDS, settle_again))
        idle = 0
        while not (self.stopping.is_set() and idle >= 2):
            copied = sum(self._step(table) for table in replicator.rules)
            idle = 0 if copied or self.pump.holds else idle + 1
            if not copied:
                is_quiet = time.monotonic() - self.written_at > QUIET_AFTER_SECONDS
                time.sleep(QUIET_SECONDS if is_quiet and not self.stopping.is_set() else IDLE_SECONDS)
        for keeper in keepers:
            keeper.join()
        for name in self.to_compare:
            self._try("drain", name)

    def compare_again(self) -> None:
        for needed in self.to_compare.values():
            needed.set()

    def end_soon(self) -> None:
        """End in order; at last without it: our own AWS may be gone for good."""
        self.stopping.set()
        limit = threading.Timer(END_SECONDS, os._exit, [1])
        limit.daemon = True
        limit.start()

    def _keeper(self, target: Callable[..., None], *arguments: Any) -> threading.Thread:
        """One that cannot go on takes the whole process with it: half a worker looks like a whole one."""

        def keep() -> None:
            try:
                target(*arguments)
            except BaseException:
                event("worker cannot go on", level=ERROR, traceback=True)
                os._exit(1)

        thread = threading.Thread(target=keep)
        thread.start()
        return thread

    def _step(self, table: str) -> int:
        """One batch of a stream, until every copy of it is made or in a backlog; how many records there were."""
        records = self.pump.deliver(table, self._next_records(table))
        while records or self.to_settle:
            try:
                if self.to_settle:
                    settle({}, None)
                    self.to_settle = False
                if records:
                    handler({"Records": records}, None)
                    self.pump.batch_copied()
                    self._note_writes(records)
                break
            except (BotoCoreError, ClientError, PynamoDBException, NotKept, Conflict) as error:
                # Not even our own AWS takes it, or somebody was faster four times. Nothing else may be done first.
                event("batch failed", level=WARNING, table=table, error=type(error).__name__)
                if self.stopping.is_set():
                    break  # the next start compares
                time.sleep(DRAIN_SECONDS)
        return len(records)

    def _note_writes(self, records: list[dict[str, Any]]) -> None:
        if not all(is_heartbeat([key["S"] for key in record["dynamodb"]["Keys"].values()]) for record in records):
            self.written_at = time.monotonic()

    def _take_place(self, table: str) -> None:
        """At the end of the stream; what was written before is found by a comparison."""
        here = topology.here()
        arn = aws.client("dynamodb", here).describe_table(TableName=table)["Table"]["LatestStreamArn"]
        streams = aws.client("dynamodbstreams", here)
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self.iterators[table] = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]
        self.pump.place_taken(table)
        self.to_settle = True
        self.compare_again()

    def _next_records(self, table: str) -> list[dict[str, Any]]:
        here = topology.here()
        try:
            if self.pump.has_lost_place(table):
                return self._take_place_again(table)
            page = aws.client("dynamodbstreams", here).get_records(ShardIterator=self.iterators[table], Limit=BATCH)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("TrimmedDataAccessException", "ExpiredIteratorException"):
                raise
            return self._take_place_again(table)
        except BotoCoreError:
            # Our own AWS does not answer: it is being frozen or thawed together with us.
            return []
        self.iterators[table] = page["NextShardIterator"]
        source = f"arn:aws:dynamodb:{here}:000000000000:table/{table}/stream/laptop"
        return [{**record, "eventSourceARN": source} for record in page["Records"]]

    def _take_place_again(self, table: str) -> list[dict[str, Any]]:
        """We were away for longer than the stream remembers."""
        event("place in the stream lost", level=WARNING, table=table)
        self._take_place(table)
        return []

    def _keep_up(self, region: str) -> None:
        """Beside the streams, so that they never wait: compare where that is needed, and drain the region's backlog."""
        while not self.stopping.is_set():
            if self.to_compare[region].is_set():
                self.to_compare[region].clear()
                if not self._try("catch_up", region):
                    self.to_compare[region].set()
            else:
                self._try("drain", region)
            self.stopping.wait(DRAIN_SECONDS)

    def _every(self, seconds: float, act: Callable[[], None]) -> None:
        while not self.stopping.wait(seconds):
            try:
                act()
            except (BotoCoreError, ClientError, PynamoDBException, NotKept, Conflict) as error:
                event("turn of the clock missed", level=WARNING, turn=act.__name__, error=type(error).__name__)

    def _try(self, what: str, region: str) -> bool:
        try:
            report = getattr(replicator, what)(region)
        except (BotoCoreError, ClientError, NotKept) as error:
            event("region is away", level=WARNING, target=region, turn=what, error=type(error).__name__)
            return False
        written, stale, missed = report.written[region], report.stale[region], report.missed[region]
        if written or stale or missed:
            event("copied again", target=region, turn=what, written=written, stale=stale, missed=missed)
        return True


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    worker = Worker()
    signal.signal(signal.SIGTERM, lambda number, frame: worker.end_soon())
    signal.signal(signal.SIGUSR1, lambda number, frame: worker.compare_again())
    event("worker started")
    try:
        worker.run()
    except BaseException:
        event("worker cannot go on", level=ERROR, traceback=True)
        os._exit(1)  # whatever its other threads are doing
    event("worker drained")


if __name__ == "__main__":
    main()
