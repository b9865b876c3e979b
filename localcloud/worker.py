"""One region's stream worker: follows the region's streams and has every record copied. `python -m localcloud.worker`.

It keeps no checkpoint. The embedded AWS forgets its stream records when it ends, so a worker starts by taking its place at
the end of each stream and then compares everything that has its home here with what the others hold; see docs/adr/0002.
"""

import logging
import logging.config
import signal
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from foodforthought.stream_worker import replicator
from regions import aws, topology

logger = logging.getLogger(__name__)

IDLE_SECONDS = 0.05
PROBE_SECONDS = 1.0
BATCH = 200


class Worker:
    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.behind: set[str] = set(topology.current().others())
        self.iterators: dict[str, str] = {}
        self.lock = threading.Lock()

    def run(self) -> None:
        """Until SIGTERM, and then until the streams have given nothing twice in a row."""
        for table in replicator.rules:
            self._take_place(table)
        catching = [threading.Thread(target=self._catch_up, args=[name]) for name in sorted(self.behind)]
        for thread in catching:
            thread.start()
        idle = 0
        while not (self.stopping.is_set() and idle >= 2):
            copied = self._step()
            idle = 0 if copied else idle + 1
            if not copied:
                time.sleep(IDLE_SECONDS)
        for thread in catching:
            thread.join()

    def _step(self) -> int:
        """One batch of every stream; how many records there were."""
        count = 0
        for table in replicator.rules:
            records = self._next_records(table)
            if records:
                with self.lock:
                    away = set(self.behind)
                report = replicator.replicate(records, skip=away)
                with self.lock:
                    self.behind |= report.missed.keys()
                for name in report.missed.keys() - away:
                    logger.warning("region is behind", extra={"fields": {"target": name}})
            count += len(records)
        return count

    def _take_place(self, table: str) -> None:
        here = topology.here()
        arn = aws.client("dynamodb", here).describe_table(TableName=table)["Table"]["LatestStreamArn"]
        streams = aws.client("dynamodbstreams", here)
        (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        self.iterators[table] = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="LATEST"
        )["ShardIterator"]

    def _next_records(self, table: str) -> list[dict[str, Any]]:
        here = topology.here()
        try:
            page = aws.client("dynamodbstreams", here).get_records(ShardIterator=self.iterators[table], Limit=BATCH)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("TrimmedDataAccessException", "ExpiredIteratorException"):
                raise
            # We were away for longer than the stream remembers.
            logger.warning("place in the stream lost", extra={"fields": {"table": table}})
            self._take_place(table)
            with self.lock:
                self.behind |= set(topology.current().others())
            return []
        except BotoCoreError:
            # Our own AWS does not answer: it is being frozen or thawed together with us.
            return []
        self.iterators[table] = page["NextShardIterator"]
        source = f"arn:aws:dynamodb:{here}:000000000000:table/{table}/stream/laptop"
        return [{**record, "eventSourceARN": source} for record in page["Records"]]

    def _catch_up(self, region: str) -> None:
        """Whenever a region is behind, try until everything of this home is there; the others never wait for it."""
        while not self.stopping.is_set():
            if region in self.behind and self._answers(region):
                # Before the comparison: what is written during it has to go there too.
                with self.lock:
                    self.behind.discard(region)
                if not self._compared(region):
                    with self.lock:
                        self.behind.add(region)
            self.stopping.wait(PROBE_SECONDS)
        if region in self.behind and self._answers(region):
            self._compared(region)

    def _compared(self, region: str) -> bool:
        try:
            report = replicator.catch_up(region)
        except (BotoCoreError, ClientError) as error:
            logger.warning("catching up failed", extra={"fields": {"target": region, "error": type(error).__name__}})
            return False
        fields = {"target": region, "written": report.written[region], "missed": report.missed[region]}
        logger.info("caught up", extra={"fields": fields})
        return not report.missed

    def _answers(self, region: str) -> bool:
        try:
            aws.client("dynamodb", region, attempts=1).list_tables(Limit=1)
        except (BotoCoreError, ClientError):
            return False
        return True


def main() -> None:
    logging.config.dictConfig(settings.LOGGING)
    worker = Worker()
    signal.signal(signal.SIGTERM, lambda number, frame: worker.stopping.set())
    logger.info("worker started")
    worker.run()
    logger.info("worker drained")


if __name__ == "__main__":
    main()
