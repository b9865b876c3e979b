"""The AWS account that is deployed to: its clients, and what Zappa is started with."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from regions import topology
from regions.topology import Topology

LAPTOP_ONLY = ("AWS_REGION", "AWS_DEFAULT_REGION", "SECRET_KEY", "OPERATOR_KEY")
"""What the settings, or a developer, say to the processes of a laptop; and `FFT_…`. A stage says its own region."""

MADE_UP = "laptop"
"""The access key that the settings name for the embedded AWS."""


class CannotDeploy(Exception):
    """The message says what is wrong, what was left as it was, and what to do."""


def deployed() -> Topology:
    """The regions as they are deployed, whatever laptop cloud runs here."""
    return topology.load({})


def regions_named(text: str) -> list[str]:
    """Of “us-east-1,us-west-2”. `CannotDeploy` when regions.toml does not have them."""
    known, names = deployed().regions, text.split(",")
    if unknown := sorted(set(names) - set(known)):
        raise CannotDeploy(f"regions.toml has no {', '.join(unknown)}; it has {', '.join(known)}. Nothing was changed.")
    return names


@cache
def client(service: str, region: str) -> Any:
    """Patient, unlike those of the pages. `AWS_ENDPOINT_URL` says where AWS is, for an emulator."""
    config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 5})
    return boto3.client(service, region_name=region, config=config)  # type: ignore[call-overload]


def use_own_credentials() -> None:
    """Forget those that the settings made up: boto3 would prefer them to a profile's."""
    if os.environ.get("AWS_ACCESS_KEY_ID") == MADE_UP:
        del os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]


def who(region: str) -> str:
    """The ARN of whoever deploys. `CannotDeploy` when AWS does not know them."""
    try:
        return str(client("sts", region).get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError) as error:
        raise CannotDeploy(
            f"AWS does not say who you are ({error}). Nothing was changed. Name credentials: AWS_PROFILE=…, or `aws configure`."
        ) from error


def environment() -> dict[str, str]:
    """Of the processes that deploy."""
    return {
        name: value for name, value in os.environ.items() if name not in LAPTOP_ONLY and not name.startswith("FFT_")
    }
