"""What the secret of each region holds: made here once, with the keys of its jurisdiction, and never shown.

`{"SECRET_KEYS": ["newest", "older", …], "OPERATOR_KEY": "…"}`; the keys are equal in a jurisdiction, so that a person who is led
to a sibling keeps the basket.
"""

import json
import secrets
from collections.abc import Iterable
from itertools import combinations
from typing import Any

from botocore.exceptions import ClientError

from core import clock
from deployment.account import CannotDeploy, client
from deployment.secrets import NotNow, first_keys
from regions.topology import Topology


def name(region: str) -> str:
    return f"foodforthought/{region}"


def value(region: str) -> dict[str, Any] | None:
    """None where there is no secret, or one without a value. `CannotDeploy` when the pages could not read it."""
    try:
        text = client("secretsmanager", region).get_secret_value(SecretId=name(region)).get("SecretString")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None
    if not text:
        return None
    try:
        read = dict(json.loads(text))
    except (ValueError, TypeError):
        read = {}
    keys = read.get("SECRET_KEYS")
    if not isinstance(keys, list) or not keys:
        raise CannotDeploy(
            f"The secret {name(region)} is no JSON object with a list of SECRET_KEYS; it was left as it is."
        )
    return read


def fill(topology: Topology, region: str) -> str:
    """Give the secret of a region its first value: its siblings' keys, or new ones."""
    held = {member: value(member) or {} for member in topology.members(topology.jurisdiction_of(region))}
    if held[region]:
        return "as it was"
    try:
        first = first_keys(
            {member: tuple(had.get("SECRET_KEYS", ())) for member, had in held.items()}, clock.now_ms() // 1000
        )
    except NotNow as error:
        raise CannotDeploy(f"{error} Nothing was changed.") from error
    operator_key = next(
        (had["OPERATOR_KEY"] for had in held.values() if had.get("OPERATOR_KEY")), secrets.token_urlsafe(32)
    )
    made = {"SECRET_KEYS": first.keys[region], "OPERATOR_KEY": operator_key}
    client("secretsmanager", region).put_secret_value(SecretId=name(region), SecretString=json.dumps(made))
    return "given the keys of its jurisdiction" if any(held.values()) else "given new keys"


def differences(topology: Topology, regions: Iterable[str]) -> list[str]:
    """What is wrong between the secrets of these regions: what one has signed is not believed, or believed too far."""
    wrong = []
    known = {region: held for region in regions if (held := value(region))}
    for region, other in combinations(known, 2):
        ours, theirs = known[region]["SECRET_KEYS"], known[other]["SECRET_KEYS"]
        is_sibling = topology.jurisdiction_of(region) == topology.jurisdiction_of(other)
        if is_sibling and ours[0] not in theirs:
            wrong.append(
                f"{other} does not believe what {region} signs, its sibling: a basket would be lost between them."
            )
        if not is_sibling and set(ours) & set(theirs):
            wrong.append(f"{region} and {other} have a key in common, and are of two jurisdictions.")
    return wrong
