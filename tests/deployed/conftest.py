"""What a package for Lambda would contain, in a directory: the project's files, the static files as collected, and the libraries
of requirements/runtime.txt. Processes start in it as on Lambda; `localcloud`, tests and tools cannot be imported there."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.test import override_settings
from moto.core.models import MockAWS
from packaging.requirements import Requirement

from catalog import menu_cache
from catalog.models import Availability, CatalogRecord
from deployment import packaging
from deployment.functions import of_region
from deployment.package import UNWANTED, project_files
from orders.models import Order
from regions import aws as clients
from regions import health, topology
from tests.deployed.aws import Server, serve_moto
from tests.factories import cell_of, make_restaurant, save_restaurant
from tests.gazetteer import provider

ROOT = Path(__file__).parents[2]
REGION = "us-east-1"
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
"""Those that are deployed in tests, two of one jurisdiction and one of the other."""
DEPLOYED = topology.load({"AWS_REGION": REGION})
SITE = DEPLOYED.jurisdiction_host("na")
OPERATOR_KEY = "a key of the stage, long enough"
ORDER = {"kind": "delivery", "tip": "0", "postcode": "10003", "city": "New York", "region": "NY"}
CONTACT = {
    "name": "Ada Canary", "phone": "+1 212 555 0123", "street": "12 Canary Street", "unit": "Canary loft", "note": "Canary bell",
}  # fmt: skip
TABLES = (CatalogRecord, Availability, Order, health.Canary)


@pytest.fixture(scope="session")
def interpreter() -> str:
    """The path of one of the version that Lambda runs."""
    for python in (packaging.runtime(), os.environ.get("PYTHON", "python3")):
        with suppress(packaging.CannotPackage):
            return packaging.check_interpreter(python)
    pytest.skip(f"no {packaging.runtime()} is here; say where: PYTHON=…")


@pytest.fixture(scope="session")
def packages(interpreter: str, tmp_path_factory: pytest.TempPathFactory) -> packaging.Packages:
    """Of the regions that are deployed in tests, made as `make package` makes them."""
    stages = [function.stage for region in REGIONS for function in of_region(region)]
    return packaging.make(tmp_path_factory.mktemp("dist"), interpreter, stages, print)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = tmp_path_factory.mktemp("package")
    for file in project_files(ROOT):
        if file.parts[0] != "collected_static":  # whatever was collected when
            (package / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, package / file)
    with override_settings(STATIC_ROOT=package / "collected_static"):
        call_command("collectstatic", interactive=False, verbosity=0)
    for name in runtime_libraries():
        library = distribution(name)
        for top in {file.parts[0] for file in library.files or ()} - {"..", "__pycache__"}:
            (package / top).symlink_to(Path(str(library.locate_file(top))).resolve())
    return package


def runtime_libraries() -> Iterator[str]:
    for line in (ROOT / "requirements" / "runtime.txt").read_text().splitlines():
        if line[:1].isalnum():
            requirement = Requirement(line.rstrip("\\ "))
            if requirement.name not in UNWANTED and (requirement.marker is None or requirement.marker.evaluate()):
                yield requirement.name


@pytest.fixture(scope="module")
def aws(moto_aws: MockAWS) -> Iterator[Server]:
    """An AWS that other processes reach too, with a restaurant in the tables of this region."""
    moto_aws.reset()
    menu_cache.forget()
    for model in TABLES:
        model.create_table(billing_mode="PAY_PER_REQUEST", wait=False)
    save_restaurant()
    secret = json.dumps({"SECRET_KEYS": ["a key of the stage, long enough to sign"], "OPERATOR_KEY": OPERATOR_KEY})
    clients.client("secretsmanager", REGION).create_secret(Name=f"foodforthought/{REGION}", SecretString=secret)
    with serve_moto() as server:
        yield server
    moto_aws.reset()


@pytest.fixture(scope="module")
def environment(package: Path, aws: Server) -> dict[str, str]:
    """What a function finds on Lambda, and where AWS is."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(package),
        "AWS_LAMBDA_FUNCTION_NAME": f"foodforthought-{REGION}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "FFT_ENDPOINTS": json.dumps(
            dict.fromkeys(DEPLOYED.regions, f"http://127.0.0.1:{aws.server_port}")
            | {f"geo-places {REGION}": provider.server.url}
        ),
    }


def python(*arguments: str) -> list[str]:
    """Without the libraries of this interpreter's own environment, and without the script's directory."""
    return [sys.executable, "-S", "-P", *arguments]


def run(code: str, package: Path, environment: Mapping[str, str]) -> list[str]:
    """The lines that this code, run inside the package, writes."""
    done = subprocess.run(
        python("-c", code), cwd=package, env=environment, text=True, timeout=120,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


def hidden_in(page: str) -> dict[str, str]:
    """Of the checkout's form, what is sent along with what a person fills in."""
    return dict(re.findall(r'type="hidden" name="(agreed|token|position_of)" value="([^"]*)"', page))


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Stage:
    """The pages, in a process of their own inside the package."""

    def __init__(self, package: Path, environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        reading, writing = os.pipe()
        with log.open("w") as output:
            self.process = subprocess.Popen(
                python(str(Path(__file__).with_name("answering.py")), str(writing)),
                cwd=package, env=environment, pass_fds=[writing], text=True,
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        os.close(writing)
        self.answers = os.fdopen(reading)

    def ask(self, method: str, path: str, *, host: str = SITE, headers: Mapping[str, str] = {}, **more: Any) -> Answer:
        assert self.process.stdin
        arguments = {"headers": {"Host": host, "X-Forwarded-Proto": "https", **headers}, **more}
        self.process.stdin.write(json.dumps({"method": method, "path": path, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = self.answers.readline()
        assert answer, self.log.read_text()
        status, headers, body = json.loads(answer)
        return Answer(status, headers, base64.b64decode(body))

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, form: Mapping[str, str], **more: Any) -> Answer:
        body = {"data": urlencode(form), "content_type": "application/x-www-form-urlencoded"}
        return self.ask("POST", path, **body, **more)

    def add_dish(self) -> None:
        added = self.post("/restaurants/lucette/dishes/margherita/", {"quantity": "1", "group-size": "size:small"})
        assert added.status == 302

    def order(self) -> tuple[str, str]:
        """Order a dish; the path of the order's page, and its access secret."""
        self.add_dish()
        page = self.get("/checkout/?kind=delivery").text
        placed = self.post("/checkout/", {**ORDER, **CONTACT, **hidden_in(page)})
        assert placed.status == 302
        page = urlsplit(placed.headers["Location"])
        assert page.netloc == SITE
        return page.path, parse_qs(page.query)["access"][0]

    def end(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(30) == 0, self.log.read_text()
        self.answers.close()


@pytest.fixture(scope="module")
def stage(
    package: Path, environment: Mapping[str, str], cell: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    stage = Stage(package, environment, tmp_path_factory.mktemp("stage") / "log")
    assert stage.get(f"/near/{cell}/").status == 200  # from now on it knows where its customer is
    yield stage
    stage.end()


@pytest.fixture(scope="session")
def cell() -> str:
    return cell_of(make_restaurant())
