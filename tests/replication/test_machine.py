"""Nothing acknowledged is lost, whatever happens to regions, networks, queues and workers."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.replication.machine import Regions

QUICK = settings(
    max_examples=300,
    stateful_step_count=30,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)


def test_the_properties_hold() -> None:
    run_state_machine_as_test(Regions, settings=QUICK)
