"""Draining a region: new traffic goes to its siblings, and what has its home there is still served by its own endpoint.

The region says so in its canary, and is not ready for as long as it does (`regions.health`). Who asks for its health, Route 53 or
the laptop's router, then leads nobody there: nothing else has to be changed, and no control plane has to answer.
"""

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from regions import aws, health, topology
from regions.aws import OPERATIONS


class LastRegion(Exception):
    """No other region of the jurisdiction takes traffic: its customers would have nowhere to go."""


def drain(region: str) -> None:
    """Let it take no new traffic from now on; `LastRegion` when that would leave its jurisdiction none."""
    check_siblings(region)
    _change(region, "SET drained_at = if_not_exists(drained_at, :now)", {":now": {"N": str(clock.now_ms())}})
    try:
        check_siblings(region)  # somebody may have drained the sibling at the same moment
    except LastRegion:
        take_back(region)
        raise


def take_back(region: str) -> None:
    """Let it take traffic again."""
    _change(region, "REMOVE drained_at", {})


def check_siblings(region: str) -> None:
    """Raise `LastRegion`, with what is wrong with each sibling, unless one of them takes traffic."""
    jurisdiction = topology.current().jurisdiction_of(region)
    siblings = [name for name in topology.current().members(jurisdiction) if name != region]
    reasons = {sibling: _why_not(sibling) for sibling in siblings}
    if all(reasons.values()):
        told = "; ".join(f"{sibling} {reason}" for sibling, reason in reasons.items()) or "it has no sibling"
        raise LastRegion(f"No other region of {jurisdiction} takes traffic: {told}.")


def _why_not(region: str) -> str | None:
    """Why a region takes no traffic; None when it does."""
    try:
        state = health.state_of(region)
    except (BotoCoreError, ClientError) as error:
        return f"does not answer ({aws.error_code(error)})"
    if state.drained_at_ms is not None:
        return "is drained"
    return None if state.is_alive else "has not written its canary for a minute"


def _change(region: str, expression: str, values: dict[str, dict[str, str]]) -> None:
    aws.client("dynamodb", region).update_item(
        TableName=OPERATIONS,
        Key={"key": {"S": health.canary_key(region)}},
        UpdateExpression=expression,
        **({"ExpressionAttributeValues": values} if values else {}),
    )
