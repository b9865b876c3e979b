"""Views that are imported when they are first asked: every page names others by `{% url %}`, but pays for itself only."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazy_views(module: str) -> Callable[[str], Callable[..., Any]]:
    """`view = lazy_views("orders.basket.views")`, then `path("basket/", view("basket"), …)`.

    What Django reads from the function of a view (`csrf_exempt`) is not seen: no page has that.
    """

    def view(name: str) -> Callable[..., Any]:
        def ask(request: Any, **arguments: Any) -> Any:
            return getattr(import_module(module), name)(request, **arguments)

        return ask

    return view
