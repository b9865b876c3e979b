"""An AWS for whole deployments: one MiniStack that is all regions, and runs functions on the interpreter that Lambda runs."""

import hashlib
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from packaging.requirements import Requirement

from deployment import ROOT
from localcloud.processes import Child, spawn, wait_for
from regions import topology
from tests.cloud import free_ports

DEPLOYED = topology.load({})
LACKING = ("--leave-out=health_check", "--leave-out=time_to_live", "--parameter=HealthCheckId=none")


def virtualenv(interpreter: str) -> Path:
    """MiniStack and nothing else, so that a function finds nothing but what its package brings. Made once, and kept in var/."""
    requirements = "\n".join(_pinned(set(_closure("ministack"))))
    version = hashlib.sha256((requirements + interpreter).encode()).hexdigest()[:12]
    made = ROOT / "var" / f"ministack-{version}"
    if not (made / "made").exists():
        shutil.rmtree(made, ignore_errors=True)
        uv = ROOT / ".venv" / "bin" / "uv"
        subprocess.run([uv, "venv", "--quiet", "--no-config", "--python", interpreter, made], check=True)
        (made / "requirements.txt").write_text(requirements)
        install = ["--quiet", "--no-deps", "--require-hashes", "-r", made / "requirements.txt"]
        subprocess.run([uv, "pip", "install", "--python", made / "bin" / "python", *install], check=True)
        (made / "made").touch()
    return made


def _closure(name: str) -> Iterator[str]:
    """A library and all that it needs."""
    yield name.lower().replace("_", "-")
    with suppress(PackageNotFoundError):
        for line in requires(name) or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                yield from _closure(requirement.name)


def _pinned(names: set[str]) -> Iterator[str]:
    """What requirements/development.txt says of these, hashes included."""
    blocks = re.split(r"\n(?=\S)", (ROOT / "requirements" / "development.txt").read_text())
    yield from (block for block in blocks if re.split("[=\\[]", block, maxsplit=1)[0] in names)


class Emulated:
    """Hosts are said as in regions.toml; requests reach them by their Host header."""

    def __init__(self, data: Path, interpreter: str, dist: Path) -> None:
        self.dist = dist
        self.port = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        for directory in ("tmp", "state", "s3"):
            (data / directory).mkdir()
        environment = {
            "PATH": os.environ["PATH"], "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port), "LOG_LEVEL": "INFO",
            "TMPDIR": str(data / "tmp"), "STATE_DIR": str(data / "state"), "S3_DATA_DIR": str(data / "s3"),
            "IOT_MTLS_ENABLED": "0",
        }  # fmt: skip
        python = str(virtualenv(interpreter) / "bin" / "python")
        program = str(Path(__file__).with_name("emulator.py"))
        self.child: Child = spawn(
            "ministack", [python, "-P", program], environment=environment, log=data / "ministack.log"
        )
        wait_for(f"{self.url}/_ministack/health", self.child, seconds=60)

    def client(self, service: str, region: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service, region_name=region, endpoint_url=self.url, aws_access_key_id="test", aws_secret_access_key="test"
        )

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("FFT_", "AWS_"))}
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        return {**kept, **credentials, "AWS_ENDPOINT_URL": self.url, "FFT_DIST": str(self.dist)}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env={**self.environment, **variables}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def manage(self, *arguments: str, fails: bool = False, **variables: str) -> str:
        """What a command has printed."""
        process = self.start(*arguments, **variables)
        output, _ = process.communicate(timeout=300)
        assert (process.returncode != 0) == fails, output
        return output

    def deploy(self, *regions: str, fails: bool = False) -> str:
        return self.manage("deploy", f"--regions={','.join(regions)}", "--good-answers=2", *LACKING, fails=fails)

    def end(self) -> None:
        self.child.stop(seconds=20)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Browser:
    """Somebody's browser, at one host; it keeps cookies, and sends what it found in forms."""

    port: int
    host: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: bytes | None = None, *, headers: Mapping[str, str] = {}) -> Answer:
        """With what API Gateway adds: MiniStack does not."""
        sent = {
            "Host": self.host, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", "Accept": "*/*",
            "Accept-Encoding": "identity",
            "Origin": f"https://{self.host}", "Referer": f"https://{self.host}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **headers,
        }  # fmt: skip
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, form: Mapping[str, str]) -> Answer:
        fields = {"csrfmiddlewaretoken": self.cookies.get("csrftoken", ""), **form}
        return self.ask(
            "POST", path, urlencode(fields).encode(), headers={"Content-Type": "application/x-www-form-urlencoded"}
        )

    def post_json(self, path: str, document: Any, **headers: str) -> Answer:
        return self.ask(
            "POST", path, json.dumps(document).encode(), headers={"Content-Type": "application/json", **headers}
        )
