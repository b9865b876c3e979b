"""Records that have a home: the one region where they may be written. Everything that is replicated is a `HomedModel`.

The rule is held in the model, on every way that PynamoDB has of writing: before anything is sent, `WrongRegion` is
raised for a record whose home is elsewhere, and `TypeError` for one whose key does not begin with its home, or for a write
without the rule; what is sent raises the record's version under a condition on the version that was read.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar, Self

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.models import Model

from core import clock, ids
from core.errors import Conflict, WrongRegion
from core.messages import say
from regions import aws, topology

TOMBSTONE_DAYS = 90
MASTER = "master"  # what catalogue records say; regions.toml says which region that is


class Leaves(StrEnum):
    """What a record becomes when it is copied out of its home's jurisdiction."""

    AS_ITSELF = "as itself"
    AS_STUB = "as a stub"
    NOT = "not at all"


class RegionalMeta:
    """Connection settings of this process's region. A request waits 2 seconds at most and is sent twice at most."""

    region = topology.here()
    connect_timeout_seconds = 1.0
    read_timeout_seconds = 2.0
    max_retry_attempts = 1


class RegionalModel(Model):
    """A table of a region. Models whose settings are the same share one client: making one takes 40 ms of CPU."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        connection = super()._get_connection()
        connection.connection._client = aws.client(
            "dynamodb",
            cls.Meta.region,
            connect_timeout_seconds=cls.Meta.connect_timeout_seconds,
            read_timeout_seconds=cls.Meta.read_timeout_seconds,
            attempts=1 + cls.Meta.max_retry_attempts,
            checks_parameters=False,  # PynamoDB makes them
        )
        return connection


class HomedModel(RegionalModel):
    """A record with a home and a version. `save` creates, `update` changes, `bury` removes.

    A subclass names every attribute in `operational` or `personal`, and what leaves the jurisdiction.
    """

    home = UnicodeAttribute()
    version = NumberAttribute(null=True)  # milliseconds, never falling: also after a deletion and a re-creation
    write_id = UnicodeAttribute(null=True)
    deleted_at = NumberAttribute(null=True)  # set on a tombstone
    expires_at = NumberAttribute(null=True)  # seconds, DynamoDB's TTL

    operational: ClassVar[frozenset[str]] = frozenset()
    personal: ClassVar[frozenset[str]] = frozenset()
    leaves_jurisdiction: ClassVar[Leaves] = Leaves.NOT
    homed_at_master: ClassVar[bool] = False
    stub: ClassVar[frozenset[str]] = frozenset()
    bookkeeping: ClassVar[frozenset[str]] = frozenset({"home", "version", "write_id", "deleted_at", "expires_at"})
    never_updated: ClassVar[frozenset[str]] = bookkeeping - {"expires_at"}

    unread: frozenset[str] = frozenset()
    """Attributes whose stored value is none that this release knows: of a newer one, or damaged by hand. They read as None."""

    _next_version: int | None = None
    _next_write_id: str | None = None

    @classmethod
    @cache
    def in_region(cls, region: str, *, timeout_seconds: float = RegionalMeta.read_timeout_seconds) -> type[Self]:
        """This model over another region's table, with a client of its own: for reading."""
        settings = {
            "region": region,
            "connect_timeout_seconds": timeout_seconds,
            "read_timeout_seconds": timeout_seconds,
            "max_retry_attempts": 0,
        }
        namespace = {
            "Meta": type("Meta", (cls.Meta,), settings),  # type: ignore[arg-type]
            "_connection": None,  # PynamoDB would take over the parent's
            "__module__": cls.__module__,
        }
        return type(cls)(cls.__name__, (cls,), namespace)  # type: ignore[misc]

    # One attribute that cannot be read does not make a record unreadable. PynamoDB's two hooks for what was read:

    @classmethod
    def _instantiate(cls, attribute_values: dict[str, dict[str, Any]]) -> Self:
        try:
            return super()._instantiate(attribute_values)
        except (ValueError, TypeError):
            unread = cls._unread_in(attribute_values)
            record = super()._instantiate({k: v for k, v in attribute_values.items() if k not in unread})
            record.unread = unread
            return record

    def deserialize(self, attribute_values: dict[str, dict[str, Any]]) -> None:
        self.unread = self._unread_in(attribute_values)
        super().deserialize({k: v for k, v in attribute_values.items() if k not in self.unread})

    @classmethod
    def _unread_in(cls, attribute_values: Mapping[str, dict[str, Any]]) -> frozenset[str]:
        """A kind of record that this release does not know is read as none of the kinds that it does."""
        try:
            kind = cls._get_discriminator_class(attribute_values) or cls  # type: ignore[arg-type]
        except (ValueError, TypeError):
            kind = cls
        attributes = kind.get_attributes()
        unread = set()
        for name in attributes.keys() & attribute_values.keys():
            try:
                if "NULL" not in attribute_values[name]:
                    attributes[name].deserialize(attributes[name].get_value(attribute_values[name]))
            except (ValueError, TypeError):
                unread.add(name)
        return frozenset(unread)

    @property
    def lacking(self) -> frozenset[str]:
        """What every record of this kind has since the first release, and this one has not, or not so that it can be read."""
        return self.always_there() - self.attribute_values.keys()

    @classmethod
    @cache
    def always_there(cls) -> frozenset[str]:
        """Attributes without which no record was ever written. What a later release adds is `null`, or has a `default`."""
        attributes = cls.get_attributes().items()
        return frozenset(name for name, attribute in attributes if not attribute.null and attribute.default is None)

    @property
    def is_tombstone(self) -> bool:
        return self.deleted_at is not None

    @property
    def home_region(self) -> str:
        """The region that is this record's home."""
        return topology.current().master if self.home == MASTER else str(self.home)

    def check_home(self) -> None:
        """Raise `WrongRegion` unless this process is the record's home; `TypeError` when its key says another home."""
        here = topology.here()
        if self.home_region != here:
            raise WrongRegion(self.home_region)
        in_key = str(getattr(self, str(self._hash_keyname))).partition("#")[0]
        if self.home != MASTER if self.homed_at_master else {self.home, in_key} != {here}:
            raise TypeError(f"A {type(self).__name__} with this key has another home than {self.home}.")

    def bury(self) -> None:
        """Turn a record that was read into its tombstone, to be saved: key, home, version and times, nothing else."""
        self.deleted_at = clock.now_ms()
        self.expires_at = clock.expires_at(TOMBSTONE_DAYS * 86400)

    # PynamoDB lets callers do without the version's condition (`add_version_condition=False`). Here nobody can.

    def save(self, condition: Condition | None = None) -> dict[str, Any]:  # type: ignore[override]
        """Create the record; `Conflict` when it is there already (a tombstone does not count)."""
        try:
            return super().save(condition)
        except PutError as error:
            self._settle(error)
            return {}

    def update(self, actions: list[Action], condition: Condition | None = None) -> Any:  # type: ignore[override]
        """Change the named attributes; `Conflict` when the record changed since it was read."""
        try:
            return super().update(actions, condition)
        except UpdateError as error:
            return self._settle(error)

    def _settle(self, error: PutError | UpdateError) -> None:
        """A failed condition may be our own write, sent a second time by a retry: then it worked."""
        if aws.error_code(error) != "ConditionalCheckFailedException":
            raise error
        intended = self._next_write_id
        try:
            self.refresh(consistent_read=True)
        except self.DoesNotExist:
            raise Conflict from error
        if self.write_id != intended:
            raise Conflict from error

    def get_update_kwargs_from_instance(
        self, *arguments: Any, add_version_condition: bool = True, **details: Any
    ) -> Any:
        """What a transaction asks for."""
        if not add_version_condition:
            raise TypeError("A homed record is changed under the condition of its version only.")
        return super().get_update_kwargs_from_instance(*arguments, **details)

    @classmethod
    def batch_write(cls, auto_commit: bool = True) -> Any:
        raise TypeError("A batch write carries no conditions; write homed records one by one or in a transaction.")

    def _handle_version_attribute(
        self, *, attributes: dict[str, Any] | None = None, actions: list[Action] | None = None
    ) -> Condition:
        """PynamoDB's one hook in save, update, delete and their transactional forms: guard, stamp, condition."""
        self.check_home()
        names = {action.values[0].path[0] for action in actions or ()}  # type: ignore[attr-defined]
        if named := self.never_updated & names:
            raise TypeError(f"An update does not name {', '.join(sorted(named))}: the model sees to it.")
        if self.unread & names:
            raise Conflict(
                say("A newer release has changed this. Nothing was changed here; try again in a few minutes.")
            )
        read = None if self.version is None else int(self.version)
        self._next_version = max((read or 0) + 1, clock.now_ms())
        self._next_write_id = ids.new_write_id()
        kind = type(self)
        if attributes is not None:
            attributes["version"] = {"N": str(self._next_version)}
            attributes["write_id"] = {"S": self._next_write_id}
            if self.is_tombstone:
                for name in attributes.keys() - self.bookkeeping:
                    del attributes[name]
                return kind.version == read
            is_free = self._hash_key_attribute().does_not_exist()  # type: ignore[no-untyped-call]
            return is_free | (kind.deleted_at.exists() & (kind.version < self._next_version))
        if actions is not None:
            actions.append(kind.version.set(self._next_version))
            actions.append(kind.write_id.set(self._next_write_id))
            return kind.version == read
        raise TypeError("Homed records are never deleted; bury them, so that the replicas learn of it.")

    def update_local_version_attribute(self) -> None:
        self.version = self._next_version
        self.write_id = self._next_write_id
