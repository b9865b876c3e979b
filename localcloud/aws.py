"""The embedded AWS: one MiniStack per region, with the stacks of `infrastructure/`."""

import shutil
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from localcloud.layout import ROOT, Layout
from localcloud.processes import Child, CloudError, spawn, wait_for

STACKS = {
    "foodforthought-tables": ROOT / "infrastructure" / "tables.yaml",
    "foodforthought-backlog": ROOT / "infrastructure" / "backlog.yaml",
}
"""Stack → template, in the order in which they are made."""
MACROS: Any = ["CAPABILITY_AUTO_EXPAND"]  # a template may repeat a part for every region


def start(layout: Layout, region: str) -> Child:
    command = shutil.which("ministack", path=str(Path(sys.executable).parent)) or shutil.which("ministack")
    if command is None:
        raise CloudError("MiniStack is not installed; `make install` installs the development requirements.")
    return spawn(
        f"aws {region}", [command], environment=layout.aws_environment(region), log=layout.logs / f"aws-{region}.log"
    )


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
