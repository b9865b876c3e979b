"""What a region's stream has lost because `localcloud.faults` said so, and what of it is still missing elsewhere."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from regions.comparison import Key, versions_in
from regions.heartbeat import is_heartbeat
from regions.models import Leaves
from regions.replication import Rule, home_of, is_whole, key_of, rules
from regions.topology import Topology


class Lost:
    """The records of one home that never reached its worker: a line for each, in a file that `region status` reads."""

    def __init__(self, file: Path, topology: Topology) -> None:
        self.file = file
        self.topology = topology

    def note(self, table: str, records: Sequence[dict[str, Any]]) -> None:
        rule = rules()[table]
        images = [record["dynamodb"]["NewImage"] for record in records if "NewImage" in record["dynamodb"]]
        ours = [image for image in images if home_of(image, self.topology) == self.topology.here]
        lines = [
            json.dumps([table, *key_of(image, rule), int(image["version"]["N"])])
            for image in ours
            if not is_heartbeat(key_of(image, rule))
        ]
        if lines:
            with self.file.open("a") as file:
                file.write("".join(f"{line}\n" for line in lines))

    def records(self) -> dict[str, dict[Key, int]]:
        """Table → key → the newest version that was lost."""
        found: dict[str, dict[Key, int]] = {}
        for table, *key, version in self._lines():
            versions = found.setdefault(table, {})
            versions[tuple(key)] = max(version, versions.get(tuple(key), 0))
        return found

    def missing(self) -> int | None:
        """How many of them some other region does not hold (or anything newer) yet; None when one does not answer."""
        missing: set[tuple[str, Key]] = set()
        for table, versions in self.records().items():
            rule = rules()[table]
            for region in [name for name in self.topology.others() if self._goes_to(name, rule)]:
                try:
                    held, _ = versions_in(region, rule, sorted(versions))
                except (BotoCoreError, ClientError):
                    return None
                behind = [key for key, version in versions.items() if key not in held or held[key].version < version]
                missing |= {(table, key) for key in behind}
        return len(missing)

    def _goes_to(self, region: str, rule: Rule) -> bool:
        return rule.leaves_jurisdiction != Leaves.NOT or is_whole(rule, region, self.topology)

    def _lines(self) -> Iterator[list[Any]]:
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                yield json.loads(line)
