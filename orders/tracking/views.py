"""The pages of an order that was placed: how it stands, and what may still be done with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.menu_cache import menu
from catalog.models import kitchen_of
from core.errors import Conflict, WrongJurisdiction, WrongRegion
from orders import basket_cookie, lifecycle
from orders.links import order_url
from orders.reading import Behind, customer_of, see, see_at_home
from orders.status import Verb
from orders.tracking import seen_cookie
from orders.tracking.page import OrderPage
from orders.tracking.reorder import Reorder, reorder
from regions import topology


@never_cache
@require_safe
def order(request: HttpRequest, home: str, order_id: str) -> HttpResponse:
    """An order for whoever has its link; htmx asks for its live part only."""
    access = request.GET.get("access", "")
    seen_version = seen_cookie.read(request)
    try:
        page = OrderPage(see(home, order_id, access=access, seen_version=seen_version), access)
    except WrongJurisdiction:
        kept = {name: request.GET[name] for name in ("access", "placed") if name in request.GET}
        return redirect(order_url(home, order_id, **kept))
    except Behind as behind:
        page = OrderPage(behind.sight, access, seen_version=seen_version)
    response = _live(request, page) if request.headers.get("HX-Request") else _whole(request, page)
    patch_vary_headers(response, ["HX-Request"])
    return _private(response if page.is_behind else seen_cookie.write(response, page.order))


def _private(response: HttpResponse) -> HttpResponse:
    """The address opens the order: nothing of it leaves with a link, not even within this site."""
    response["Referrer-Policy"] = "strict-origin"
    return response


def _whole(request: HttpRequest, page: OrderPage) -> HttpResponse:
    context = {"page": page, "order": page.order, "placed": request.GET.get("placed") == "1"}
    return render(request, "orders/order.html", context)


def _live(request: HttpRequest, page: OrderPage) -> HttpResponse:
    """The part that changes; nothing when it has not, or when what is known here is older than what the page shows."""
    if page.is_behind:
        return HttpResponse(status=204, headers={"As-Of": page.shown_until})
    if request.GET.get("seen") == page.seen:
        return HttpResponse(status=204)
    # 286 tells htmx to stop asking.
    context: dict[str, Any] = {"page": page, "order": page.order}
    return render(request, "orders/_live.html", context, status=286 if page.final else 200)


@require_POST
def cancel(request: HttpRequest, home: str, order_id: str) -> HttpResponse:
    """By a guest with the order's link; elsewhere than at its home, the way there."""
    access = request.POST.get("access", "")
    try:
        order = see_at_home(home, order_id, access=access)
    except WrongRegion:
        return _hand_over(request, home, access)
    try:
        lifecycle.change(order, Verb.CANCEL, by=customer_of(order, access))
    except Conflict as error:
        messages.error(request, error.detail)
    return seen_cookie.write(redirect(order_url(home, order_id, access=access)), order)


def _hand_over(request: HttpRequest, home: str, access: str) -> HttpResponse:
    """What was sent, as a form that posts to the home."""
    topo = topology.current()
    context = {"home_region": topo.region(home), "url": topo.region_url(home) + request.path, "access": access}
    return render(request, "orders/hand_over.html", context, status=421)


@never_cache
@require_safe
def receipt(request: HttpRequest, home: str, order_id: str) -> HttpResponse:
    """An order on one sheet of paper."""
    access = request.GET.get("access", "")
    try:
        sight = see(home, order_id, access=access, seen_version=seen_cookie.read(request))
    except WrongJurisdiction:
        return redirect(order_url(home, order_id, page="receipt", access=access))
    context = {"page": OrderPage(sight, access), "order": sight.order}
    return _private(render(request, "orders/receipt.html", context))


@require_POST
def order_again(request: HttpRequest, home: str, order_id: str) -> HttpResponse:
    """A new basket of an order, on whatever region of its jurisdiction one is; another basket is not replaced unasked."""
    access = request.POST.get("access", "")
    order = see(home, order_id, access=access).order
    restaurant, dishes = menu(order.restaurant)
    again = reorder(order, restaurant=restaurant, dishes=dishes, kitchen=kitchen_of(restaurant))
    if not again.basket.lines:
        messages.error(request, _("Nothing from this order is available today. The menu shows what is."))
        return redirect("restaurant", restaurant_id=restaurant.id)
    present = basket_cookie.read(request)
    if present and not present.is_replaceable_by(again.basket) and request.POST.get("replace") != "yes":
        context = {"order": order, "access": access, "is_other": present.restaurant != restaurant.id}
        return render(request, "orders/again.html", context, status=409)
    _add_notices(request, again)
    return basket_cookie.write(redirect("basket"), again.basket)


def _add_notices(request: HttpRequest, again: Reorder) -> None:
    messages.success(request, _("What you ordered before is in your basket, at today’s prices."))
    if again.repriced:
        names = ", ".join(again.repriced)
        messages.info(request, _("These prices have changed: %(names)s.") % {"names": names})
    if again.missing:
        names = ", ".join(again.missing)
        messages.warning(request, _("No longer available as ordered: %(names)s.") % {"names": names})
