"""The provider of places that unit tests ask over HTTP: a gazetteer that knows a few streets and cities."""

import threading
from collections.abc import Sequence
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import botocore.session
from botocore.config import Config

from localcloud.gazetteer.index import City, Gazetteer, House
from localcloud.gazetteer.server import Server
from places import finding

NEW_YORK = City("New York", "US", "NY", (40.7306, -73.9866), 8_800_000, ("New York City", "Nueva York"), ("10003",))
CHICAGO = City("Chicago", "US", "IL", (41.8853, -87.6326), 2_700_000, (), ("60601",))
MONTREAL = City("Montréal", "CA", "QC", (45.5050, -73.5700), 1_760_000, ("Montreal",), ("H2Y 1C6",))
PARIS = City("Paris", "FR", "", (48.8566, 2.3522), 2_100_000, ("Parigi",), ("75001", "75004"))
ZURICH = City("Zürich", "CH", "ZH", (47.3717, 8.5423), 415_000, ("Zurich", "Zurigo"), ("8001",))
CITIES = (NEW_YORK, CHICAGO, MONTREAL, PARIS, ZURICH)


def _street(name: str, city: City, postcode: str) -> Sequence[House]:
    """Numbers 1 to 200, from one end, 200 m away from the middle of the city, to the other."""
    latitude, longitude = city.position
    return [
        House(
            name, str(number), postcode, city.name, city.region, city.country, (latitude + (number - 100) / 55_600, longitude)
        )
        for number in range(1, 201)
    ]  # fmt: skip


HOUSES = (
    *_street("Canary Street", NEW_YORK, "10003"),
    *_street("Canary Avenue", CHICAGO, "60601"),
    *_street("Rue du Canari", PARIS, "75004"),
    *_street("Rue de Rivoli", PARIS, "75001"),
)

PATIENCE_SECONDS = 20.0


class ProviderOfPlaces:
    """`asked` is what was asked for since the test began: (region, operation, what was sent). Frozen, it answers nothing."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self._thawed = threading.Event()
        self._thawed.set()

    @property
    def is_frozen(self) -> bool:
        return not self._thawed.is_set()

    @is_frozen.setter
    def is_frozen(self, is_frozen: bool) -> None:
        if is_frozen:
            self._thawed.clear()
        else:
            self._thawed.set()

    def reset(self) -> None:
        self.asked.clear()
        self.is_frozen = False

    def client(self, region: str) -> Any:
        """As patient as ours with a frozen one; else a busy machine is waited for."""
        return self._client(region, finding.TIMEOUT_SECONDS if self.is_frozen else PATIENCE_SECONDS)

    @cache  # noqa: B019 - there is one, for as long as the process lives
    def _client(self, region: str, timeout_seconds: float) -> Any:
        timeouts = Config(
            connect_timeout=timeout_seconds, read_timeout=timeout_seconds, retries={"total_max_attempts": 1}
        )  # fmt: skip
        client = botocore.session.get_session().create_client(
            "geo-places", region_name=region, endpoint_url=self.server.url, config=timeouts,
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

        def note(params: dict[str, Any], model: Any, **_: Any) -> None:
            self.asked.append((region, model.name, dict(params)))

        client.meta.events.register("provide-client-params.geo-places", lambda params, model, **_: note(params, model))
        return client

    @property
    def server(self) -> Server:
        return _server(self._thawed)


@cache
def _server(thawed: threading.Event) -> Server:
    server = Server(Gazetteer(CITIES, HOUSES), 0)
    handler: type[BaseHTTPRequestHandler] = server.RequestHandlerClass  # type: ignore[assignment]

    class Freezing(handler):  # type: ignore[valid-type,misc]
        def do_POST(self) -> None:  # noqa: N802
            thawed.wait()
            super().do_POST()

    server.RequestHandlerClass = Freezing
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


provider = ProviderOfPlaces()
