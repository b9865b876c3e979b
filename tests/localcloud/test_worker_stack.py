"""infrastructure/worker.yaml on the embedded AWS: what wakes a region's worker, and with what."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from foodforthought import stream_worker
from localcloud import aws
from localcloud.layout import ROOT, Layout
from regions import failures
from regions.backlog import queue_name
from regions.replication import table_of
from tests.e2e.store import eventually
from tests.localcloud.conftest import REGION

NOTES_DOWN = "import json\ndef woken(event, context):\n    open({!r}, 'a').write(json.dumps(event) + chr(10))\n"
WORKER = f"foodforthought-worker-{REGION}"

pytestmark = pytest.mark.cloud


def zipped(code: str) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("noting.py", code)
    return package.getvalue()


@pytest.fixture(scope="module")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("worker") / "events"


@pytest.fixture(scope="module")
def client(layout_with_aws: Layout, events_file: Path) -> Callable[[str], Any]:
    """Clients of an embedded AWS whose worker notes down what it is woken with."""
    aws.client("lambda", layout_with_aws, REGION).create_function(
        FunctionName=WORKER, Runtime="python3.11", Handler="noting.woken",
        Role="arn:aws:iam::000000000000:role/worker", Code={"ZipFile": zipped(NOTES_DOWN.format(str(events_file)))},
    )  # fmt: skip
    template = (ROOT / "infrastructure" / "worker.yaml").read_text()
    aws.deploy(aws.client("cloudformation", layout_with_aws, REGION), "foodforthought-worker", template)
    return lambda service: aws.client(service, layout_with_aws, REGION)


def test_copies_and_twins_wake_the_worker_and_other_replicas_do_not(
    client: Callable[[str], Any], events_file: Path
) -> None:
    homes = ("eu-west-1", "us-west-2", "us-east-1")
    for table in ("orders", "availability"):
        for home in homes:
            item = {"key": {"S": f"{home}#1"}, "home": {"S": home}, "version": {"N": "1"}}
            client("dynamodb").put_item(TableName=f"foodforthought-{table}", Item=item)
    dish = {"pk": {"S": "restaurant#1"}, "sk": {"S": "profile"}, "home": {"S": "master"}, "version": {"N": "1"}}
    client("dynamodb").put_item(TableName="foodforthought-catalog", Item=dish)

    def woken_for() -> set[tuple[str, str]]:
        events = map(json.loads, events_file.read_text().splitlines() if events_file.exists() else [])
        records = [record for event in events for record in event["Records"]]
        return {(table_of(record), record["dynamodb"]["NewImage"]["home"]["S"]) for record in records}

    wanted = {
        ("foodforthought-orders", "us-east-1"),
        ("foodforthought-orders", "us-west-2"),
        ("foodforthought-availability", "us-east-1"),
        ("foodforthought-catalog", "master"),
    }
    eventually(lambda: woken_for() >= wanted)
    assert woken_for() == wanted


def test_the_clock_says_what_the_worker_understands(
    client: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    events = client("events")
    called: list[str] = []
    for name in ("beat", "drain", "settle"):
        monkeypatch.setattr(stream_worker, name, lambda event, context, name=name: called.append(name))
    for rule in events.list_rules()["Rules"]:
        assert rule["ScheduleExpression"] in ("rate(1 minute)", "rate(1 day)")
        (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert target["Arn"].endswith(f":function:foodforthought-worker-{REGION}")
        stream_worker.lambda_handler(json.loads(target["Input"]), None)
    assert sorted(called) == ["beat", "drain", "settle"]


def test_what_the_worker_fails_with_is_given_up_on_and_joins_the_backlogs(
    client: Callable[[str], Any], layout_with_aws: Layout
) -> None:
    client("lambda").update_function_code(
        FunctionName=WORKER, ZipFile=zipped("def woken(event, context):\n    1 / 0\n")
    )
    for mapping in client("lambda").list_event_source_mappings(FunctionName=WORKER)["EventSourceMappings"]:
        # The embedded AWS counts no retries; it gives up by age alone.
        client("lambda").update_event_source_mapping(UUID=mapping["UUID"], MaximumRecordAgeInSeconds=1)
    queue = client("sqs").get_queue_url(QueueName=failures.QUEUE)["QueueUrl"]
    for number in (1, 2):
        item = {"key": {"S": f"{REGION}#failed{number}"}, "home": {"S": REGION}, "version": {"N": "1"}}
        client("dynamodb").put_item(TableName="foodforthought-orders", Item=item)

    def joined() -> set[str]:
        """What waits for another region, once all that was given up on is fetched."""
        code = "from orders.settling import settle_later; from regions import failures; failures.drain(settle_later)"
        environment = layout_with_aws.environment(REGION)
        subprocess.run([sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=environment, check=True)
        waiting = client("sqs").get_queue_url(QueueName=queue_name("eu-west-1"))["QueueUrl"]
        answer = client("sqs").receive_message(QueueUrl=waiting, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return {json.loads(message["Body"])["key"][0] for message in answer.get("Messages", [])}

    eventually(lambda: joined() >= {f"{REGION}#failed1", f"{REGION}#failed2"})
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    assert set(left.values()) == {"0"}
