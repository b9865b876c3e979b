"""`<order_id:…>` in an address: whatever has not the shape of an order's id is no address of an order, and is never looked up."""

from django.urls import register_converter

from core import ids


class OrderId:
    regex = ids.ORDER_ID

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(OrderId, "order_id")
