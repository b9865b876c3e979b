"""Takes a region away: first nobody is led there, then nothing wakes there, then nothing is there but what holds data."""

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from deployment import functions, stacks
from deployment.account import CannotDeploy, client
from deployment.functions import Function
from deployment.stacks import Stack
from regions import failures
from regions.backlog import queue_name
from regions.topology import Topology

STAYS = "The tables and the secret stay, and the logs; the roles and the hosted zone, which are for all regions, too."


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
    return removed


def check(topology: Topology, region: str) -> None:
    """`CannotDeploy` while others need it, or something waits there."""
    if region == topology.master and (needing := others(topology, region)):
        raise CannotDeploy(
            f"{region} is the home of the catalogue that {', '.join(needing)} show. Nothing was changed. "
            "Change the master first, or undeploy the others before it."
        )
    # What waits for a region that is not there, reconcile copies when it comes.
    minded = {queue_name(target) for target in (region, *others(topology, region))} | {failures.QUEUE}
    waiting = {
        name: count for name, url in _queues(region).items() if name in minded and (count := _length(region, url))
    }
    if waiting:
        queues = ", ".join(f"{name} ({count})" for name, count in waiting.items())
        raise CannotDeploy(
            f"In {region} something waits to be copied: {queues}. Nothing was changed. "
            "Wait until its worker has copied it; manage.py backlog explain says what it waits for."
        )


def others(topology: Topology, region: str) -> list[str]:
    return [name for name in topology.regions if name != region and stacks.exists(Stack(stacks.WAKING, name))]


def _queues(region: str) -> dict[str, str]:
    """Name → URL."""
    urls = client("sqs", region).list_queues(QueueNamePrefix="foodforthought-").get("QueueUrls", [])
    return {url.rpartition("/")[2]: url for url in urls}


def _length(region: str, url: str) -> int:
    """So many entries, also those that somebody is at."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = client("sqs", region).get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def _remove_backlog(topology: Topology, region: str) -> str:
    """The stack keeps its queues; they are deleted with it, once more seen to be empty."""
    check(topology, region)
    done = stacks.delete(Stack("backlog", region))
    for url in _queues(region).values():
        client("sqs", region).delete_queue(QueueUrl=url)
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
