"""The embedded AWS: one MiniStack per region, with the stacks of `infrastructure/`."""

import os
import signal
import time
from typing import Any

import boto3
from botocore.exceptions import ClientError

from core import clock
from localcloud.layout import ROOT, Layout
from localcloud.processes import Child, CloudError, python, spawn, wait_for
from localcloud.saves import Beginning, Damaged, lay_out

STACKS = {
    "foodforthought-tables": ROOT / "infrastructure" / "tables.yaml",
    "foodforthought-backlog": ROOT / "infrastructure" / "backlog.yaml",
}
"""Stack → template, in the order in which they are made."""
SAVE_SECONDS = 30.0
MACROS: Any = ["CAPABILITY_AUTO_EXPAND"]  # a template may repeat a part for every region


def begin(layout: Layout, region: str) -> Beginning:
    """Lay out for a region what it goes on from; `CloudError` when none of its saves can be read."""
    saves = layout.saves(region)
    try:
        beginning = saves.begin()
    except Damaged as damaged:
        raise CloudError(
            f"{region} cannot start: none of its saves can be read, and they are left as they are: {damaged}. "
            f"Without {layout.aws_home(region)} it starts empty, and the other regions give it back what they hold."
        ) from None
    saves.put_aside_damaged()
    if beginning.save:
        lay_out(beginning.save, layout.aws_home(region) / "state")
    return beginning


def start(layout: Layout, region: str) -> Child:
    return spawn(
        f"aws {region}",
        python("localcloud.emulator"),
        environment=layout.aws_environment(region),
        log=layout.logs / f"aws-{region}.log",
        pid_file=layout.pid_file(f"aws {region}"),
    )


def save(layout: Layout, region: str, child: Child) -> None:
    """Have its state saved now; `CloudError` when that does not work."""
    before, since_ms = layout.saves(region).newest, clock.now_ms()
    os.kill(child.pid, signal.SIGUSR1)
    deadline = time.monotonic() + SAVE_SECONDS
    while (newest := layout.saves(region).newest) in (None, before) or newest.at_ms < since_ms:
        child.check_alive()
        if time.monotonic() > deadline:
            raise CloudError(f"The data of {region} cannot be saved; is the disk full? See {child.log}")
        time.sleep(0.05)


def wait_and_deploy(layout: Layout, region: str, child: Child) -> None:
    wait_for(f"{layout.aws_url(region)}/_ministack/health", child, seconds=30)
    for stack, template in STACKS.items():
        deploy(client("cloudformation", layout, region), stack, template.read_text())


def deploy(cloudformation: Any, stack: str, template: str) -> None:
    """Create the stack, or bring it up to date."""
    try:
        cloudformation.create_stack(StackName=stack, TemplateBody=template, Capabilities=MACROS)
        waiter = "stack_create_complete"
    except ClientError as error:
        if error.response["Error"]["Code"] != "AlreadyExistsException":
            raise
        try:
            cloudformation.update_stack(StackName=stack, TemplateBody=template, Capabilities=MACROS)
        except ClientError as update_error:
            if "No updates" in str(update_error):
                return
            raise
        waiter = "stack_update_complete"
    cloudformation.get_waiter(waiter).wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def client(service: str, layout: Layout, region: str) -> Any:
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=region,
        endpoint_url=layout.aws_url(region),
        aws_access_key_id="laptop",
        aws_secret_access_key="laptop",  # noqa: S106 - the embedded AWS checks nothing
    )
