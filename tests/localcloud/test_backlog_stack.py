"""infrastructure/backlog.yaml on the embedded AWS: the queues are there, and the alarms go off by age and by number."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core import clock
from localcloud import aws
from localcloud.layout import Layout
from localcloud.processes import is_free
from regions import topology
from regions.backlog import queue_name
from tests.e2e.store import eventually

REGION = "us-east-1"


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    port = next(port for port in range(46_000, 49_000, 50) if all(is_free(port + n) for n in range(12)))
    data: Path = tmp_path_factory.mktemp("aws")
    layout = Layout(port=port, data=data)
    child = aws.start(layout, REGION)
    try:
        aws.wait_and_deploy(layout, REGION, child)
        yield layout
    finally:
        child.stop(seconds=20)


@pytest.mark.cloud
def test_there_is_a_queue_for_every_region(layout: Layout) -> None:
    urls = aws.client("sqs", layout, REGION).list_queues()["QueueUrls"]
    assert {url.rpartition("/")[2] for url in urls} == {queue_name(name) for name in topology.current().regions}


@pytest.mark.cloud
@pytest.mark.parametrize(
    ("metric", "kind", "quiet", "loud", "minutes"),
    [
        ("ApproximateNumberOfMessagesVisible", "old", 0, 1, 10),
        ("ApproximateNumberOfMessagesVisible", "long", 999, 1_001, 3),
    ],
)
def test_an_alarm_goes_off_for_what_waits_too_long_or_is_too_much(
    layout: Layout, metric: str, kind: str, quiet: int, loud: int, minutes: int
) -> None:
    cloudwatch = aws.client("cloudwatch", layout, REGION)
    queue = queue_name("eu-west-1")
    dimensions = [{"Name": "QueueName", "Value": queue}]

    def alarm() -> Any:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[f"{queue}-is-{kind}"])["MetricAlarms"]
        return found

    def say(value: int) -> None:
        now = clock.now() - timedelta(milliseconds=clock.offset_ms())  # CloudWatch's time is the real one
        times = [now - timedelta(minutes=back) for back in range(minutes + 1)]
        data = {"MetricName": metric, "Dimensions": dimensions, "Value": value}
        cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[{**data, "Timestamp": at} for at in times])

    assert alarm()["Dimensions"] == dimensions, "the embedded AWS does not tell queues apart by them; AWS does"
    say(quiet)
    eventually(lambda: alarm()["StateValue"] == "OK")
    say(loud)
    eventually(lambda: alarm()["StateValue"] == "ALARM")
