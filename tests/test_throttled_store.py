"""A store with too much to do: whatever call it refuses, the answer is 503 with `Retry-After`, nothing is half done, and the same
thing sent again is done once."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ReadTimeoutError
from django.test import Client
from pynamodb.exceptions import PynamoDBException

from catalog import actions, menu_cache
from catalog.menus import menu_of
from catalog.models import Availability, CatalogRecord, Dish, Kitchen
from foodforthought.errors import as_refusal
from orders import placing
from orders.models import Order
from regions import aws, health, topology
from regions.aws import THROTTLES, is_throttled
from tests.factories import confirmed_delivery, make_dish, make_restaurant, order_request, save_restaurant
from tests.test_health import get as ask

HOST = topology.current().jurisdiction_host("na")
FORM = {"quantity": "1", "group-size": "size:small"}
CONTACT = {"name": "Ada Canary", "phone": "+1 212 555 0123"}
CODES = ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
LOST = "the answer is lost"


def throttle(code: str, operation: str) -> ClientError:
    details: Any = {"Error": {"Code": code, "Message": "too much"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    if operation.startswith("Transact"):
        details["Error"]["Code"] = "TransactionCanceledException"
        details["CancellationReasons"] = [{"Code": "None"}, {"Code": "ThrottlingError", "Message": "too much"}]
    return ClientError(details, operation)


class Store:
    """Refuses one call: the n-th after `refuse`. It says which operation that was; empty when there were not so many."""

    def __init__(self, original: Callable[..., Any]) -> None:
        self.original = original
        self.left = -1
        self.how = ""
        self.refused = ""

    def call(self, client: BaseClient, operation: str, arguments: Any) -> Any:
        self.left -= 1
        if self.left != -1:
            return self.original(client, operation, arguments)
        self.refused = f"{operation} {arguments.get('TableName', '')}"
        if self.how != LOST:
            raise throttle(self.how, operation)
        self.original(client, operation, arguments)
        raise ReadTimeoutError(endpoint_url="https://dynamodb")

    @contextmanager
    def refusing(self, number: int, how: str) -> Iterator[None]:
        self.left, self.how, self.refused = number, how, ""
        menu_cache.forget()
        yield
        self.left = -1


@pytest.fixture
def store(tables: None, monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(BaseClient._make_api_call)

    def call(client: BaseClient, operation: str, arguments: Any) -> Any:
        return store.call(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return store


def each_call(store: Store, how: str, act: Callable[[], Any]) -> Iterator[Any]:
    """What came of acting, once for each of its calls, which is refused; `store.refused` names it."""
    for number in itertools.count():
        with store.refusing(number, how):
            outcome = act()
        if not store.refused:
            assert number > 0
            return
        yield outcome


def check_is_503(answer: Any, kind: str = "text/html; charset=utf-8") -> None:
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "5", kind)
    assert "Nothing was lost" in answer.content.decode()


@pytest.mark.parametrize("how", [*CODES, LOST])
def test_an_order_by_api_is_placed_once(store: Store, how: str) -> None:
    restaurant = save_restaurant()
    client = Client(HTTP_HOST=HOST)
    body: dict[str, Any] = {}

    def post() -> Any:
        return client.post("/api/v1/orders", json.dumps(body), content_type="application/json")

    def begin() -> Any:
        body.update(order_request(restaurant, delivery=confirmed_delivery(restaurant)))
        return post()

    for number, answer in enumerate(each_call(store, how, begin)):
        is_done = how == LOST and store.refused.startswith("PutItem")
        # The first only counts, and an order is taken uncounted; the second is asked again.
        # Where no address can be looked up, the position is there that was confirmed.
        if any(each in store.refused for each in ("operations", "Geocode")) or (
            how != LOST and "Transact" in store.refused
        ):
            assert answer.status_code == 201
        else:
            check_is_503(answer, "application/problem+json")
            assert len(list(Order.scan())) == number + is_done
        assert post().status_code == (200 if is_done or answer.status_code == 201 else 201)
        assert len(list(Order.scan())) == number + 1


@pytest.mark.parametrize("language", ["en", "fr", "de", "es"])
def test_a_checkout_is_placed_once_and_keeps_its_basket(store: Store, language: str) -> None:
    save_restaurant(make_restaurant(minimum_minor=0))
    client = Client(HTTP_HOST=HOST, HTTP_ACCEPT_LANGUAGE=language)
    form: dict[str, str] = {}

    def fill() -> None:
        assert client.post("/restaurants/lucette/dishes/margherita/", FORM).status_code == 302
        page = client.get("/checkout/?kind=pickup").content.decode()
        form.update({"kind": "pickup", "tip": "0", **CONTACT})
        form.update(re.findall(r'type="hidden" name="(agreed|token)" value="([^"]*)"', page))

    fill()
    for placed, answer in enumerate(each_call(store, CODES[0], lambda: client.post("/checkout/", form))):
        if "Transact" in store.refused:  # it is asked again
            fill()
            continue
        assert (answer.status_code, answer["Retry-After"]) == (503, "5"), store.refused
        assert f'lang="{language}"' in answer.content.decode()
        assert "basket" not in answer.cookies
        assert len(list(Order.scan())) == placed
        assert client.post("/checkout/", form).status_code == 302
        assert len(list(Order.scan())) == placed + 1
        fill()


@pytest.mark.parametrize("how", [*CODES, LOST])
def test_a_cancellation_happens_once(store: Store, how: str) -> None:
    restaurant = save_restaurant()
    client = Client(HTTP_HOST=topology.current().region_host("us-east-1"))
    order: dict[str, Any] = {}

    def cancel() -> Any:
        headers = {"Authorization": f"Bearer {order['access']}"}
        path = f"/api/v1/orders/us-east-1/{order['id']}/cancel"
        return client.post(path, "{}", content_type="application/json", headers=headers)

    def place() -> None:
        body = json.dumps(order_request(restaurant))
        order.update(client.post("/api/v1/orders", body, content_type="application/json").json())

    place()
    for answer in each_call(store, how, cancel):
        if "operations" in store.refused:
            assert answer.status_code == 200
        else:
            check_is_503(answer, "application/problem+json")
            is_done = how == LOST and "UpdateItem" in store.refused
            assert Order.get(f"us-east-1#{order['id']}").status == ("cancelled" if is_done else "placed")
        assert cancel().status_code == 200
        history = Order.get(f"us-east-1#{order['id']}").history
        assert [entry["status"] for entry in history] == ["placed", "cancelled"]
        place()


@pytest.mark.parametrize("how", [*CODES, LOST])
def test_an_availability_is_said_whole_or_not_at_all(store: Store, how: str) -> None:
    changes: list[tuple[Callable[[], None], Callable[[Kitchen], bool]]] = [
        (
            lambda: actions.set_sold_out("lucette", "margherita", sold_out=True),
            lambda kitchen: "margherita" in kitchen.sold_out,
        ),
        (lambda: actions.pause("lucette"), lambda kitchen: kitchen.paused),
    ]
    for change, is_said in changes:
        for error in each_call(store, how, lambda change=change: outcome_of(change)):
            assert as_refusal(error)
            records = list(Availability.scan())
            assert is_said(Kitchen.of(records)) == (how == LOST and not store.refused.startswith("BatchGet"))
            assert all(record.paused or record.sold_out for record in records), "none that says nothing"
            change()
            assert is_said(Kitchen.of(Availability.scan()))
            for record in Availability.scan():
                record.bury()
                record.save()
            remove_all(Availability)


def remove_all(model: Any) -> None:
    client = aws.client("dynamodb", "us-east-1")
    names = [
        attribute.attr_name
        for attribute in model.get_attributes().values()
        if attribute.is_hash_key or attribute.is_range_key
    ]
    for item in client.scan(TableName=model.Meta.table_name)["Items"]:
        client.delete_item(TableName=model.Meta.table_name, Key={name: item[name] for name in names})


def outcome_of(change: Callable[[], Any]) -> Exception | None:
    try:
        change()
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("how", [*CODES, LOST])
def test_a_menu_is_the_old_one_or_the_new_one(store: Store, how: str) -> None:
    restaurant = save_restaurant()
    sections = restaurant.sections
    new_dishes = [make_dish(f"dish-{number}") for number in range(3)]

    def change() -> Exception | None:
        return outcome_of(
            lambda: actions.put_menu("lucette", sections=sections, dishes=[make_dish(d.id) for d in new_dishes])
        )

    for error in each_call(store, how, change):
        assert error is None or as_refusal(error), store.refused
        names = sorted(dish.id for dish in menu_of("lucette")[1])
        cards = {name for row in CatalogRecord.scan() for name in getattr(row, "dish_names", None) or ()}
        assert names in (["margherita"], ["dish-0", "dish-1", "dish-2"])
        if names == ["margherita"]:
            assert "Dish-0" not in cards
        assert change() is None
        assert sorted(dish.id for dish in menu_of("lucette")[1]) == ["dish-0", "dish-1", "dish-2"]
        remove_all(CatalogRecord)
        save_restaurant()


def test_a_profile_and_its_cards_change_together(store: Store) -> None:
    save_restaurant()
    for error in each_call(
        store, CODES[0], lambda: outcome_of(lambda: actions.put_restaurant(make_restaurant(name="Chez Ada")))
    ):
        assert isinstance(error, PynamoDBException)
        assert is_throttled(error)
        assert {row.name for row in CatalogRecord.scan() if hasattr(row, "name") and not isinstance(row, Dish)} == {
            "Chez Lucette"
        }
        assert outcome_of(lambda: actions.put_restaurant(make_restaurant(name="Chez Ada"))) is None
        remove_all(CatalogRecord)
        save_restaurant()


def test_an_order_that_is_refused_for_long_is_told_why(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    body = json.dumps(order_request(save_restaurant()))
    monkeypatch.setattr(placing.time, "sleep", lambda seconds: None)

    def call(client: BaseClient, operation: str, arguments: Any) -> Any:
        if operation == "TransactGetItems":
            raise throttle(CODES[0], operation)
        return store.original(client, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    answer = Client(HTTP_HOST=HOST).post("/api/v1/orders", body, content_type="application/json")
    check_is_503(answer, "application/problem+json")


def test_reading_is_503_too(store: Store) -> None:
    save_restaurant()
    client = Client(HTTP_HOST=HOST)
    for path, kind in (
        ("/restaurants/lucette/", "text/html; charset=utf-8"),
        ("/api/v1/restaurants/lucette", "application/problem+json"),
    ):
        for answer in each_call(store, CODES[0], lambda path=path: client.get(path)):
            check_is_503(answer, kind)


def test_a_region_that_is_throttled_stays_in_service(store: Store) -> None:
    """Its traffic would do the same to its sibling."""
    for how, status, said in ((CODES[0], 200, "throttled"), (LOST, 503, "the table cannot be written and read")):
        for number in range(2):
            health._verdict = None
            with store.refusing(number, how):
                answer = ask("/health/ready")
            assert (answer[0], answer[1]["checks"]["storage"]) == (status, said)  # type: ignore[index]


def test_what_is_too_much_is_told_from_what_is_wrong() -> None:
    assert {code for code in CODES if is_throttled(throttle(code, "PutItem"))} == set(CODES)
    assert set(CODES) < THROTTLES
    assert not is_throttled(throttle("ConditionalCheckFailedException", "PutItem"))
    assert not is_throttled(ReadTimeoutError(endpoint_url="x"))
