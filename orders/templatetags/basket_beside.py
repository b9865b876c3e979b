"""The basket on pages of the catalogue, which knows nothing of orders."""

from typing import Any

from django import template

from orders.basket.panel import BasketPanel

register = template.Library()


@register.simple_tag(takes_context=True)
def basket_beside_menu(context: dict[str, Any]) -> BasketPanel:
    """For a page that has a `restaurant` and its `kitchen`."""
    return BasketPanel.of(context.get("basket"), context["restaurant"], context["kitchen"], cell=context.get("where"))
