"""What a write means for the other regions. Pure rules, no AWS: given an image and the topology, the copies to make.

Copy only what has its home here: a replica that lands here is never sent on, so nothing loops.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from regions.models import MASTER, HomedModel, Leaves
from regions.topology import Topology

Image = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB's own JSON: attribute → {"S": …}, {"N": …}, …"""

CONDITION = "attribute_not_exists(version) OR version < :version"
"""What makes replays, duplicates and reordering harmless: a replica only ever moves forward."""


@dataclass(frozen=True)
class Rule:
    """How one table is replicated."""

    table: str
    key_names: tuple[str, ...]
    leaves_jurisdiction: Leaves
    stub: frozenset[str]
    homed_at_master: bool


@dataclass(frozen=True)
class Copy:
    """One conditional put into another region."""

    region: str
    table: str
    key: tuple[str, ...]
    version: int
    image: Image


def rule_of(model: type[HomedModel]) -> Rule:
    attributes = model.get_attributes().values()
    hash_keys = [a.attr_name for a in attributes if a.is_hash_key]
    range_keys = [a.attr_name for a in attributes if a.is_range_key]
    keys = (*hash_keys, *range_keys)
    # Bookkeeping makes a stub a replica: versions order it, a tombstone ends it.
    allowed = model.stub | set(keys) | (model.bookkeeping - {"write_id"})
    return Rule(
        model.Meta.table_name,
        keys,
        model.leaves_jurisdiction,
        frozenset(allowed),
        homed_at_master=model.homed_at_master,
    )


def replicated_models() -> list[type[HomedModel]]:
    """One model of every replicated table: what `settings.REPLICATED` lists, whatever a process has imported by then."""
    return [import_string(name) for name in settings.REPLICATED]


@cache
def rules() -> Mapping[str, Rule]:
    """Table name → rule, for every replicated table."""
    return {rule.table: rule for rule in map(rule_of, replicated_models())}


def table_of(record: Mapping[str, Any]) -> str:
    """The table of a stream record, from its `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`."""
    return str(record["eventSourceARN"]).split(":table/", 1)[1].split("/", 1)[0]


def plan(record: Mapping[str, Any], *, rules: Mapping[str, Rule], topology: Topology) -> list[Copy]:
    """The copies that one stream record (in the shape that Lambda gets) asks for."""
    image = record["dynamodb"].get("NewImage")
    # REMOVE has no new image: only TTL removes items, each region for itself.
    return copies_of(image, rule=rules[table_of(record)], topology=topology) if image else []


def copies_of(image: Image, *, rule: Rule, topology: Topology, to: Iterable[str] | None = None) -> list[Copy]:
    """The copies of an item that the other regions (or those of them in `to`) should hold."""
    if home_of(image, topology) != topology.here:
        return []
    key = key_of(image, rule)
    version = int(image["version"]["N"])
    copies = []
    for region in topology.others() if to is None else to:
        outgoing: Image | None = image
        if topology.jurisdiction_of(region) != topology.jurisdiction:
            outgoing = _abroad(image, rule)
        if outgoing is not None:
            copies.append(Copy(region, rule.table, key, version, outgoing))
    return copies


def home_of(image: Image, topology: Topology) -> str:
    """The region that is an item's home."""
    home = str(image["home"]["S"])
    return topology.master if home == MASTER else home


def key_of(image: Image, rule: Rule) -> tuple[str, ...]:
    return tuple(str(image[name]["S"]) for name in rule.key_names)


def is_whole(rule: Rule, region: str, topology: Topology) -> bool:
    """Does a region hold whole items of this home, not stubs?"""
    abroad = topology.jurisdiction_of(region) != topology.jurisdiction
    return not abroad or rule.leaves_jurisdiction == Leaves.AS_ITSELF


def newest(copies: Iterable[Copy]) -> list[Copy]:
    """Of several copies of one item to one region only the newest: the older ones would be overwritten anyway."""
    kept: dict[tuple[str, str, tuple[str, ...]], Copy] = {}
    for copy in copies:
        place = (copy.region, copy.table, copy.key)
        if place not in kept or kept[place].version < copy.version:
            kept[place] = copy
    return list(kept.values())


def _abroad(image: Image, rule: Rule) -> Image | None:
    match rule.leaves_jurisdiction:
        case Leaves.AS_ITSELF:
            return image
        case Leaves.AS_STUB:
            return {name: value for name, value in image.items() if name in rule.stub}
        case Leaves.NOT:
            return None
