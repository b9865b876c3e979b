"""How many orders are placed: a count per minute in each home's own `operations` table, made by its stream worker.

For people who watch, not for accounts: a batch that is handed over twice is counted twice.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from core import clock
from core.events import WARNING, event
from orders.models import Order
from regions import aws, topology
from regions.aws import OPERATIONS
from regions.heartbeat import is_heartbeat
from regions.replication import table_of

KEPT_SECONDS = 86_400


def count(records: Iterable[Mapping[str, Any]]) -> None:
    """Count the orders that stream records say were placed here; one UpdateItem, none when there are none."""
    placed = sum(_is_placed_here(record) for record in records)
    if not placed:
        return
    now = clock.now()
    try:
        aws.client("dynamodb", topology.here()).update_item(
            TableName=OPERATIONS,
            Key={"key": {"S": _key(topology.here(), f"{now:%Y-%m-%dT%H}")}},
            UpdateExpression="SET expires_at = :ends ADD #minute :placed",
            ExpressionAttributeNames={"#minute": f"{now:%M}"},
            ExpressionAttributeValues={
                ":placed": {"N": str(placed)},
                ":ends": {"N": str(clock.expires_at(KEPT_SECONDS))},
            },
        )
    except (BotoCoreError, ClientError) as error:
        # A count is not worth handing a batch over again.
        event("orders not counted", level=WARNING, error=type(error).__name__)


def last_hour(region: str) -> list[int]:
    """Orders placed in each of the last 60 minutes, the present one last; one BatchGet. Raises when it does not answer."""
    minutes = [clock.now() - timedelta(minutes=back) for back in range(59, -1, -1)]
    counts = aws.operations_items(region, sorted({_key(region, f"{at:%Y-%m-%dT%H}") for at in minutes}))
    return [int(counts.get(_key(region, f"{at:%Y-%m-%dT%H}"), {}).get(f"{at:%M}", {"N": "0"})["N"]) for at in minutes]


def _is_placed_here(record: Mapping[str, Any]) -> bool:
    image = record["dynamodb"].get("NewImage")
    return (
        record.get("eventName") == "INSERT"
        and table_of(record) == Order.Meta.table_name
        and image.get("home") == {"S": topology.here()}
        and not is_heartbeat([image["key"]["S"]])
    )


def _key(region: str, hour: str) -> str:
    return f"{region}#placed#{hour}"
