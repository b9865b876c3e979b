"""A restored home asks the others, as a process of its own: what it adopts, what is only an outline, and who did not answer."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localcloud import aws
from localcloud.adopting import adopt
from localcloud.layout import Layout
from localcloud.processes import is_free

HOME, SIBLING, ABROAD, SILENT = "us-east-1", "us-west-2", "eu-west-1", "eu-central-1"
TABLE = "foodforthought-orders"


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    """Three regions with an AWS each; the fourth does not answer."""
    count = len(Layout().ports())
    port = next(port for port in range(60_000, 63_000, 50) if all(is_free(port + n) for n in range(count)))
    layout = Layout(port=port, data=tmp_path)
    children = {region: aws.start(layout, region) for region in (HOME, SIBLING, ABROAD)}
    try:
        for region, child in children.items():
            aws.wait_and_deploy(layout, region, child)
        yield layout
    finally:
        for child in children.values():
            child.process.kill()
            child.process.wait()


def test_a_restored_home_gets_what_others_hold_that_is_newer(layout: Layout) -> None:
    def put(region: str, number: int, version: int, **values: str) -> dict[str, Any]:
        image = {"key": {"S": f"{HOME}#{number}"}, "home": {"S": HOME}, "version": {"N": str(version)}}
        image |= {name: {"S": value} for name, value in values.items()}
        aws.client("dynamodb", layout, region).put_item(TableName=TABLE, Item=image)
        return image

    def at_home(number: int) -> dict[str, Any] | None:
        key = {"key": {"S": f"{HOME}#{number}"}}
        item: dict[str, Any] | None = (
            aws.client("dynamodb", layout, HOME).get_item(TableName=TABLE, Key=key).get("Item")
        )
        return item

    lost = put(SIBLING, 1, 7, contact_name="Ada")
    put(HOME, 2, 3)
    newer = put(SIBLING, 2, 9, contact_name="Bea")
    kept = put(HOME, 3, 9)
    put(SIBLING, 3, 7)
    put(ABROAD, 4, 7)  # a stub

    (adoption,) = adopt(layout, {HOME: [SIBLING, ABROAD, SILENT]})
    assert (adoption.home, adoption.records, adoption.left, adoption.silent) == (HOME, 2, 1, [SILENT])
    assert [at_home(number) for number in (1, 2, 3, 4)] == [lost, newer, kept, None]
    (again,) = adopt(layout, {HOME: [SIBLING, ABROAD]})
    assert (again.records, again.silent) == (0, [])
