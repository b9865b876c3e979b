"""A replica is ahead of its home, or its home has lost the record: was the home restored from a backup? A person decides.

`adopt` brings the newest whole copy back home; `rewrite` raises the home's version above every copy, so that the home's record
overwrites them (where home has none: its tombstone). Both write at home only, under a condition, and nothing but home: the copies
follow by replication, as after any write.
"""

from botocore.exceptions import ClientError

from core import clock, ids
from core.errors import WrongRegion
from regions import aws
from regions.comparison import Held, Key, Standing, current_images, versions_in
from regions.models import TOMBSTONE_DAYS
from regions.replication import CONDITION, Image, Rule, home_of, is_whole
from regions.topology import Topology


def standing_of(rule: Rule, key: Key, *, topology: Topology) -> Standing:
    """What home and all other regions hold of one record; raises when one of them does not answer."""
    held: dict[str, Held] = {}
    for region in topology.others():
        there, _ = versions_in(region, rule, [key], consistent=True)
        held |= {region: there[key]} if key in there else {}
    at_home, _ = versions_in(topology.here, rule, [key], consistent=True)
    return Standing(rule.table, key, at_home[key].version if key in at_home else None, held)


def adopt(standing: Standing, rule: Rule, *, topology: Topology, dry_run: bool = False) -> str:
    """Make the newest whole copy the home's record, as it is; what was done, in a few words."""
    whole = {region: held for region, held in standing.held.items() if is_whole(rule, region, topology)}
    source = max(whole, key=lambda region: whole[region].version, default=None)
    if source is None or whole[source].version <= (standing.at_home or 0):
        return "not adopted: only stubs are newer, and a stub is not enough; --rewrite lets home insist"
    if dry_run:
        return f"would adopt version {whole[source].version} from {source}"
    found = _read(source, rule, standing.key, topology)
    if found is None:
        return f"not adopted: {source} has lost it, or nobody can read it there"
    image, version = found
    if not _put(image, rule, topology, CONDITION, version=version):
        return "not adopted: home has gone on meanwhile"
    still = standing.newest > version
    return f"adopted version {version} from {source}" + ("; a stub is newer still: --rewrite" if still else "")


def rewrite(standing: Standing, rule: Rule, *, topology: Topology, dry_run: bool = False) -> str:
    """Raise the home's version above every copy's; what was done, in a few words."""
    version = max(standing.newest + 1, clock.now_ms()) if standing.held else 0
    if version == 0 or standing.newest <= (standing.at_home or 0):
        return "nothing to rewrite: no copy is newer than home"
    if dry_run:
        return f"would {'bury' if standing.is_orphan else 'rewrite'} it with version {version}"
    if standing.is_orphan:
        return _bury(standing, rule, topology, version)
    return _raise_version(standing, rule, topology, version)


def _bury(standing: Standing, rule: Rule, topology: Topology, version: int) -> str:
    """The tombstone of what only copies know, unless home has come to know it."""
    source = max(standing.held, key=lambda region: standing.held[region].version)
    found = _read(source, rule, standing.key, topology)
    if found is None:
        return f"not buried: {source} has lost it, or nobody can read it there"
    image, _ = found
    tombstone = {
        **{name: image[name] for name in (*rule.key_names, "home")},
        "version": {"N": str(version)},
        "write_id": {"S": ids.new_write_id()},
        "deleted_at": {"N": str(clock.now_ms())},
        "expires_at": {"N": str(clock.expires_at(TOMBSTONE_DAYS * 86400))},
    }
    buried = _put(tombstone, rule, topology, "attribute_not_exists(version)")
    return f"buried with version {version}" if buried else "not buried: home has it again"


def _raise_version(standing: Standing, rule: Rule, topology: Topology, version: int) -> str:
    found = _read(topology.here, rule, standing.key, topology)
    if found is None:
        return "not rewritten: home has lost it, or nobody can read it there"
    image, read = found
    if read > standing.newest:
        return "not rewritten: home has gone on meanwhile, and is copied"
    raised = {**image, "version": {"N": str(version)}, "write_id": {"S": ids.new_write_id()}}
    written = _put(raised, rule, topology, "version = :read", read=read)
    return f"rewritten with version {version}" if written else "not rewritten: it changed at this moment; run it again"


def _put(image: Image, rule: Rule, topology: Topology, condition: str, **versions: int) -> bool:
    """False when the condition does not hold. Sent once only: a repetition would take its own first try for somebody else's."""
    values = {f":{name}": {"N": str(version)} for name, version in versions.items()}
    try:
        aws.client("dynamodb", topology.here, attempts=1).put_item(
            TableName=rule.table,
            Item=image,
            ConditionExpression=condition,
            **({"ExpressionAttributeValues": values} if values else {}),
        )
    except ClientError as error:
        if aws.error_code(error) != "ConditionalCheckFailedException":
            raise
        return False
    return True


def _read(region: str, rule: Rule, key: Key, topology: Topology) -> tuple[Image, int] | None:
    """What a region holds of a record, and its version; None when it is gone, or has no home or version.

    Raises `WrongRegion`, as `HomedModel` does, for a record whose home is elsewhere.
    """
    for image in current_images(region, rule, [key]):
        try:
            home, version = home_of(image, topology), int(image["version"]["N"])
        except (KeyError, ValueError):
            return None
        if home != topology.here:
            raise WrongRegion(home)
        return image, version
    return None
