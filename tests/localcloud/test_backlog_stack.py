"""infrastructure/backlog.yaml on the embedded AWS: the queues are there, and the alarms go off by age and by number."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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


def state_of(cloudwatch: Any, alarm: str) -> str:
    (found,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    return str(found["StateValue"])


@pytest.mark.cloud
def test_there_is_a_queue_for_every_region(layout: Layout) -> None:
    urls = aws.client("sqs", layout, REGION).list_queues()["QueueUrls"]
    assert {url.rpartition("/")[2] for url in urls} == {queue_name(name) for name in topology.current().regions}


@pytest.mark.cloud
@pytest.mark.parametrize(
    ("metric", "kind", "quiet", "loud", "minutes"),
    [
        ("ApproximateAgeOfOldestMessage", "old", 299, 301, 1),
        ("ApproximateNumberOfMessagesVisible", "long", 999, 1_001, 3),
    ],
)
def test_an_alarm_goes_off_for_the_region_that_something_waits_for(
    layout: Layout, metric: str, kind: str, quiet: int, loud: int, minutes: int
) -> None:
    cloudwatch = aws.client("cloudwatch", layout, REGION)

    def say(target: str, value: int) -> None:
        dimensions = [{"Name": "QueueName", "Value": queue_name(target)}]
        now = datetime.now(UTC)
        cloudwatch.put_metric_data(
            Namespace="AWS/SQS",
            MetricData=[
                {
                    "MetricName": metric,
                    "Dimensions": dimensions,
                    "Value": value,
                    "Timestamp": now - timedelta(minutes=back),
                }
                for back in range(minutes + 1)
            ],
        )

    say("us-west-2", quiet)
    say("eu-west-1", loud)
    eventually(lambda: state_of(cloudwatch, f"{queue_name('eu-west-1')}-is-{kind}") == "ALARM", seconds=90)
    assert state_of(cloudwatch, f"{queue_name('us-west-2')}-is-{kind}") != "ALARM"
