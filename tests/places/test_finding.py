"""Finding places: the same promises with the gazetteer and with answers in the shape of Amazon Location, and when it is away."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
import pytest
from botocore.config import Config
from botocore.model import ListShape, Shape, StringShape, StructureShape
from hypothesis import given
from hypothesis import strategies as st

from localcloud.gazetteer.server import OPERATIONS, answer
from places import finding
from places.addresses import Address
from places.finding import PlacesUnavailable, Precision
from regions import topology
from tests.gazetteer import CITIES, HOUSES, ProviderOfPlaces

ADDRESS = Address("US", "12 Canary Street", "Flat 3", "10003", "New York", "NY")
MODEL = botocore.session.get_session().get_service_model("geo-places")

# As Amazon Location answers, with members that the gazetteer never sends.
AS_AWS_ANSWERS: dict[str, Any] = {
    "/v2/autocomplete": {
        "ResultItems": [
            {
                "PlaceId": "AQAAAF", "PlaceType": "PointAddress", "Title": "12 Canary St, New York, NY 10003, United States",
                "Address": {"Label": "12 Canary Street, New York, NY 10003, United States"}, "Distance": 7,
                "Highlights": {"Title": [{"StartIndex": 0, "EndIndex": 2, "Value": "12"}]},
            }
        ]
    },
    "/v2/geocode": {
        "ResultItems": [
            {
                "PlaceId": "AQAAAG", "PlaceType": "PointAddress", "Title": "12 Canary St, New York, NY 10003-4120, United States",
                "Address": {
                    "Label": "12 Canary Street, New York, NY 10003, United States",
                    "Country": {"Code2": "US", "Code3": "USA", "Name": "United States"},
                    "Region": {"Code": "NY", "Name": "New York"}, "SubRegion": {"Name": "New York"},
                    "Locality": "New York", "District": "East Village", "PostalCode": "10003", "Street": "Canary Street",
                    "StreetComponents": [{"BaseName": "Canary", "Type": "Street", "TypePlacement": "AfterBaseName"}],
                    "AddressNumber": "12",
                },
                "Position": [-73.9866, 40.7290], "MapView": [-73.988, 40.728, -73.985, 40.73],
                "AccessPoints": [{"Position": [-73.9867, 40.7291]}],
                "MatchScores": {"Overall": 1.0, "Components": {"Address": {"AddressNumber": 1.0, "PostalCode": 1.0}}},
            }
        ]
    },
    "/v2/reverse-geocode": {
        "ResultItems": [
            {
                "PlaceId": "AQAAAH", "PlaceType": "InterpolatedAddress", "Title": "100 Canary St", "Distance": 4,
                "Address": {
                    "Label": "100 Canary Street, New York, NY 10003, United States", "Country": {"Code2": "US"},
                    "Region": {"Name": "New York"}, "Locality": "New York", "Street": "Canary Street", "AddressNumber": "100",
                },
                "Position": [-73.9866, 40.7306],
            }
        ]
    },
}  # fmt: skip


class Amazon:
    """A server that says what it is told to, to every question."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = dict(AS_AWS_ANSWERS)
        self.status, self.headers, self.raw = 200, {"x-amz-geo-pricing-bucket": "Stored"}, b""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        amazon = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                amazon.asked.append((self.path, asked))
                body = amazon.raw or json.dumps(amazon.answers[self.path]).encode()
                self.send_response(amazon.status)
                for name, value in {**amazon.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        patient = Config(read_timeout=30, retries={"total_max_attempts": 1})  # the machine may be busy
        self.client = botocore.session.get_session().create_client(
            "geo-places", region_name="us-east-1", endpoint_url=f"http://127.0.0.1:{self.server.server_port}",
            config=patient, aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch, places: ProviderOfPlaces) -> Iterator[Amazon]:
    amazon = Amazon()
    monkeypatch.setattr(finding, "_client", lambda: amazon.client)
    yield amazon
    amazon.server.shutdown()
    amazon.server.server_close()


@pytest.fixture(params=["gazetteer", "Amazon Location"])
def provider(request: pytest.FixtureRequest) -> None:
    if request.param != "gazetteer":
        request.getfixturevalue("amazon")


def test_what_is_typed_is_completed_to_one_line(provider: None) -> None:
    assert finding.suggest("12 canary st", language="en") == ["12 Canary Street, New York, NY 10003, United States"]


def test_an_address_is_found_at_its_position_for_sure(provider: None) -> None:
    for place in (
        finding.find("12 Canary Street, New York", language="en")[0],
        finding.locate(ADDRESS, language="en", near=(40.73, -73.98))[0],
    ):
        assert place.is_sure and place.precision is Precision.ADDRESS
        assert place.position == (pytest.approx(40.729, abs=1e-3), pytest.approx(-73.9866, abs=1e-3))
        assert place.address == Address("US", "12 Canary Street", "", "10003", "New York", "NY")


def test_a_position_has_an_address(provider: None) -> None:
    place = finding.at((40.7306, -73.9866), language="fr")
    assert place and place.address.street == "100 Canary Street" and place.address.city == "New York"


@pytest.mark.parametrize("operation", OPERATIONS.values())
def test_what_amazon_is_made_to_answer_here_is_what_its_model_allows(operation: str) -> None:
    check_shape(AS_AWS_ANSWERS[{name: path for path, name in OPERATIONS.items()}[operation]], operation)


def check_shape(answered: dict[str, Any], operation: str) -> None:
    shape = MODEL.operation_model(operation).output_shape
    assert isinstance(shape, StructureShape)
    _check({"PricingBucket": "Core", **answered}, shape, operation)


def _check(value: Any, shape: Shape, path: str) -> None:
    if isinstance(shape, StructureShape):
        assert set(shape.required_members) <= value.keys() <= shape.members.keys(), path
        for name, member in value.items():
            _check(member, shape.members[name], f"{path}.{name}")
    elif isinstance(shape, ListShape):
        assert len(value) <= shape.metadata.get("max", len(value)), path
        for member in value:
            _check(member, shape.member, f"{path}[]")
    elif isinstance(shape, StringShape):
        assert isinstance(value, str) and len(value) <= shape.metadata.get("max", len(value)), path
        assert not shape.enum or value in shape.enum, f"{path}: {value}"


@given(
    text=st.one_of(
        st.text(min_size=1, max_size=200),
        st.lists(
            st.sampled_from([*(city.name for city in CITIES), *{house.street for house in HOUSES}, "12", "10003", "B-4"]),
            min_size=1, max_size=6,
        ).map(", ".join),
    ),
    language=st.sampled_from(["en", "fr", "de", "es"]),
)  # fmt: skip
def test_every_answer_of_the_gazetteer_is_one_that_amazons_model_allows(text: str, language: str) -> None:
    from tests.gazetteer import provider

    gazetteer = provider.server.gazetteer
    for operation in ("Autocomplete", "Geocode"):
        items = answer(gazetteer, operation, {"QueryText": text[:200], "Language": language, "MaxResults": 5})
        assert len(items) <= 5
        check_shape({"ResultItems": items}, operation)


def test_what_is_suggested_is_found_for_sure_when_it_is_sent(places: ProviderOfPlaces) -> None:
    for typed in ("12 canary", "200 rue du can", "montreal", "zurigo", "10003", "canary street"):
        with_suggestions = [*finding.suggest(typed, language="de")]
        for label in with_suggestions:
            best = finding.find(label, language="de")[0]
            assert best.label == label and best.score == 1.0, label


@pytest.mark.parametrize("region", list(topology.current().regions))
def test_only_the_provider_of_this_region_is_asked_and_only_for_its_jurisdiction(
    places: ProviderOfPlaces, acting_as: Callable[[str], AbstractContextManager[None]], region: str
) -> None:
    with acting_as(region):
        finding.suggest("canary", language="en")
        finding.find("canary", language="en")
        finding.at((40.73, -73.98), language="en")
        here = topology.current().jurisdiction
    assert {asked_region for asked_region, _, _ in places.asked} == {region}
    for _, operation, asked in places.asked:
        if operation != "ReverseGeocode":
            countries = asked["Filter"]["IncludeCountries"]
            assert {topology.current().country_jurisdictions[country] for country in countries} == {here}


def test_the_client_that_is_deployed_asks_its_own_region_once_and_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()  # of the tests' own provider
    client = finding._client()
    assert client.meta.service_model.service_name == "geo-places" and client.meta.region_name == topology.here()
    config = client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (0.3, 0.3)
    assert config.retries["total_max_attempts"] == 1


@pytest.mark.parametrize(
    ("status", "headers", "raw"),
    [
        (429, {"x-amzn-ErrorType": "ThrottlingException"}, b'{"message": "12 Canary Street is too much"}'),
        (403, {"x-amzn-ErrorType": "AccessDeniedException"}, b'{"message": "not for 12 Canary Street"}'),
        (500, {}, b"<html>12 Canary Street"),
        (200, {}, b"<html>12 Canary Street is not JSON"),
    ],
)  # fmt: skip
def test_a_provider_that_fails_is_away_and_no_log_says_what_was_typed(
    amazon: Amazon, caplog: pytest.LogCaptureFixture, status: int, headers: dict[str, str], raw: bytes
) -> None:
    amazon.status, amazon.headers, amazon.raw = status, headers, raw
    with caplog.at_level(logging.DEBUG, "event"), pytest.raises(PlacesUnavailable) as refused:
        finding.find("12 Canary Street", language="en")
    assert refused.value.__cause__ is None and "Canary" not in str(refused.value)
    (record,) = [record for record in caplog.records if record.name == "event"]
    assert record.getMessage() == "places unavailable" and "Canary" not in str(record.__dict__)


def test_a_text_that_the_provider_refuses_keeps_nobody_else_from_it(
    amazon: Amazon, caplog: pytest.LogCaptureFixture
) -> None:
    amazon.status, amazon.headers = 400, {"x-amzn-ErrorType": "ValidationException"}
    amazon.raw = b'{"message": "12 Canary Street", "reason": "Other"}'
    with caplog.at_level(logging.DEBUG, "event"):
        assert finding.find("12 Canary Street", language="en") == []
    (record,) = [record for record in caplog.records if record.name == "event"]
    assert record.getMessage() == "places not understood" and "Canary" not in str(record.__dict__)
    amazon.status, amazon.headers, amazon.raw = 200, {}, b""
    assert finding.find("12 Canary Street", language="en")


def test_a_frozen_provider_is_given_up_and_not_asked_again_for_a_while(
    places_away: ProviderOfPlaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    for _ in range(3):
        with pytest.raises(PlacesUnavailable):
            finding.suggest("canary", language="en")
    assert len(places_away.asked) == 1, "the others did not wait for it"
    places_away.is_frozen = False
    now[0] += finding.BREAKER_SECONDS + 0.1
    assert finding.suggest("canary", language="en")
    assert finding.suggest("canary", language="en")


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_nothing_is_asked_for_nothing(places: ProviderOfPlaces, text: str) -> None:
    assert finding.suggest(text, language="en") == [] and finding.find(text, language="en") == []
    assert places.asked == []


@pytest.mark.parametrize("text", ["x" * 1000, "🍕" * 300, "Straße\x00 12", "\u202e12 Canary", "a\nb"])
def test_any_text_may_be_asked_for(places: ProviderOfPlaces, text: str) -> None:
    finding.suggest(text, language="en")
    finding.find(text, language="en")
    assert all(len(asked["QueryText"]) <= finding.MAX_TEXT for _, _, asked in places.asked)


def item(**changes: Any) -> dict[str, Any]:
    usual = AS_AWS_ANSWERS["/v2/geocode"]["ResultItems"][0]
    changed = {**usual, **{name: value for name, value in changes.items() if name[0].isupper()}}
    changed["Address"] = {**usual["Address"], **changes.get("address", {})}
    return {name: value for name, value in changed.items() if value is not None}


@pytest.mark.parametrize(
    ("found", "is_sure", "count"),
    [
        (item(), True, 1),
        (item(AddressNumberCorrected=True), False, 1),
        (item(MatchScores={"Overall": 0.7}), False, 1),
        (item(MatchScores=None), True, 1),
        (item(PlaceType="Street"), False, 1),
        (item(PlaceType="PointOfInterest"), False, 1),
        (item(PlaceType="SecondaryAddress"), True, 1),
        (item(Position=None), False, 0),
        (item(address={"Country": {"Code2": "BR"}}), False, 0),
        (item(address={"Country": {}}), False, 0),
    ],
)  # fmt: skip
def test_only_a_door_of_which_all_is_recognised_is_sure(
    amazon: Amazon, found: dict[str, Any], is_sure: bool, count: int
) -> None:
    amazon.answers["/v2/geocode"] = {"ResultItems": [found]}
    places = finding.locate(ADDRESS, language="en")
    assert len(places) == count and any(place.is_sure for place in places) is is_sure


def test_the_unit_is_not_asked_for_and_the_country_is_the_addresss(amazon: Amazon) -> None:
    finding.locate(ADDRESS, language="en", near=(40.73, -73.98))
    ((_, asked),) = amazon.asked
    assert asked["QueryText"] == "12 Canary Street, New York, NY 10003"
    assert asked["Filter"] == {"IncludeCountries": ["US"]} and asked["BiasPosition"] == [-73.98, 40.73]
    assert asked["IntendedUse"] == "Storage", "an order keeps the position"
