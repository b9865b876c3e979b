"""What every template may say about regions."""

from typing import Any

from django.http import HttpRequest

from regions import topology


def regions(request: HttpRequest) -> dict[str, Any]:
    return {"topology": topology.current(), "here": topology.here()}
