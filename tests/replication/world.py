"""Several regions in one process: the project's own code acts as one of them after the other, on one store each.

What a region sends is intercepted where botocore would send it. There faults are injected (a pair of regions cut off, an item
that cannot be written, a queue that takes nothing, an answer that is lost, a process that is killed), stream records are made,
and what must hold of every single write is checked.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, EndpointConnectionError

from catalog.models import Availability, CatalogRecord
from core import clock
from foodforthought import stream_worker
from orders.models import Order
from regions import topology
from regions.aws import OPERATIONS
from regions.replication import Rule, rule_of
from regions.replicator import Replicator
from regions.topology import Topology
from tests.replication.memory import Item, holds

ORDERS = Order.Meta.table_name
MEMBERS = {
    "two siblings": {"us-east-1": "na", "us-west-2": "na"},
    "two strangers": {"us-east-1": "na", "eu-west-1": "eu"},
    "a pair and one abroad": {"us-east-1": "na", "us-west-2": "na", "eu-west-1": "eu"},
    "two pairs": {"us-east-1": "na", "us-west-2": "na", "eu-west-1": "eu", "eu-central-1": "eu"},
    "three siblings and one abroad": {"us-east-1": "na", "us-west-2": "na", "eu-central-1": "na", "eu-west-1": "eu"},
}
BOOKKEEPING = {"key", "home", "version", "write_id", "deleted_at", "expires_at"}
STUB = {"key", "home", "version", "deleted_at", "expires_at"} | {
    "id", "status", "restaurant", "placed_at", "accepted_at", "ended_at",
}  # fmt: skip
"""What may be known of an order abroad; said here once more, so that a change of the code's own list is seen."""


class Broken(AssertionError):
    """A property does not hold. The text begins with the property's name."""


class Killed(BaseException):
    """The process ends here, between two calls."""


class Store(Protocol):
    def call(self, region: str, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]: ...
    def item(self, region: str, table: str, key: str) -> Item | None: ...
    def items(self, region: str, table: str) -> list[Item]: ...


class InTurn(Executor):
    """One call after the other, so that a run can be repeated."""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class World:
    """The regions, their stores and streams, and the faults there are at this moment."""

    def __init__(self, members: Mapping[str, str], store: Store, *, now_ms: int) -> None:
        real = topology.current()
        self.seen: Topology = replace(
            real,
            regions={name: replace(real.regions[name], jurisdiction=members[name]) for name in members},
            jurisdictions={name: name for name in dict.fromkeys(members.values())},
        )
        self.store = store
        self.now_ms = now_ms
        self.rule: Rule = rule_of(Order)
        self.streams: dict[str, list[Item]] = {
            name: [] for name in members
        }  # everything that was written, oldest first
        self.cut: set[frozenset[str]] = set()
        self.poison: set[tuple[str, str, str]] = set()  # region, key, version that it does not take
        self.refused: set[tuple[str, str]] = set()  # region, key that it does not take until somebody has mended it
        self.queue_down: set[str] = set()
        self.lose_answer = False
        self.calls_left: int | None = None
        self.meanwhile: Callable[[], None] | None = None  # happens once, just before the next write at home
        self.disturbed = False  # something has happened between what was read and this write
        self.replicating = False
        self.patch = pytest.MonkeyPatch()
        self._install()
        self.replicators = {name: self.start(name) for name in members}

    def _install(self) -> None:
        world, patch = self, self.patch
        patch.setattr(clock, "now_ms", lambda: self.now_ms)
        patch.setattr("regions.breaker.time", SimpleNamespace(monotonic=lambda: self.now_ms / 1000))
        for module in ("regions.replicator", "regions.reconciliation", "foodforthought.stream_worker"):
            patch.setattr(f"{module}.ThreadPoolExecutor", InTurn)
        patch.setattr(topology, "current", lambda: self.seen)
        # The clients of models lead to the region that this process is; it is another one all the time.
        own = {id(model._get_connection().connection.client) for model in (Order, Availability, CatalogRecord)}

        def sent(client: BaseClient, operation: str, arguments: Mapping[str, Any]) -> Any:
            return world.send(topology.here() if id(client) in own else client.meta.region_name, operation, arguments)

        patch.setattr(BaseClient, "_make_api_call", sent)
        patch.setattr(stream_worker, "reader", SimpleNamespace(report=lambda records: None))
        patch.setattr("regions.replicator.MANY", 2)  # both ways of putting copies are taken
        patch.setattr("core.events.logger.disabled", True)  # what fails here is told by the thousand

    @contextmanager
    def acting_as(self, region: str) -> Iterator[None]:
        before = self.seen
        self.seen = replace(before, here=region)
        try:
            yield
        finally:
            self.seen = before

    def start(self, region: str) -> Replicator:
        """A new process of the region's worker: what the old one remembered is gone."""
        with self.acting_as(region):
            return Replicator(topology=self.seen, rules={self.rule.table: self.rule})

    @contextmanager
    def worker_of(self, region: str) -> Iterator[Replicator]:
        """The region's stream worker at work."""
        before, self.replicating = (stream_worker.replicator, self.replicating), True
        stream_worker.replicator = self.replicators[region]
        try:
            with self.acting_as(region):
                yield stream_worker.replicator
        except Killed:
            self.replicators[region] = self.start(region)
            raise
        finally:
            stream_worker.replicator, self.replicating = before

    def hand_over(self, region: str, images: list[Item]) -> None:
        """What Lambda does with a batch of the region's stream; raises what the worker raises."""
        arn = f"arn:aws:dynamodb:{region}:1:table/{ORDERS}/stream/1"
        with self.worker_of(region):
            records = [{"eventSourceARN": arn, "dynamodb": {"NewImage": image}} for image in images]
            stream_worker.handler({"Records": records}, None)

    def linked(self, one: str, other: str) -> bool:
        return frozenset({one, other}) not in self.cut

    # The edge

    def send(self, region: str, operation: str, arguments: Mapping[str, Any]) -> Any:
        if self.calls_left is not None:
            self.calls_left -= 1
            if self.calls_left < 0:
                self.calls_left = None
                raise Killed
        if not self.linked(topology.here(), region):
            raise EndpointConnectionError(endpoint_url=f"https://{region}")
        if operation == "SendMessageBatch" and region in self.queue_down:
            raise EndpointConnectionError(endpoint_url=f"https://sqs.{region}")
        if arguments.get("TableName") == OPERATIONS:
            return {}  # how old a backlog is: nothing depends on it
        if operation == "TransactWriteItems":
            return self._write_together(region, [entry["Put"] for entry in arguments["TransactItems"]])
        if operation not in ("PutItem", "UpdateItem", "DeleteItem"):
            return self.store.call(region, operation, arguments)
        if region == topology.here() and self.meanwhile:
            happening, self.meanwhile = self.meanwhile, None
            happening()
            self.disturbed = True
        answer = self._write(region, operation, arguments)
        self.disturbed = False
        if self.lose_answer:  # botocore sends it once more
            self.lose_answer = False
            answer = self._write(region, operation, arguments)
        return answer

    def _write_together(self, region: str, puts: list[Mapping[str, Any]]) -> Any:
        """All of them or none: only replicas are written so."""
        for put in puts:
            self._check_taken(region, put)
            if not holds(
                put["ConditionExpression"], self.store.item(region, ORDERS, put["Item"]["key"]["S"]) or {}, put
            ):
                error = {"Code": "TransactionCanceledException", "Message": "no"}
                raise ClientError({"Error": error}, "TransactWriteItems")  # type: ignore[typeddict-item]
        for put in puts:
            self._write(region, "PutItem", put)
        return {}

    def _check_taken(self, region: str, arguments: Mapping[str, Any]) -> None:
        key = arguments.get("Item", arguments.get("Key"))["key"]["S"]
        version = arguments.get("Item", {}).get("version", {}).get("N", "")
        if (region, key, version) in self.poison:
            raise ClientError({"Error": {"Code": "ValidationException", "Message": "no"}}, "PutItem")
        if (region, key) in self.refused:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "PutItem")

    def _write(self, region: str, operation: str, arguments: Mapping[str, Any]) -> Any:
        self._check_taken(region, arguments)
        key = arguments.get("Item", arguments.get("Key"))["key"]["S"]
        before = self.store.item(region, ORDERS, key)
        answer = self.store.call(region, operation, arguments)
        after = self.store.item(region, ORDERS, key)
        if after and after != before:
            self.streams[region].append(after)
            self._check(region, before, after)
        return answer

    def _check(self, region: str, before: Item | None, after: Item) -> None:
        """What holds of every write."""
        here, key, home = topology.here(), after["key"]["S"], after["home"]["S"]
        if home != here:
            kind = "nothing echoes" if self.replicating else "no write outside home"
            raise Broken(f"{kind}: {here} wrote {key} of {home} in {region}")
        if before and int(after["version"]["N"]) <= int(before["version"]["N"]):
            raise Broken(f"versions never go back: {key} in {region}, {before['version']} → {after['version']}")
        abroad = self.seen.jurisdiction_of(home) != self.seen.jurisdiction_of(region)
        if abroad and after.keys() - STUB:
            raise Broken(f"nothing personal abroad: {region} holds {sorted(after.keys() - STUB)} of {key}")
        if "deleted_at" in after and after.keys() - BOOKKEEPING:
            raise Broken(f"a tombstone says nothing: {sorted(after.keys() - BOOKKEEPING)} in {key}")
        if region == home and self.replicating and "status" in after and not self.disturbed:
            self._check_giving_way(region, after)

    def _check_giving_way(self, region: str, after: Item) -> None:
        """A home lets its order go only for one that goes on, or that was cancelled, as far as can be seen there."""
        others = [
            item["status"]["S"]
            for item in self.store.items(region, ORDERS)
            if "deleted_at" not in item and item["id"] == after["id"] and item["key"] != after["key"]
            and "content_fingerprint" in item
        ]  # fmt: skip
        status = after["status"]["S"]
        if status == "duplicate" and not set(others) - {"rejected", "cancelled", "duplicate"}:
            raise Broken(f"a twin gives way to one that goes on: {after['key']['S']} beside {others}")
        if status == "cancelled" and "cancelled" not in others:
            raise Broken(f"a twin is cancelled with one that was: {after['key']['S']} beside {others}")
