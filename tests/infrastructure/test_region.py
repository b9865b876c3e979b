"""What else a region has: its packages, its secret, and what keeps one mistake from holding a stream."""

import json
from pathlib import Path
from typing import Any

import pytest
from ministack.core import iam_evaluator

from localcloud.layout import ROOT
from regions import failures
from tests.iam import ACCOUNT
from tests.infrastructure.templates import DEPLOYED, TEMPLATES, of_type, resources

REGIONS = list(DEPLOYED.regions)
each_region = pytest.mark.parametrize("region", REGIONS)


@each_region
def test_there_is_the_bucket_that_zappa_uploads_to_and_nobody_sees_into_it(region: str) -> None:
    made = resources("packages", region, Domain=DEPLOYED.domain)
    (bucket,) = of_type(made, "AWS::S3::Bucket")
    stages = json.loads((ROOT / "zappa_settings.json").read_text()).values()
    assert {stage["s3_bucket"] for stage in stages if stage.get("aws_region") == region} == {bucket["BucketName"]}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (policy,) = of_type(made, "AWS::S3::BucketPolicy")
    document = json.loads(json.dumps(policy["PolicyDocument"]).replace("Packages.Arn", "arn:aws:s3:::packages"))
    assert _decision(document, secure=False) == "Deny"
    assert _decision(document, secure=True) == "ImplicitDeny"


def _decision(document: dict[str, Any], *, secure: bool) -> str:
    context = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:iam::{ACCOUNT}:role/anybody", principal_type="Role", principal_account=ACCOUNT,
        action="s3:GetObject", resource_arn="arn:aws:s3:::packages/release.zip", region="us-east-1", secure_transport=secure,
    )  # fmt: skip
    return str(iam_evaluator.evaluate(context, [iam_evaluator.parse_policy_document(document)]).decision)


@each_region
def test_the_secret_is_made_without_a_value(region: str) -> None:
    (secret,) = of_type(resources("secrets", region), "AWS::SecretsManager::Secret")
    assert secret["Name"] == f"foodforthought/{region}"
    assert set(secret) == {"Name", "Description"}


@each_region
def test_no_mistake_holds_a_stream_for_long_and_what_is_given_up_on_can_still_be_read(region: str) -> None:
    mappings = list(of_type(resources("worker", region), "AWS::Lambda::EventSourceMapping"))
    assert len(mappings) == 3
    for mapping in mappings:
        assert mapping["BisectBatchOnFunctionError"] is True
        assert 1 <= mapping["MaximumRetryAttempts"] <= 10
        assert mapping["MaximumRecordAgeInSeconds"] <= 12 * 3600, "of the stream's 24 hours, half is left to fetch it"
        destination = mapping["DestinationConfig"]["OnFailure"]["Destination"]
        assert destination.split(":")[3] == region
        assert destination.rpartition(":")[2] == failures.QUEUE
    queues = {queue["QueueName"]: queue for queue in of_type(resources("backlog", region), "AWS::SQS::Queue")}
    assert queues[failures.QUEUE]["MessageRetentionPeriod"] == 14 * 86400, "SQS keeps nothing for longer"
    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())


@each_region
def test_alarms_tell_the_topic_when_there_is_one(region: str) -> None:
    for template in ("backlog", "worker"):
        for topic in ("", "arn:aws:sns:eu-west-1:123456789012:pager"):
            made = resources(template, region, AlarmTopic=topic)
            for alarm in of_type(made, "AWS::CloudWatch::Alarm"):
                assert alarm.get("AlarmActions") == ([topic] if topic else None), alarm["AlarmName"]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.stem)
def test_a_template_is_ascii(file: Path) -> None:
    """CloudFormation gives any other character back as a question mark, and then no template is as it was deployed."""
    assert file.read_text().isascii()
