"""Addresses that lead to the endpoint which may answer."""

from urllib.parse import urlencode

from django.urls import reverse

from regions import topology


def order_url(home: str, order_id: str, *, page: str = "order", **query: str) -> str:
    """An order's page, or its receipt, on the endpoint that survives the loss of its home."""
    topo = topology.current()
    path = reverse(page, kwargs={"home": home, "order_id": order_id})
    return topo.jurisdiction_url(topo.jurisdiction_of(home)) + path + (f"?{urlencode(query)}" if query else "")


def checkout_url(jurisdiction: str) -> str:
    """On the endpoint whose regions may take an order of a restaurant there."""
    return topology.current().jurisdiction_url(jurisdiction) + reverse("checkout")
