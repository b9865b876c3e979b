"""From an empty account to the first order and back: the real Zappa, CloudFormation and packages, on an emulated AWS.

The tests of this file follow one another: each goes on with what the one before it has left.
"""

import gzip
import json
import re
import shutil
import threading
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import get_resolver

from deployment import packaging
from deployment.functions import Function, of_region
from orders.models import Order
from tests.deployed.conftest import CONTACT, ORDER, REGIONS, hidden_in
from tests.deployed.emulated import DEPLOYED, LACKING, Answer, Browser, Emulated
from tests.deployed.test_package import ACCEPTS_POST_ONLY, STATIC, TYPES, filled_in, routes
from tests.e2e.store import eventually
from tests.factories import cell_of, confirmed_delivery, make_restaurant, order_request

pytestmark = pytest.mark.cloud

HOME, SIBLING, ABROAD = "us-west-2", "us-east-1", "eu-west-1"
RESTAURANTS = """
from tests.factories import make_restaurant, save_restaurant
save_restaurant(make_restaurant())
save_restaurant(make_restaurant("bistro", country="FR"))
"""
NEWS = "collected_static/release.txt"
BROKEN = "\nraise RuntimeError('a release that does not start')\n"


@pytest.fixture(scope="module")
def aws(interpreter: str, packages: packaging.Packages, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulated]:
    """With the release of the session's packages in three regions, and two restaurants, saved in the master, in all of them."""
    dist = tmp_path_factory.mktemp("release")
    directory = next(iter(packages.files.values())).parent
    (dist / packaging.VIRTUALENV).symlink_to(directory / packaging.VIRTUALENV)
    for file in packages.files.values():
        shutil.copy(file, dist)
    emulated = Emulated(tmp_path_factory.mktemp("aws"), interpreter, dist)
    try:
        emulated.deploy(*REGIONS)
        emulated.manage("shell", "-c", RESTAURANTS, AWS_REGION=DEPLOYED.master)
        yield emulated
    finally:
        emulated.end()


def browser(aws: Emulated, region: str = HOME) -> Browser:
    return Browser(aws.port, DEPLOYED.region_host(region))


def change(aws: Emulated, functions: Iterable[Function], name: str, content: str) -> None:
    """Make another release of these: their packages with this at the end of a file, which may be new."""
    for function in functions:
        package = aws.dist / function.package.name
        entries = {}
        with zipfile.ZipFile(package) as old:
            entries = {entry.filename: old.read(entry) for entry in old.infolist()}
        entries[name] = entries.get(name, b"") + content.encode()
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
            for entry, data in entries.items():
                new.writestr(zipfile.ZipInfo(entry), data, zipfile.ZIP_DEFLATED)


def restore(aws: Emulated, region: str, packages: packaging.Packages) -> None:
    for function in of_region(region):
        shutil.copy(packages.files[function.stage], aws.dist)


def items(aws: Emulated, region: str, table: str) -> dict[str, Any]:
    scanned = aws.client("dynamodb", region).scan(TableName=table)["Items"]
    return {(item.get("key") or item["pk"])["S"]: item for item in scanned}


def order(customer: Browser) -> tuple[str, str]:
    """Order a dish by the pages; the path of the order's page, and its access secret."""
    assert customer.get("/restaurants/lucette/").status == 200
    added = customer.post("/restaurants/lucette/dishes/margherita/", {"quantity": "1", "group-size": "size:small"})
    assert added.status == 302, added.text
    page = customer.get("/checkout/?kind=delivery").text
    asked = customer.post("/checkout/", {**ORDER, **CONTACT, **hidden_in(page)})
    assert (asked.status, "Addresses can’t be checked right now" in asked.text) == (422, True), asked.text
    # Nobody here finds addresses: as while Amazon Location is away, the customer confirms where it is.
    confirmed = dict(re.findall(r'name="(position)" id="id_position" value="([^"]+)"', asked.text))
    placed = customer.post("/checkout/", {**ORDER, **CONTACT, **hidden_in(asked.text), **confirmed})
    assert placed.status == 302, placed.text
    address = urlsplit(placed.headers["Location"])
    return address.path, parse_qs(address.query)["access"][0]


@pytest.fixture(scope="module")
def cell() -> str:
    return cell_of(make_restaurant())


def test_the_catalogue_reaches_every_region(aws: Emulated) -> None:
    """By the deployed worker of the master, woken by its event-source mapping."""

    def catalogues() -> list[set[str]]:
        return [set(items(aws, region, "foodforthought-catalog")) for region in REGIONS]

    eventually(
        lambda: all(catalogue == catalogues()[0] and len(catalogue) > 2 for catalogue in catalogues()), "no catalogue"
    )


def test_an_order_is_seen_whole_inside_its_jurisdiction_and_as_a_stub_abroad(aws: Emulated, cell: str) -> None:
    customer = browser(aws)
    customer.get(f"/near/{cell}/")
    path, access = order(customer)
    _, _, home, order_id, _ = path.split("/")
    assert home == HOME
    key = f"{home}#{order_id}"
    own = items(aws, HOME, "foodforthought-orders")[key]
    whole = eventually(lambda: items(aws, SIBLING, "foodforthought-orders").get(key), "no whole copy")
    stub = eventually(lambda: items(aws, ABROAD, "foodforthought-orders").get(key), "no stub")
    assert whole == own
    assert set(stub) <= Order.stub | Order.bookkeeping | {"key"}
    assert not any(secret in json.dumps(stub) for secret in CONTACT.values())
    for region in (HOME, SIBLING):
        page = browser(aws, region).get(f"{path}?access={access}")
        assert page.status == 200 and CONTACT["street"] in page.text
    led = browser(aws, ABROAD).get(f"{path}?access={access}")
    assert (led.status, urlsplit(led.headers["Location"]).hostname) == (302, DEPLOYED.jurisdiction_host("na"))


def test_every_page_comes_with_its_files_and_its_headers(aws: Emulated, cell: str) -> None:
    customer = browser(aws)
    customer.get(f"/near/{cell}/")
    path, access = order(customer)
    customer.get("/restaurants/lucette/")
    customer.post("/restaurants/lucette/dishes/margherita/", {"quantity": "1", "group-size": "size:small"})
    _, _, home, order_id, _ = path.split("/")
    values = {
        "cell": cell, "restaurant_id": "lucette", "dish_id": "margherita", "home": home, "home_region": home,
        "order_id": order_id, "verb": "cancel",
    }  # fmt: skip
    queries = {"order": f"?access={access}", "receipt": f"?access={access}", "api-restaurants": f"?cell={cell}"}
    queries["api-slots"] = "?kind=pickup"
    loaded: set[str] = set()
    for name, route in routes(get_resolver("foodforthought.urls")):
        answer = customer.get(filled_in(route, values) + queries.get(name, ""), Authorization=f"Bearer {access}")
        wanted = 405 if name in ACCEPTS_POST_ONLY else 401 if name == "operations" else 200
        assert answer.status == wanted, (name, answer.status, answer.text)
        check_headers(answer)
        loaded |= set(STATIC.findall(answer.text))
        loaded |= set(re.findall(r'content="https://[^/"]+(/static/[^"]+)"', answer.text))
    assert {Path(file).suffix for file in loaded} == set(TYPES)
    for file in loaded:
        answer = customer.get(file)
        assert (answer.status, answer.headers["Content-Type"].partition(";")[0]) == (200, TYPES[Path(file).suffix]), (
            file
        )
        assert answer.body
        if file.endswith(".png"):
            assert answer.body.startswith(b"\x89PNG\r\n\x1a\n") and answer.body.endswith(b"IEND\xaeB`\x82")


def check_headers(answer: Answer) -> None:
    assert answer.headers["Served-By"] == HOME
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "us_west_2" not in (answer.headers["Location"] or "")


def test_answers_are_compressed_down_to_the_invoke(aws: Emulated, cell: str) -> None:
    page = browser(aws).get("/restaurants/lucette/", Accept_Encoding="gzip")
    assert page.headers["Content-Encoding"] == "gzip"
    assert b"Margherita" in gzip.decompress(page.body)
    headers = {"Host": DEPLOYED.region_host(HOME), "X-Forwarded-Proto": "https", "Accept-Encoding": "gzip"}
    event = {
        "httpMethod": "GET", "path": "/restaurants/lucette/", "resource": "/{proxy+}", "body": None, "isBase64Encoded": False,
        "headers": headers, "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None, "multiValueQueryStringParameters": None,
        "requestContext": {"stage": "us_west_2", "identity": {"sourceIp": "203.0.113.7"}},
    }  # fmt: skip
    invoked = aws.client("lambda", HOME).invoke(FunctionName=f"foodforthought-{HOME}", Payload=json.dumps(event))
    answer = json.loads(invoked["Payload"].read())
    assert answer["isBase64Encoded"] is True
    assert len(answer["body"]) < len(gzip.decompress(page.body)) / 2


def test_redirects_lead_to_addresses_that_there_are(aws: Emulated, cell: str) -> None:
    signpost = Browser(aws.port, f"www.{DEPLOYED.domain}").get("/near/x/")
    assert signpost.status == 302
    site = urlsplit(signpost.headers["Location"])
    assert (site.scheme, site.path) == ("https", "/near/x/")
    assert site.hostname in {DEPLOYED.jurisdiction_host(name) for name in DEPLOYED.jurisdictions}
    here = browser(aws)
    here.get("/")
    placed = here.post("/where/", {"latitude": "40.7306", "longitude": "-73.9866"})
    assert (placed.status, placed.headers["Location"]) == (302, f"/near/{cell}/")


def test_a_region_refuses_what_another_one_is_asked_for(aws: Emulated) -> None:
    wrong_site = browser(aws, ABROAD).post_json("/api/v1/orders", order_request(make_restaurant()))
    assert (wrong_site.status, wrong_site.headers["Content-Type"]) == (421, "application/problem+json")
    assert DEPLOYED.jurisdiction_host("na") in wrong_site.text


def test_api_gateway_says_when_to_come_back(aws: Emulated) -> None:
    """Over a limit of the account nothing of ours runs: what people and programs read then is the template's."""
    api = aws.client("apigateway", HOME)
    stage = {"restApiId": api.get_rest_apis()["items"][0]["id"], "stageName": HOME.replace("-", "_")}

    def allow(requests_per_second: str) -> None:
        values = {"rateLimit": requests_per_second, "burstLimit": requests_per_second}
        operations = [{"op": "replace", "path": f"/*/*/throttling/{name}", "value": to} for name, to in values.items()]
        api.update_stage(**stage, patchOperations=operations)

    allow("1")
    try:
        customer = browser(aws)
        answers = [customer.get("/health/live") for _ in range(8)]
    finally:
        allow("10000")
    refused = [answer for answer in answers if answer.status != 200]
    assert refused, "nothing was throttled"
    for answer in refused:
        assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (429, "5", "no-store")
        assert "with the same token" in answer.text


def test_copies_go_on_whatever_pages_need(aws: Emulated) -> None:
    reserved = aws.client("lambda", HOME).get_function_concurrency(FunctionName=f"foodforthought-worker-{HOME}")
    assert reserved["ReservedConcurrentExecutions"] == 50


def test_a_release_that_does_not_start_is_put_back_and_goes_no_further(
    aws: Emulated, packages: packaging.Packages, cell: str
) -> None:
    before = {function.name: sha(aws, function.name, region) for region in REGIONS for function in of_region(region)}
    change(aws, of_region(HOME)[1:], packaging.SETTINGS, BROKEN)
    output = aws.deploy(*REGIONS, fails=True)
    assert f"Stopped at {HOME}: smoke test" in output, output
    assert re.search(rf"{HOME} +failed: .*foodforthought-{HOME} back at", output), output
    assert re.search(rf"{SIBLING} +not begun: as it was", output), output
    after = {function.name: sha(aws, function.name, region) for region in REGIONS for function in of_region(region)}
    assert after == before
    assert browser(aws).get(f"/near/{cell}/").status == 200
    restore(aws, HOME, packages)


def sha(aws: Emulated, function: str, region: str) -> str:
    return str(aws.client("lambda", region).get_function_configuration(FunctionName=function)["CodeSha256"])


class Customers(threading.Thread):
    """Order by the API, one after the other and each from an address of their own, until told to stop.

    Who gets no answer sends the same again. That happens here: MiniStack ends a process that is answering when its function is
    updated, and a busy machine's storage is slow. On AWS an update lets it finish.
    """

    NAME = "Robin Rollout"
    TRIES = 10

    def __init__(self, aws: Emulated) -> None:
        super().__init__()
        self.aws, self.enough = aws, threading.Event()
        self.placed: list[str] = []
        self.failed: list[str] = []

    def run(self) -> None:
        while not self.enough.wait(0.2):
            restaurant = make_restaurant()
            contact = {"name": self.NAME, "phone": "+1 212 555 0123"}
            body = order_request(restaurant, contact=contact, delivery=confirmed_delivery(restaurant))
            for _ in range(self.TRIES):
                answer = self.order(body)
                if answer.status not in (502, 503):
                    break
                self.enough.wait(0.5)
            if answer.status in (200, 201):
                self.placed.append(f"{HOME}#{answer.json['id']}")
            else:
                self.failed.append(f"{answer.status} {answer.text[:300]}")

    def order(self, body: Any) -> Answer:
        address = f"203.0.113.{len(self.placed) % 250}"
        return browser(self.aws).post_json("/api/v1/orders", body, **{"X-Forwarded-For": address})


def test_no_order_fails_while_a_release_comes_and_goes(aws: Emulated) -> None:
    change(aws, of_region(HOME), NEWS, "a new release")
    customers = Customers(aws)
    customers.start()
    try:
        output = aws.deploy(HOME)
        assert f"foodforthought-{HOME}: updated" in output, output
        assert browser(aws).get("/static/release.txt").text == "a new release"
        back = aws.manage("rollback", f"--regions={HOME}", "--good-answers=2")
        assert f"foodforthought-{HOME}: updated to" in back, back
        assert browser(aws).get("/static/release.txt").status == 404
    finally:
        customers.enough.set()
        customers.join()
    assert customers.failed == []
    assert len(customers.placed) > 10
    orders = items(aws, HOME, "foodforthought-orders")
    theirs = {key for key, order in orders.items() if Customers.NAME in json.dumps(order)}
    assert sorted(customers.placed) == sorted(theirs)  # each of them once


def test_a_dry_run_says_what_would_be_done_and_does_nothing(aws: Emulated) -> None:
    before = sha(aws, f"foodforthought-{HOME}", HOME)
    output = aws.manage("deploy", f"--regions={HOME}", "--dry-run", *LACKING)
    assert re.search(rf"foodforthought-{HOME}: would be updated from \w+ to \w+", output), output
    assert "tables: as it is" in output
    assert sha(aws, f"foodforthought-{HOME}", HOME) == before


def test_undeploying_leaves_nothing_but_what_holds_data(aws: Emulated) -> None:
    aws.manage("undeploy", ABROAD, "--yes")
    left = {stack["StackName"] for stack in stacks(aws, ABROAD)}
    assert left == {"foodforthought-tables", "foodforthought-secrets"}
    assert aws.client("lambda", ABROAD).list_functions()["Functions"] == []
    assert aws.client("lambda", ABROAD).list_event_source_mappings()["EventSourceMappings"] == []
    assert aws.client("apigateway", ABROAD).get_rest_apis()["items"] == []
    assert aws.client("apigateway", ABROAD).get_domain_names()["items"] == []
    assert aws.client("events", ABROAD).list_rules()["Rules"] == []
    assert aws.client("sqs", ABROAD).list_queues().get("QueueUrls", []) == []
    assert len(aws.client("dynamodb", ABROAD).list_tables()["TableNames"]) == 4
    assert browser(aws).get("/health/ready").status == 200  # the others go on


def stacks(aws: Emulated, region: str) -> list[dict[str, Any]]:
    listed = aws.client("cloudformation", region).list_stacks()["StackSummaries"]
    return [stack for stack in listed if stack["StackStatus"] != "DELETE_COMPLETE"]
