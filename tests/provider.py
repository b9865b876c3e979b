"""A provider of places that says what a test wants it to say, in the shape of Amazon Location, and keeps what it was asked."""

from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.factories import NEW_YORK


class Provider:
    """Without `items`, nothing is known; `is_away` is a provider that does not answer."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.is_away = False
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def autocomplete(self, **asked: Any) -> dict[str, Any]:
        return self._answer("autocomplete", asked)

    def geocode(self, **asked: Any) -> dict[str, Any]:
        return self._answer("geocode", asked)

    def reverse_geocode(self, **asked: Any) -> dict[str, Any]:
        return self._answer("reverse_geocode", asked)

    def _answer(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, asked))
        if self.is_away:
            raise ReadTimeoutError(endpoint_url="https://places.example")
        return {"ResultItems": self.items}


def found(
    street: str = "Canary Street",
    number: str = "12",
    *,
    postcode: str = "10003",
    city: str = "New York",
    position: tuple[float, float] = NEW_YORK,
    score: float = 1.0,
    kind: str = "PointAddress",
) -> dict[str, Any]:
    """An item of an answer."""
    line = f"{number} {street}".strip()
    label = ", ".join(part for part in (line, f"{city}, NY {postcode}".strip()) if part)
    address = {
        "Label": label, "Street": street, "AddressNumber": number, "PostalCode": postcode, "Locality": city,
        "Region": {"Code": "NY", "Name": "New York"}, "Country": {"Code2": "US"},
    }  # fmt: skip
    return {
        "Title": label, "PlaceType": kind, "Address": address, "Position": [position[1], position[0]],
        "MatchScores": {"Overall": score},
    }  # fmt: skip
