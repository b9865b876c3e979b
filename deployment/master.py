"""Changing the master: the permission to write the catalogue moves from one region's roles to another's.

IAM is the fence. The records say “master”, and each package has its own regions.toml, so for a while regions disagree about who
that is. But at no moment do two of them have the permission, whatever they believe; and a lost master that comes back has none.
The policies are those of infrastructure/roles.yaml, by their names; the next `deploy` finds them as it would have made them.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from deployment.account import client
from regions import aws
from regions.comparison import Standing
from regions.reconciliation import Progress, Reconciliation
from regions.replication import Rule, rules
from regions.restored_home import adopt
from regions.topology import Topology

PAGES = "catalogue"
SPREAD_SECONDS = 30.0  # until what IAM was told holds everywhere
CAUGHT_UP_SECONDS = 600.0
LOOK_SECONDS = 5.0

Tell = Callable[[str], None]


class NotChanged(Exception):
    """Why the master is not another one, and who may write the catalogue now."""


class Permission:
    """Who may write the catalogue, as IAM says it: which pages write it, and which worker copies it."""

    def __init__(self, topology: Topology) -> None:
        self.regions = tuple(topology.regions)
        self.iam = client("iam", topology.master)

    def holder(self, new: str) -> str:
        """The region whose worker copies the catalogue; the old one for as long as it has anything left of it."""
        for region in sorted(self.regions, key=lambda name: name == new):
            if any(self._get(_worker(region), _copies_to(target)) for target in self.regions):
                return region
        raise NotChanged("No role may copy the catalogue. `manage.py deploy` makes them anew.")

    def close(self, region: str) -> None:
        """No page writes the catalogue from now on; what was written is still copied. What it was allowed stays readable here."""
        self._set(_web(region), PAGES, _with_effect(self._known(_web(region), PAGES), "Deny"))

    def open(self, region: str) -> None:
        self._set(_web(region), PAGES, _with_effect(self._known(_web(region), PAGES), "Allow"))

    def move(self, old: str, new: str) -> None:
        """From a region that was closed. Ended anywhere, it can be done again."""
        closed = self._known(_web(old), PAGES)
        text = json.dumps(closed).replace(f":dynamodb:{old}:", f":dynamodb:{new}:")
        self._set(_web(new), PAGES, json.loads(text))  # still closed
        for target in self.regions:
            if document := self._get(_worker(old), _copies_to(target)):
                self._set(_worker(new), _copies_to(target), document)
                self.iam.delete_role_policy(RoleName=_worker(old), PolicyName=_copies_to(target))
        self.finish(new)

    def finish(self, new: str) -> None:
        """The new one's pages may write, when no others have anything of it any more."""
        for region in self.regions:
            if region != new and self._get(_web(region), PAGES):
                self.iam.delete_role_policy(RoleName=_web(region), PolicyName=PAGES)
        self.open(new)

    def _get(self, role: str, policy: str) -> Mapping[str, Any] | None:
        try:
            document = self.iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
        except self.iam.exceptions.NoSuchEntityException:
            return None
        return dict(document) if isinstance(document, dict) else dict(json.loads(document))

    def _known(self, role: str, policy: str) -> Mapping[str, Any]:
        if document := self._get(role, policy):
            return document
        raise NotChanged(f"The role {role} has no policy “{policy}”: `manage.py deploy` makes it anew.")

    def _set(self, role: str, policy: str, document: Mapping[str, Any]) -> None:
        self.iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=json.dumps(document))


def change(topology: Topology, tell: Tell, *, lost: bool = False) -> str:
    """To the master that regions.toml names; which it was before. `NotChanged` leaves the old one as it was."""
    new, permission = topology.master, Permission(topology)
    old = permission.holder(new)
    if old == new:
        permission.finish(new)
        tell(f"{new} may write the catalogue, and nobody else.")
        return old
    others = _answering(topology, [name for name in topology.regions if name != old])
    if new not in others:
        raise NotChanged(f"{new} does not answer. {old} is the master as before.")
    if lost:
        if _answering(topology, [old]):
            raise NotChanged(
                f"The tables of {old} answer, so nothing has to be lost: change the master without --lost."
            )
        permission.close(old)
        tell(f"The pages of {old} may not write the catalogue any more, also when it comes back.")
        bring_home(topology, [name for name in others if name != new], tell)
    else:
        _hand_over(topology, old, permission, tell)
    permission.move(old, new)
    tell(f"{new} may write the catalogue, and nobody else; its pages do when the package that says so is there.")
    return old


def _hand_over(topology: Topology, old: str, permission: Permission, tell: Tell) -> None:
    """Close the old one, and wait until all that it has written is everywhere; open it again when that does not come."""
    permission.close(old)
    tell(
        f"The pages of {old} may not write the catalogue any more. Waiting until what they have written is everywhere …"
    )
    try:
        time.sleep(SPREAD_SECONDS)
        deadline = time.monotonic() + CAUGHT_UP_SECONDS
        while reason := _not_yet(topology, old):
            if time.monotonic() > deadline:
                raise NotChanged(f"{reason}. {old} is the master as before.")
            time.sleep(LOOK_SECONDS)
    except BaseException:
        permission.open(old)
        raise
    tell("All regions hold the same catalogue.")


def _not_yet(topology: Topology, old: str) -> str | None:
    """Why the other regions do not hold the old master's catalogue; None when they do."""
    progress = _compare(topology, old, [name for name in topology.regions if name != old], lambda standing: None)
    if progress.lost:
        return "Without an answer: " + ", ".join(progress.lost)
    found = list(progress.findings.values())
    if ahead := sum(each.ahead + each.orphans for each in found):
        return f"{ahead} copies are newer than in {old}, or unknown to it: `manage.py reconcile --dry-run` there tells which"
    behind = sum(each.behind for each in found)
    return f"{behind} copies are missing or older: `manage.py reconcile` in {old} copies them" if behind else None


def bring_home(topology: Topology, others: Sequence[str], tell: Tell) -> None:
    """The new master has written nothing yet: what others hold that is newer comes from a lost one, and is adopted."""
    new = replace(topology, here=topology.master)
    outcomes: list[str] = []

    def decide(standing: Standing) -> None:
        outcomes.append(adopt(standing, rules()[standing.table], topology=new))

    _compare(topology, topology.master, others, decide)
    tell(f"{len(outcomes)} records of which others knew more than {topology.master} were brought there.")


def _compare(topology: Topology, master: str, others: Sequence[str], standing: Callable[[Standing], None]) -> Progress:
    """Of the catalogue only, without copying."""
    return Reconciliation(
        topology=replace(topology, here=master, master=master),
        rules=_catalogue(),
        targets=others,
        replicator=None,
        purpose="master",
        standing=standing,
        progress=lambda progress: None,
    ).run(from_start=True)


def _catalogue() -> Mapping[str, Rule]:
    return {table: rule for table, rule in rules().items() if rule.homed_at_master}


def _answering(topology: Topology, regions: Sequence[str]) -> list[str]:
    """Those whose table of the catalogue can be read."""
    (table,) = _catalogue()
    answering = []
    for region in regions:
        try:
            aws.impatient("dynamodb", region).scan(TableName=table, Limit=1)
        except (BotoCoreError, ClientError):
            continue
        answering.append(region)
    return answering


def _web(region: str) -> str:
    return f"foodforthought-web-{region}"


def _worker(region: str) -> str:
    return f"foodforthought-worker-{region}"


def _copies_to(target: str) -> str:
    return f"catalogue-in-{target}"


def _with_effect(document: Mapping[str, Any], effect: str) -> Mapping[str, Any]:
    return {**document, "Statement": [{**statement, "Effect": effect} for statement in document["Statement"]]}
