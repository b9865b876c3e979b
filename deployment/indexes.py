"""Whether an update may change a table's indexes: DynamoDB makes or removes one at a time, so CloudFormation one in an update."""

from collections.abc import Mapping
from typing import Any

Template = Mapping[str, Any]

Indexes = Mapping[str, Any]
"""Name → definition."""


def too_many(before: Template, after: Template) -> list[str]:
    """What to say of each table of which an update would change more than one index; none of it when all is well.

    Both templates as they are parsed; `before` is empty when there is no stack. A new table may have as many as it wants.
    """
    old, new = _indexes(before), _indexes(after)
    problems = []
    for table in old.keys() & new.keys():
        changed = _changes(old[table], new[table])
        if len(changed) > 1:
            problems.append(
                f"{table}: indexes {', '.join(sorted(set(changed)))} would be made or removed in one update, and DynamoDB does "
                "that one at a time. Release them one after the other."
            )
    return problems


def _indexes(template: Template) -> dict[str, Indexes]:
    return {
        name: {index["IndexName"]: index for index in resource["Properties"].get("GlobalSecondaryIndexes", [])}
        for name, resource in template.get("Resources", {}).items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }


def _changes(old: Indexes, new: Indexes) -> list[str]:
    """Each index that is made or removed; twice what is removed and made anew, because it is another one."""
    gone = [name for name in old if name not in new or new[name] != old[name]]
    return gone + [name for name in new if name not in old or new[name] != old[name]]
