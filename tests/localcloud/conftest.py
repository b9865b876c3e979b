"""One embedded AWS with the stacks, for all tests that only need a template on it."""

from collections.abc import Iterator

import pytest

from localcloud import aws
from localcloud.layout import Layout
from localcloud.processes import is_free

REGION = "us-east-1"


@pytest.fixture(scope="session")
def layout_with_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """Where it is; only `REGION` runs there."""
    port = next(port for port in range(46_000, 49_000, 50) if all(is_free(port + n) for n in range(12)))
    layout = Layout(port=port, data=tmp_path_factory.mktemp("aws"))
    child = aws.start(layout, REGION)
    try:
        aws.wait_and_deploy(layout, REGION, child)
        yield layout
    finally:
        child.stop(seconds=60)
