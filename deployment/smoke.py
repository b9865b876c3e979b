"""Asks a region what customers will, through its own endpoint, before anybody is led there."""

import http.client
import json
import os
import re
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from deployment.account import CannotDeploy
from deployment.stacks import Stack, output
from regions.health import THROTTLED
from regions.topology import Topology

TIMEOUT_SECONDS = 30.0
"""A cold start takes a few; API Gateway gives up after 29."""

PAUSE_SECONDS = 1.0
TRIES_PER_GOOD_ANSWER = 4


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class _Connection(http.client.HTTPSConnection):
    """To an address of ours, under the name that certificate and API Gateway know: no record leads to a new region yet."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(host, timeout=TIMEOUT_SECONDS)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, 443), self.timeout)
        self.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)


def ask(topology: Topology, region: str, path: str) -> Answer:
    """`OSError` or `http.client.HTTPException` when nothing answers."""
    host = topology.region_host(region)
    connection = _connect(host, region)
    try:
        connection.request("GET", path, headers={"Host": host, "Accept": "*/*", "Accept-Encoding": "identity"})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def _connect(host: str, region: str) -> http.client.HTTPConnection:
    emulator = os.environ.get("AWS_ENDPOINT_URL")
    if emulator:
        return http.client.HTTPConnection(urlsplit(emulator).netloc, timeout=TIMEOUT_SECONDS)
    return _Connection(host, output(Stack("edge", region), "RegionTarget"))


def test(topology: Topology, region: str) -> str:
    """Health, the front page, its static files, the API. `CannotDeploy` says what was answered instead."""
    for path, check in CHECKS.items():
        _expect(topology, region, path, check)
    files = _static_files(ask(topology, region, "/"))
    for path in files:
        _expect(topology, region, path, lambda answer, region: None if answer.body else "is empty")
    return f"{len(CHECKS)} addresses and {len(files)} files answer"


def _expect(topology: Topology, region: str, path: str, check: Callable[[Answer, str], str | None]) -> None:
    address = f"{topology.region_host(region)}{path}"
    try:
        answer = ask(topology, region, path)
    except (OSError, http.client.HTTPException) as error:
        raise CannotDeploy(f"{address} does not answer: {type(error).__name__}: {error}") from error
    if answer.status != 200:
        raise CannotDeploy(f"{address} answers {answer.status}: {answer.body[:300].decode(errors='replace')}")
    try:
        wrong = check(answer, region)
    except (ValueError, AttributeError) as error:  # no JSON, or no object
        raise CannotDeploy(f"{address} answers something else: {answer.body[:300].decode(errors='replace')}") from error
    if wrong:
        raise CannotDeploy(f"{address} {wrong}")


def _says_the_region(answer: Answer, region: str) -> str | None:
    said = json.loads(answer.body).get("region")
    return None if said == region else f"is answered by {said}"


def _is_a_page(answer: Answer, region: str) -> str | None:
    if answer.headers["Served-By"] != region:
        return f"is served by {answer.headers['Served-By']}"
    return None if _static_files(answer) else "names no static file"


def _is_a_list(answer: Answer, region: str) -> str | None:
    return None if isinstance(json.loads(answer.body).get("restaurants"), list) else "holds no list"


CHECKS: dict[str, Callable[[Answer, str], str | None]] = {
    "/health/live": _says_the_region,
    "/": _is_a_page,
    "/api/v1/restaurants?lat=40.7&lng=-74": _is_a_list,
}


def _static_files(page: Answer) -> list[str]:
    return sorted(set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.body.decode())))


def is_well(health: Answer) -> bool:
    """Ready, or so but for somebody having drained it: a region may be deployed while it takes no traffic, or at a meal time."""
    try:
        checks = dict(json.loads(health.body)["checks"])
    except (ValueError, KeyError, TypeError):
        return False
    traffic = checks.pop("traffic", "ok")
    return traffic in ("ok", "drained") and bool(checks) and set(checks.values()) <= {"ok", THROTTLED}


def watch(topology: Topology, region: str, good_answers: int) -> str:
    """Until so many answers in a row were good. `CannotDeploy` when it is not so after a few times as many."""
    in_a_row, last = 0, ""
    for _ in range(good_answers * TRIES_PER_GOOD_ANSWER):
        try:
            answer = ask(topology, region, "/health/ready")
            is_good, last = is_well(answer), f"{answer.status} {answer.body[:200].decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            is_good, last = False, f"{type(error).__name__}: {error}"
        in_a_row = in_a_row + 1 if is_good else 0
        if in_a_row == good_answers:
            return f"{good_answers} good answers in a row"
        time.sleep(PAUSE_SECONDS)
    raise CannotDeploy(f"{region} is not well for long enough; it last said: {last}")
