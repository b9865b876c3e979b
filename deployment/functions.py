"""The functions of a region, its pages and its worker: Zappa deploys them, with packages that are kept in the region's bucket."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from deployment import ROOT, stacks
from deployment.account import CannotDeploy, client, environment
from deployment.packaging import VIRTUALENV, stage_settings
from deployment.stacks import Stack

DIST = Path(os.environ.get("FFT_DIST") or ROOT / "dist")
"""Where the packages are."""

UPLOADED, KEPT = "uploads", "releases"
"""Directories of the region's bucket: what was to be deployed, and what has proved itself."""

TAG = "foodforthought-settings"
"""On a function: the hash of the settings that it was deployed with."""

SHOWN = 12
"""So many digits of a package's hash tell it apart."""


@dataclass(frozen=True)
class Function:
    """What a stage of zappa_settings.json is on Lambda."""

    stage: str

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        return stage_settings(self.stage)

    @property
    def region(self) -> str:
        return str(self.settings["aws_region"])

    @property
    def name(self) -> str:
        return f"{self.settings['project_name']}-{self.stage.replace('_', '-')}"

    @property
    def bucket(self) -> str:
        return str(self.settings["s3_bucket"])

    @property
    def has_api(self) -> bool:
        return bool(self.settings.get("apigateway_enabled", True))

    @property
    def stack(self) -> Stack:
        """Of the API, which Zappa calls as the function."""
        return Stack(self.stage, self.region)

    @property
    def package(self) -> Path:
        return DIST / f"{self.stage}.zip"

    def __str__(self) -> str:
        return self.name


def of_region(region: str) -> tuple[Function, Function]:
    """Its worker, which keeps up with what is new in records, before its pages, which write it."""
    stage = stacks.stage(region)
    return Function(f"worker_{stage}"), Function(stage)


def release_of(package: Path) -> str:
    """A package's name: the hash of what is in it."""
    try:
        return hashlib.sha256(package.read_bytes()).hexdigest()
    except FileNotFoundError:
        raise CannotDeploy(
            f"{package.name} is not there. Nothing was changed. Make the packages first: make package"
        ) from None


def deployed_release(function: Function) -> str | None:
    """The package that runs; None where there is no function."""
    configuration = _configuration(function)
    return base64.b64decode(configuration["CodeSha256"]).hex() if configuration else None


def _configuration(function: Function) -> dict[str, Any] | None:
    try:
        return dict(client("lambda", function.region).get_function_configuration(FunctionName=function.name))
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return None


def is_whole(function: Function) -> bool:
    """Both the function and its API are there. A deploy that was broken off leaves the one without the other."""
    return _configuration(function) is not None and (not function.has_api or stacks.exists(function.stack))


def is_up_to_date(function: Function, release: str) -> bool:
    """It runs this package, deployed with what zappa_settings.json says today."""
    configuration = _configuration(function)
    if configuration is None or not is_whole(function):
        return False
    tags = client("lambda", function.region).list_tags(Resource=configuration["FunctionArn"])["Tags"]
    return deployed_release(function) == release and tags.get(TAG) == _settings_hash(function)


def _settings_hash(function: Function) -> str:
    return hashlib.sha256(json.dumps(function.settings, sort_keys=True).encode()).hexdigest()[:SHOWN]


def apply(function: Function, release: str) -> str:
    """Have it run this package of the region's bucket: “deployed”, “updated” or “as it was”."""
    if is_up_to_date(function, release):
        return "as it was"
    address = f"s3://{function.bucket}/{_key(_where(function, release), function, release)}"
    if is_whole(function):
        done = "updated"
        zappa("update", function.stage, "--zip", address)
    else:
        done = "deployed"
        _clear(function)
        zappa("deploy", function.stage, "--zip", address)
    arn = (_configuration(function) or {})["FunctionArn"]
    client("lambda", function.region).tag_resource(Resource=arn, Tags={TAG: _settings_hash(function)})
    return done


def _clear(function: Function) -> None:
    """Of a deploy that was broken off. Without its API nobody can reach it, and Zappa would neither deploy nor update it."""
    if function.has_api:
        stacks.delete(function.stack)
    if _configuration(function):
        client("lambda", function.region).delete_function(FunctionName=function.name)


def plan(function: Function, release: str) -> str:
    if is_up_to_date(function, release):
        return f"as it is ({release[:SHOWN]})"
    if before := deployed_release(function):
        return f"would be updated from {before[:SHOWN]} to {release[:SHOWN]}"
    return f"would be deployed ({release[:SHOWN]})"


def upload(function: Function) -> None:
    """Put its package of dist/ into the region's bucket, and what runs now, if it is there no longer: a way back."""
    release = release_of(function.package)
    client("s3", function.region).upload_file(str(function.package), function.bucket, _key(UPLOADED, function, release))
    if now := deployed_release(function):
        _fetch(function, now)


def _fetch(function: Function, now: str) -> None:
    """What runs now, from Lambda: the bucket forgets a package after a while, and has none that Zappa alone deployed."""
    if now in _in(UPLOADED, function) + _in(KEPT, function):
        return
    code = client("lambda", function.region).get_function(FunctionName=function.name)["Code"]["Location"]
    with urllib.request.urlopen(code) as package:  # noqa: S310 - AWS says where
        client("s3", function.region).upload_fileobj(package, function.bucket, _key(UPLOADED, function, now))


def keep(function: Function) -> str:
    """What runs has proved itself: it is what to go back to from the next one."""
    now = deployed_release(function)
    if now is None or _in(KEPT, function)[:1] == [now]:
        return "as it was"
    _fetch(function, now)
    source = {"Bucket": function.bucket, "Key": _key(_where(function, now), function, now)}
    client("s3", function.region).copy(source, function.bucket, _key(KEPT, function, now))
    return f"{now[:SHOWN]} to go back to"


def _in(directory: str, function: Function) -> list[str]:
    """The releases in a directory of the bucket, the last one first."""
    prefix = f"{directory}/{function.stage}/"
    objects = client("s3", function.region).list_objects_v2(Bucket=function.bucket, Prefix=prefix)
    entries = sorted(objects.get("Contents", []), key=lambda entry: entry["LastModified"], reverse=True)
    return [Path(entry["Key"]).stem for entry in entries]


def _where(function: Function, release: str) -> str:
    return UPLOADED if release in _in(UPLOADED, function) else KEPT


def _key(directory: str, function: Function, release: str) -> str:
    return f"{directory}/{function.stage}/{release}.zip"


def previous(function: Function) -> str | None:
    """The release to go back to: the last one that was kept before the one that runs; None when there is none.

    An older one than the last kept runs where going back was broken off: it is what was gone back to.
    """
    now, kept = deployed_release(function), _in(KEPT, function)
    if now in kept[1:]:
        return now
    return next((release for release in kept if release != now), None)


def remove(function: Function) -> str:
    if not is_whole(function) and deployed_release(function) is None:
        return "not there"
    zappa("undeploy", function.stage, "--yes")
    return "deleted"


def zappa(command: str, stage: str, *arguments: str) -> None:
    """`CannotDeploy` with the end of what it says, if it fails."""
    program = DIST / VIRTUALENV / "bin" / "zappa"
    work = DIST / "zappa"  # it looks through the directory that it is started in
    work.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "zappa_settings.json", work)
    try:
        done = subprocess.run(
            [program, command, stage, *arguments], cwd=work, env={**environment(), "VIRTUAL_ENV": str(DIST / VIRTUALENV)},
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise CannotDeploy("dist/ has no Zappa. Nothing was changed. Make the packages first: make package") from None
    if done.returncode:
        raise CannotDeploy(f"“zappa {command} {stage}” failed:\n{done.stdout.strip()[-1500:]}")
