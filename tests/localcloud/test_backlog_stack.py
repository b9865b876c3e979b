"""infrastructure/backlog.yaml on the embedded AWS: the queues are there, and the alarms go off by age and by number."""

from datetime import timedelta
from typing import Any

import pytest

from core import clock
from localcloud import aws
from localcloud.layout import Layout
from regions import failures, topology
from regions.backlog import queue_name
from tests.e2e.store import eventually
from tests.localcloud.conftest import REGION

pytestmark = pytest.mark.cloud


def test_there_is_a_queue_for_every_region(layout_with_aws: Layout) -> None:
    urls = aws.client("sqs", layout_with_aws, REGION).list_queues()["QueueUrls"]
    backlogs = {queue_name(name) for name in topology.current().regions}
    assert {url.rpartition("/")[2] for url in urls} == {*backlogs, failures.QUEUE}


@pytest.mark.parametrize(
    ("metric", "kind", "quiet", "loud", "minutes"),
    [
        ("ApproximateNumberOfMessagesVisible", "old", 0, 1, 10),
        ("ApproximateNumberOfMessagesVisible", "long", 999, 1_001, 3),
    ],
)
def test_an_alarm_goes_off_for_what_waits_too_long_or_is_too_much(
    layout_with_aws: Layout, metric: str, kind: str, quiet: int, loud: int, minutes: int
) -> None:
    cloudwatch = aws.client("cloudwatch", layout_with_aws, REGION)
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
