"""The keys: read when they are needed, kept for a while, and rotated without one lost basket."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from django.contrib.messages import get_messages
from django.core import signing
from django.test import Client
from django.utils.functional import lazy

from core import clock
from orders import baskets
from orders.baskets import Basket
from orders.pricing import Choice
from regions import health, limits, secrets, topology
from regions.secrets import RETRY_SECONDS, TTL_SECONDS, Fallbacks, Keeper, SecretsUnavailable, Unusable, parse
from tests.factories import order_request, save_restaurant

OLD, NEW, OLDEST = (f"{name} key, long enough to be one" for name in ("the old", "the new", "the oldest"))
HOST = topology.current().jurisdiction_host("na")
BASKET = Basket.new("lucette").add(baskets.Line(Choice("margherita", 1, ("size:small",)), 1200))


class Manager:
    """Secrets Manager as a stage sees it."""

    def __init__(self) -> None:
        self.seconds = 1_800_000_000
        self.text: str | None = value(OLD)
        self.calls = 0
        self.keeper = Keeper(self.read)

    def read(self) -> str:
        self.calls += 1
        if self.text is None:
            raise ConnectTimeoutError(endpoint_url="https://secretsmanager")
        return self.text

    def now_ms(self) -> int:
        return self.seconds * 1000


def value(*keys: str, operator_key: str = "") -> str:
    return json.dumps({"SECRET_KEYS": keys, "OPERATOR_KEY": operator_key})


@pytest.fixture
def manager(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Manager]:
    """This process has its keys from there, as on Lambda."""
    manager = Manager()
    monkeypatch.setattr(clock, "now_ms", manager.now_ms)
    settings.SECRET_KEY = lazy(lambda: manager.keeper.current().keys[0], str)()
    settings.SECRET_KEY_FALLBACKS = Fallbacks(lambda: manager.keeper.current().keys[1:])
    settings.OPERATOR_KEY = lazy(lambda: manager.keeper.current().operator_key, str)()
    health._verdict = None
    yield manager
    health._verdict = None


def test_they_are_read_when_they_are_needed_and_again_when_they_are_old(manager: Manager) -> None:
    assert manager.calls == 0
    for _ in range(3):
        baskets.loads(baskets.dumps(BASKET))
    assert manager.calls == 1
    manager.seconds += TTL_SECONDS - 1
    baskets.dumps(BASKET)
    assert manager.calls == 1
    manager.seconds += 1
    baskets.dumps(BASKET)
    assert manager.calls == 2


def test_a_clock_that_was_set_back_keeps_none_for_longer(manager: Manager) -> None:
    manager.keeper.current()
    manager.seconds -= 86_400
    manager.keeper.current()
    assert manager.calls == 2


def test_while_secrets_manager_is_away_the_old_ones_stay(manager: Manager, caplog: pytest.LogCaptureFixture) -> None:
    cookie = baskets.dumps(BASKET)
    manager.text = None
    manager.seconds += TTL_SECONDS
    with caplog.at_level(logging.ERROR, "event"):
        assert baskets.loads(cookie) == BASKET
        assert baskets.loads(cookie) == BASKET
    assert manager.calls == 2
    (record,) = caplog.records
    assert (record.getMessage(), record.fields) == ("secrets not read", {"error": "ConnectTimeoutError"})  # type: ignore[attr-defined]
    manager.text = value(NEW, OLD)
    manager.seconds += RETRY_SECONDS
    assert manager.keeper.current().keys == (NEW, OLD)


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[]", "{}", value(), value("short"), value(OLD, "short"), value(OLD, operator_key="short"),
     '{"SECRET_KEYS": "a text is no list of keys"}', '{"SECRET_KEYS": [7]}', '{"SECRET_KEYS": null}'],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_without_a_word_of_it(
    manager: Manager, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unusable):
        parse(text)
    assert manager.keeper.current().keys == (OLD,)
    manager.text = text
    manager.seconds += TTL_SECONDS
    assert manager.keeper.current().keys == (OLD,)
    assert "short" not in caplog.text
    assert "secrets not read" in caplog.text


def test_nobody_sees_them_by_looking_at_what_keeps_them(manager: Manager) -> None:
    assert OLD not in repr(manager.keeper.current())


def test_a_rotation_in_two_steps_loses_no_basket_whichever_region_has_read_how_much(settings: Any) -> None:
    """Siblings read anew at different moments, at most one step apart: each reads what any other has signed."""
    steps = [(OLD, OLDEST), (OLD, NEW), (NEW, OLD)]
    for step, signs_with in enumerate(steps):
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = signs_with[0], Fallbacks(lambda s=signs_with: s[1:])
        cookie = baskets.dumps(BASKET)
        notice = signing.get_cookie_signer(salt="notice").sign("kept")
        for reads_with in steps[max(0, step - 1) : step + 2]:
            settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = reads_with[0], Fallbacks(lambda r=reads_with: r[1:])
            assert baskets.loads(cookie) == BASKET
            assert signing.get_cookie_signer(salt="notice").unsign(notice) == "kept"


def test_what_is_signed_with_a_key_that_is_gone_is_not_read(manager: Manager) -> None:
    cookie = baskets.dumps(BASKET)
    manager.text = value(NEW)
    manager.seconds += TTL_SECONDS
    with pytest.raises(baskets.BasketUnreadable):
        baskets.loads(cookie)


def test_a_page_asks_for_them_only_for_a_cookie_of_ours(tables: None, manager: Manager) -> None:
    save_restaurant()
    client = Client(HTTP_HOST=HOST)
    assert client.get("/restaurants/lucette/").status_code == 200
    assert manager.calls == 0
    client.cookies["basket"] = baskets.dumps(BASKET)
    assert "margherita" in client.get("/restaurants/lucette/").content.decode().lower()
    assert manager.calls == 1


def test_a_notice_is_shown_after_a_rotation(tables: None, manager: Manager) -> None:
    save_restaurant()
    client = Client(HTTP_HOST=HOST)
    added = client.post("/restaurants/lucette/dishes/margherita/", {"quantity": "1", "group-size": "size:small"})
    assert added.status_code == 302
    manager.text = value(NEW, OLD)
    manager.seconds += TTL_SECONDS
    page = client.get(added["Location"])
    assert [str(message) for message in get_messages(page.wsgi_request)]


def test_without_any_a_stage_shows_its_menus_and_refuses_what_needs_them(tables: None, manager: Manager) -> None:
    save_restaurant()
    client = Client(HTTP_HOST=HOST)
    client.cookies["basket"], client.cookies["messages"] = baskets.dumps(BASKET), "signed:by:somebody"
    manager.keeper, manager.text = Keeper(manager.read), None
    assert client.get("/restaurants/lucette/").status_code == 200
    needs_them = [
        client.get("/basket/"),
        client.get("/checkout/"),
        client.post("/restaurants/lucette/dishes/margherita/", {"quantity": "1", "group-size": "size:small"}),
        client.get("/operations/", HTTP_AUTHORIZATION="Basic b3BlcmF0b3I6"),
    ]
    for page in needs_them:
        assert (page.status_code, page["Retry-After"]) == (503, str(RETRY_SECONDS))
        assert "be read right now" in page.content.decode()
        assert "basket" not in page.cookies
    ready = client.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["checks"]["secrets"] != "ok"
    assert ready.json()["checks"]["storage"] == "ok"
    health._verdict = None
    manager.text = value(OLD)
    manager.seconds += RETRY_SECONDS
    assert client.get("/basket/").status_code == 200
    assert client.get("/health/ready").status_code == 200


def test_without_any_programs_go_on_ordering_uncounted(tables: None, manager: Manager, settings: Any) -> None:
    restaurant = save_restaurant()
    manager.text = None
    settings.API_WRITES_PER_MINUTE = 0
    limits._over.clear()
    answer = Client(HTTP_HOST=HOST).post(
        "/api/v1/orders", json.dumps(order_request(restaurant)), content_type="application/json"
    )
    assert answer.status_code == 201


def test_the_keeper_asks_this_regions_secrets_manager(moto_aws: Any) -> None:
    from regions import aws

    keeper = secrets.from_secrets_manager("foodforthought/us-east-1")
    with pytest.raises(SecretsUnavailable):
        keeper.current()
    aws.client("secretsmanager", "us-east-1").create_secret(
        Name="foodforthought/us-east-1", SecretString=value(NEW, OLD)
    )
    keeper._ask_again_ms = 0
    assert keeper.current().keys == (NEW, OLD)
