"""The zip file that is deployed, made as `make package` makes it, started on the interpreter that Lambda runs."""

import json
import re
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from deployment import packaging
from deployment.package import KEPT, LANGUAGES, SERVICES
from regions import topology
from tests.deployed.conftest import CONTACT, REGION, ROOT, SITE
from tests.deployed.test_package import STATIC

# What Lambda does: imports the handler that Zappa names, and calls it with what API Gateway sends.
INVOKE = """
import json, sys
from handler import lambda_handler
for line in open(0):
    print("ANSWER", json.dumps(lambda_handler(json.loads(line), None)), flush=True)
"""


@pytest.fixture(scope="module")
def unpacked(packages: packaging.Packages, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(packages.files["us_east_1"]) as package:
        package.extractall(target)
    return target


def started(interpreter: str, tree: Path, environment: Mapping[str, str], code: str, lines: str = "") -> list[str]:
    done = subprocess.run(
        [interpreter, "-S", "-P", "-B", "-c", code], cwd=tree, env={**environment, "PYTHONPATH": str(tree)}, text=True,
        input=lines, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout.splitlines()


def request(path: str, **more: Any) -> dict[str, Any]:
    """A GET as API Gateway's REST API hands it over."""
    headers = {"Host": SITE, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7", **more.pop("headers", {})}
    query = {name: [value] for name, value in more.pop("query", {}).items()}
    return {
        "httpMethod": "GET", "path": path, "resource": "/{proxy+}", "body": None, "isBase64Encoded": False,
        "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None, "multiValueQueryStringParameters": query or None,
        "requestContext": {"stage": "us_east_1", "identity": {"sourceIp": "203.0.113.7"}}, **more,
    }  # fmt: skip


def invoke(
    interpreter: str, tree: Path, environment: Mapping[str, str], *requests: dict[str, Any]
) -> tuple[list[Any], str]:
    """What Zappa's handler answers, and everything that is written to the log."""
    lines = started(interpreter, tree, environment, INVOKE, "".join(json.dumps(entry) + "\n" for entry in requests))
    answers = [json.loads(line.removeprefix("ANSWER ")) for line in lines if line.startswith("ANSWER ")]
    return answers, "\n".join(line for line in lines if not line.startswith("ANSWER "))


@pytest.mark.cloud
def test_it_is_small_and_made_once_for_all_stages(packages: packaging.Packages) -> None:
    contents = []
    for name, file in packages.files.items():
        assert file.stat().st_size <= packaging.MAX_MB * 1_000_000
        with zipfile.ZipFile(file) as package:
            assert f"API_STAGE='{name}'" in package.read(packaging.SETTINGS).decode()
            contents.append({entry.filename: entry.CRC for entry in package.infolist()})
            assert len(contents[-1]) == len(package.infolist())
    for others in contents[1:]:
        assert {name for name in contents[0] if contents[0][name] != others[name]} == {packaging.SETTINGS}
        assert contents[0].keys() == others.keys()


@pytest.mark.cloud
def test_a_page_its_files_and_health_are_served_through_zappas_handler(
    interpreter: str, unpacked: Path, environment: Mapping[str, str]
) -> None:
    (menu, health), _ = invoke(
        interpreter, unpacked, environment, request("/restaurants/lucette/"), request("/health/live")
    )
    assert (menu["statusCode"], health["statusCode"]) == (200, 200)
    files = STATIC.findall(menu["body"])
    answers, _ = invoke(interpreter, unpacked, environment, *(request(file) for file in files))
    assert len(files) > 2
    assert [answer["statusCode"] for answer in answers] == [200] * len(files)


@pytest.mark.cloud
def test_neither_secrets_nor_cookies_nor_bodies_are_logged(
    interpreter: str, unpacked: Path, environment: Mapping[str, str]
) -> None:
    secrets = {"Cookie": "basket=canary-cookie", "Referer": f"https://{SITE}/?access=canary-referer"}
    order = "/orders/us-east-1/01JDXGZ0000000000000000000/"
    (page, posted, broken), log = invoke(
        interpreter, unpacked, environment,
        request(order, query={"access": "canary-access"}, headers=secrets),
        request("/where/", httpMethod="POST", headers=secrets, body=f"q={CONTACT['street']}"),
        request("/where/", httpMethod="POST", headers=secrets, body="not base64: canary-body!", isBase64Encoded=True),
    )  # fmt: skip
    assert page["statusCode"] in (403, 404)
    assert posted["statusCode"] >= 400
    assert broken["statusCode"] >= 400
    assert '"message": "request"' in log
    for secret in ("anary", "203.0.113.7", "access="):
        assert secret not in log, log


@pytest.mark.cloud
def test_the_package_of_another_region_does_not_start(
    interpreter: str, unpacked: Path, environment: Mapping[str, str]
) -> None:
    code = (
        "from django.core.exceptions import ImproperlyConfigured\n"
        "try:\n"
        "    from handler import LambdaHandler\n"
        "    LambdaHandler()\n"
        "except ImproperlyConfigured as error:\n"
        "    print(error)\n"
    )
    elsewhere = {**environment, "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    lines = started(interpreter, unpacked, elsewhere, code)
    assert any(line.startswith(f"This package was made for {REGION} and runs in eu-west-1") for line in lines), lines


@pytest.mark.cloud
def test_all_bytecode_is_used_though_files_are_dated_1980(
    interpreter: str, unpacked: Path, environment: Mapping[str, str]
) -> None:
    code = (
        "import os, pathlib, sys, handler; handler.LambdaHandler()\n"
        "for name, module in list(sys.modules.items()):\n"
        "    cached = getattr(module, '__cached__', None) or ''\n"
        "    if cached.startswith(os.environ['PYTHONPATH']):\n"
        "        print('BYTECODE', name, pathlib.Path(cached).read_bytes()[4] if os.path.exists(cached) else None)\n"
    )
    lines = [line for line in started(interpreter, unpacked, environment, code) if line.startswith("BYTECODE ")]
    without = {line.split()[1] for line in lines if line.split()[2] != "1"}  # 1: by hash, unchecked
    assert len(lines) > 200
    assert without == {"zappa_settings"}
    assert b"/work/tree" not in (next((unpacked / "core/__pycache__").glob("clock.*"))).read_bytes()


@pytest.mark.cloud
def test_translations_and_formats_of_every_language_are_there(
    interpreter: str, unpacked: Path, environment: Mapping[str, str]
) -> None:
    code = (
        "import django, os\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'foodforthought.settings'\n"
        "django.setup()\n"
        "from babel.numbers import format_currency\n"
        "from core import phone_numbers\n"
        "from django.utils import translation\n"
        "import holidays, h3, ulid, opening_hours\n"
        f"for language in {sorted(LANGUAGES)}:\n"
        "    translation.activate(language)\n"
        "    required = translation.gettext('This field is required.')\n"
        "    print('SAYS', language, required, format_currency(1, 'EUR', locale=language))\n"
        "from places.fields import fields\n"
        f"for country in {sorted(topology.current().country_jurisdictions)}:\n"
        "    assert any(field.kind != 'unit' and field.example for field in fields(country)), country\n"
        "christmas = holidays.country_holidays('DE', years=2026).get('2026-12-25')\n"
        "print('SAYS', phone_numbers.read('(212) 555-0100', 'US'), christmas)\n"
    )
    says = [line for line in started(interpreter, unpacked, environment, code) if line.startswith("SAYS ")]
    assert len(set(says)) == len(LANGUAGES) + 1
    assert "+12125550100 " in says[-1]
    assert not says[-1].endswith("None")


def test_what_is_kept_of_the_libraries_is_what_the_code_uses(settings: Any) -> None:
    used = set()
    for pattern in KEPT:
        for file in ROOT.glob(pattern):
            if file.suffix == ".py":
                used |= set(re.findall(r'(?:client|impatient)\(\s*"([a-z-]+)"', file.read_text()))
    assert used == SERVICES
    assert {language for language, _ in settings.LANGUAGES} == LANGUAGES


@pytest.mark.parametrize("python", ["python-that-nobody-has", "false"])
def test_an_interpreter_that_does_not_start_is_refused(python: str) -> None:
    with pytest.raises(CommandError, match=r"zappa_settings.json says that Lambda runs python3.13; .* PYTHON="):
        call_command("package", python=python)


def test_an_interpreter_of_another_version_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "python3.13"
    other.write_text("#!/bin/sh\necho python3.11 /usr/bin/python3.11\n")
    other.chmod(0o755)
    with pytest.raises(CommandError, match=r"is python3.11. zappa_settings.json says"):
        call_command("package", python=str(other))


def test_every_stage_that_has_a_region_is_packaged() -> None:
    stages = packaging.stages()
    assert len(stages) == 2 * len(topology.current().regions)
    assert not {"base", "worker"} & set(stages)
