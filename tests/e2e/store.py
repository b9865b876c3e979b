"""Waiting for what the regions' tables hold."""

import time
from collections.abc import Callable
from typing import Any

from localcloud import audit
from tests.cloud import Cloud

LIMIT_SECONDS = 180.0  # many times what a quiet machine needs; a busy one is not at fault


def items(cloud: Cloud, in_region: str, table: str) -> list[dict[str, Any]]:
    return audit.items(cloud.layout, in_region, table)


def differences(cloud: Cloud) -> list[str]:
    return audit.differences(cloud.layout)


def eventually(check: Callable[[], Any], what: str = "", *, seconds: float = LIMIT_SECONDS) -> Any:
    """The first truthy answer; fails after the time is up, and says what did not happen."""
    deadline = time.monotonic() + seconds
    while True:
        answer = check()
        if answer or time.monotonic() > deadline:
            assert answer, what
            return answer
        time.sleep(0.2)


def eventually_equal(cloud: Cloud, *, seconds: float = LIMIT_SECONDS) -> None:
    """Every replica is what its home says, within the time."""
    deadline = time.monotonic() + seconds
    while found := differences(cloud):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
