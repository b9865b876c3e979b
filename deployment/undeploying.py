"""Takes a region away: first nobody is led there, then nothing wakes there, then nothing is there but what holds data."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from deployment import functions, stacks
from deployment.account import CannotDeploy, client
from deployment.functions import Function
from deployment.stacks import Stack
from regions.backlog import queue_name
from regions.topology import Topology

STAYS = "The tables stay, and the secret that has signed what is in them; the hosted zone, too."


def steps(topology: Topology, region: str) -> dict[str, Callable[[], str]]:
    """In this order. Zappa, undeploying a worker, would delete the clock rules of CloudFormation: their stack goes before."""
    worker, pages = functions.of_region(region)
    removed: dict[str, Callable[[], str]] = {
        template: partial(stacks.delete, Stack(template, region))
        for template in (*reversed(stacks.TRAFFIC), stacks.EDGE, stacks.WAKING)
    }
    for function in (pages, worker):
        removed[function.name] = partial(functions.remove, function)
    removed["backlog"] = partial(_remove_backlog, topology, region)
    removed["packages"] = partial(_remove_packages, pages)
    if not others(topology, region):
        removed["roles"] = lambda: stacks.delete(Stack("roles", stacks.once_region(topology)))
    return removed


def check(topology: Topology, region: str) -> None:
    """`CannotDeploy` while others need it, or something waits there."""
    if region == topology.master and (needing := others(topology, region)):
        raise CannotDeploy(
            f"{region} is the home of the catalogue that {', '.join(needing)} show. Nothing was changed. "
            "Change the master first, or undeploy the others before it."
        )
    there = [
        region,
        *others(topology, region),
    ]  # what waits for a region that is not there, reconcile copies when it comes
    waiting = {target: count for target in there if (count := _waiting(region, target))}
    if waiting:
        raise CannotDeploy(
            f"In {region} wait copies for {', '.join(waiting)}: {sum(waiting.values())}. Nothing was changed. "
            "Wait until its worker has copied them; manage.py backlog explain says what they wait for."
        )


def others(topology: Topology, region: str) -> list[str]:
    return [name for name in topology.regions if name != region and stacks.exists(Stack(stacks.WAKING, name))]


def _waiting(region: str, target: str) -> int:
    """How many entries for the target are in its queue, also those that somebody is at; 0 without a queue."""
    sqs = client("sqs", region)
    counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    try:
        url = sqs.get_queue_url(QueueName=queue_name(target))["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
    except ClientError as error:
        if "NonExistentQueue" not in error.response["Error"]["Code"]:
            raise
        return 0
    return sum(int(attributes[name]) for name in counts)


def _remove_backlog(topology: Topology, region: str) -> str:
    """The stack keeps its queues; those that are empty are deleted with it."""
    check(topology, region)
    done = stacks.delete(Stack("backlog", region))
    sqs = client("sqs", region)
    for target in topology.regions:
        try:
            sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=queue_name(target))["QueueUrl"])
        except ClientError as error:
            if "NonExistentQueue" not in error.response["Error"]["Code"]:
                raise
    return done


def _remove_packages(function: Function) -> str:
    """CloudFormation deletes no bucket that something is in."""
    s3: Any = client("s3", function.region)
    try:
        while objects := s3.list_objects_v2(Bucket=function.bucket).get("Contents"):
            keys = [{"Key": entry["Key"]} for entry in objects]
            s3.delete_objects(Bucket=function.bucket, Delete={"Objects": keys})
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise
    return stacks.delete(Stack("packages", function.region))
