"""Nothing acknowledged is lost, whatever happens to regions, networks, queues and workers."""

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.replication.machine import Regions

EXAMPLES = int(os.environ.get("FFT_EXAMPLES", "0"))
"""So many random runs; without it the same 400 every time, so that a gate says the same of the same code."""

QUICK = settings(
    max_examples=EXAMPLES or 400,
    derandomize=not EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_the_properties_hold() -> None:
    run_state_machine_as_test(Regions, settings=QUICK)
