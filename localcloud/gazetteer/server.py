"""The gazetteer in the shape of Amazon Location's Places API (`geo-places`). It keeps nothing that is typed."""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from babel import Locale
from botocore.model import ServiceModel
from botocore.session import get_session
from botocore.validate import ParamValidator

from localcloud.gazetteer.index import Entry, Gazetteer
from places.addresses import Address, street_line
from regions import topology

OPERATIONS = {"/v2/autocomplete": "Autocomplete", "/v2/geocode": "Geocode", "/v2/reverse-geocode": "ReverseGeocode"}
MAX_RESULTS = 20
MAX_TEXT = 200


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1; port 0 takes one that is free. `counts` says how often each operation was asked for."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, gazetteer: Gazetteer, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.gazetteer = gazetteer
        self.counts: Counter[str] = Counter()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # whoever asked does not wait any longer
            super().handle_error(request, client_address)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Invalid(Exception):
    pass


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(200, dict(self.server.counts))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        operation = OPERATIONS.get(self.path.partition("?")[0])
        if operation is None:
            return self._refuse(404, "UnknownOperationException", "There is no such operation.")
        self.server.counts[operation] += 1
        try:
            asked = json.loads(body)
            _check(operation, asked)
        except (ValueError, _Invalid) as error:
            return self._refuse(400, "ValidationException", str(error))
        return self._answer(
            200, {"ResultItems": answer(self.server.gazetteer, operation, asked)}, bucket=_bucket(asked)
        )

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._answer(status, {"message": message, "reason": "CannotParse", "fieldList": []}, code=code)

    def _answer(self, status: int, document: Mapping[str, Any], *, code: str = "", bucket: str = "") -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("x-amzn-ErrorType", code)
        if bucket:
            self.send_header("x-amz-geo-pricing-bucket", bucket)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nothing: what people type is in no log."""


def answer(gazetteer: Gazetteer, operation: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The result items of an operation; `asked` as botocore's model has it."""
    countries = asked.get("Filter", {}).get("IncludeCountries") or frozenset(topology.current().country_jurisdictions)
    most = asked.get("MaxResults", MAX_RESULTS)
    language = asked.get("Language", "en")
    if operation == "ReverseGeocode":
        longitude, latitude = asked["QueryPosition"]
        entry = gazetteer.nearest((latitude, longitude), countries=countries)
        return [_item(entry, language)] if entry else []
    near = tuple(reversed(asked["BiasPosition"])) if "BiasPosition" in asked else None
    if operation == "Autocomplete":
        entries = gazetteer.autocomplete(asked["QueryText"], countries=countries, near=near, most=most)
        is_core = "Core" in asked.get("AdditionalFeatures", ())
        return [_suggestion(entry, language, is_core=is_core) for entry in entries]
    entries = gazetteer.geocode(asked.get("QueryText", ""), countries=countries, near=near, most=most)
    return [_item(entry, language) | {"MatchScores": {"Overall": round(entry.score, 3)}} for entry in entries]


def _item(entry: Entry, language: str) -> dict[str, Any]:
    latitude, longitude = entry.position
    return _suggestion(entry, language, is_core=True) | {"Position": [longitude, latitude]}


def _suggestion(entry: Entry, language: str, *, is_core: bool) -> dict[str, Any]:
    label = _label(entry, language)
    address: dict[str, Any] = {"Label": label}
    if is_core:
        parts = {
            "Locality": entry.city, "PostalCode": entry.postcode, "Street": entry.street, "AddressNumber": entry.number[:10],
        }  # fmt: skip
        address |= {name: value for name, value in parts.items() if value}
        address["Country"] = {"Code2": entry.country, "Name": _country(entry.country, language)}
        if entry.subregion:
            address["SubRegion"] = {"Name": entry.subregion}
        if entry.region:
            address["Region"] = (
                {"Code": entry.region, "Name": entry.region} if len(entry.region) <= 3 else {"Name": entry.region}
            )
    place_id = "#".join((entry.kind, entry.country, entry.city, entry.postcode, entry.street, entry.number))
    return {"PlaceId": place_id[:500], "PlaceType": entry.kind, "Title": label, "Address": address}


def _label(entry: Entry, language: str) -> str:
    street = street_line(entry.street, entry.number, entry.country)
    address = Address(entry.country, street, postcode=entry.postcode, city=entry.city, region=entry.region)
    parts = (address.label, entry.subregion, _country(entry.country, language))
    return ", ".join(part for part in parts if part)[:200]


@cache
def _country(code: str, language: str) -> str:
    return str(Locale.parse(language, sep="-").territories.get(code, code))


def _bucket(asked: Mapping[str, Any]) -> str:
    if asked.get("IntendedUse") == "Storage":
        return "Stored"
    return "Core" if "QueryPosition" in asked or "IntendedUse" in asked else "Label"


@cache
def _model() -> ServiceModel:
    return get_session().get_service_model("geo-places")


def _check(operation: str, asked: Any) -> None:
    report = ParamValidator().validate(asked, _model().shape_for(f"{operation}Request"))
    if report.has_errors():
        raise _Invalid("The request has members that the model does not know or allow.")
    if len(asked.get("QueryText", "")) > MAX_TEXT:
        raise _Invalid(f"QueryText has at most {MAX_TEXT} characters.")
