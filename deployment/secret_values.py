"""What the secret of each region holds: `{"SECRET_KEYS": ["newest", "older", …], "OPERATOR_KEY": "…"}`, and never shown.

The keys are equal in a jurisdiction, so that a person who is led to a sibling keeps the basket.
`deployment.secrets` has the rules.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from deployment.account import CannotDeploy, client
from deployment.secrets import Keys, NotNow, Step, first_keys
from regions.aws import error_code
from regions.topology import Topology


def name(region: str) -> str:
    return f"foodforthought/{region}"


def value(region: str) -> dict[str, Any] | None:
    """None where there is no secret, or one without a value. `CannotDeploy` when it is none that the pages could read."""
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
        keys = read.get("SECRET_KEYS", [])
    except (ValueError, TypeError):
        keys = None
    if not isinstance(keys, list):
        raise CannotDeploy(f"{name(region)} is no JSON object with a list of SECRET_KEYS. It was left as it is.")
    return read


def keys_of(value: Mapping[str, Any] | None) -> Keys:
    return tuple((value or {}).get("SECRET_KEYS", ()))


def changed_at_seconds(region: str) -> int:
    """When the secret was changed last. Raises when there is none, or it does not answer."""
    changed = client("secretsmanager", region).describe_secret(SecretId=name(region))["LastChangedDate"]
    return clock.from_real_ms(clock.to_ms(changed)) // 1000


def write(step: Step, held: Mapping[str, Mapping[str, Any] | None]) -> None:
    """The keys of this step into its regions' secrets, beside what else these hold. `CannotDeploy` names one that fails."""
    operator_keys = [(value or {}).get("OPERATOR_KEY") for value in held.values()]
    operator_key = next(filter(None, operator_keys), None) or secrets.token_urlsafe(32)
    for region, keys in step.keys.items():
        before = held[region] or {}
        document = {**before, "SECRET_KEYS": keys, "OPERATOR_KEY": before.get("OPERATOR_KEY") or operator_key}
        try:
            client("secretsmanager", region).put_secret_value(SecretId=name(region), SecretString=json.dumps(document))
        except (BotoCoreError, ClientError) as error:
            raise CannotDeploy(
                f"{name(region)} cannot be written ({error_code(error)}). Regions before it are changed, which harms nothing; "
                "run the same again."
            ) from error


def fill(topology: Topology, region: str) -> str:
    """Give the secret of a region its first keys: its siblings', or new ones."""
    held = {member: value(member) for member in topology.members(topology.jurisdiction_of(region))}
    keys = {member: keys_of(its) for member, its in held.items()}
    if keys[region]:
        return "as it was"
    try:
        first = first_keys(keys, clock.now_ms() // 1000)
    except NotNow as error:
        raise CannotDeploy(f"{error} Nothing was changed.") from error
    write(Step(first.done, {region: first.keys[region]}), held)
    return "given the keys of its jurisdiction" if any(keys.values()) else "given new keys"


def differences(topology: Topology, regions: Iterable[str]) -> list[str]:
    """What is wrong between the secrets of these regions: what one has signed is not believed, or believed too far."""
    wrong = []
    known = {region: keys for region in regions if (keys := keys_of(value(region)))}
    for region, other in combinations(known, 2):
        ours, theirs = known[region], known[other]
        is_sibling = topology.jurisdiction_of(region) == topology.jurisdiction_of(other)
        if is_sibling and ours[0] not in theirs:
            wrong.append(
                f"{other} does not believe what {region} signs, its sibling: a basket would be lost between them."
            )
        if not is_sibling and set(ours) & set(theirs):
            wrong.append(f"{region} and {other} have a key in common, and are of two jurisdictions.")
    return wrong
