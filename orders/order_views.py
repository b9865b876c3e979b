"""The pages of an order that was placed: how it stands, and what may still be done with it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import Conflict, WrongJurisdiction
from orders import actions, seen_cookie
from orders.order_page import OrderPage, order_url
from orders.reading import Behind, see
from orders.status import Role, Verb
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
        return redirect(order_url(home, order_id, **request.GET.dict()))
    except Behind as behind:
        page = OrderPage(behind.sight, access, seen_version=seen_version)
    if request.headers.get("HX-Request"):
        response = _live(request, page)
    else:
        context = {"page": page, "order": page.order, "placed": request.GET.get("placed") == "1"}
        response = render(request, "orders/order.html", context)
    patch_vary_headers(response, ["HX-Request"])
    # The address opens the order: nothing of it leaves with a link, not even within this site.
    response["Referrer-Policy"] = "strict-origin"
    return response if page.is_behind else seen_cookie.write(response, page.order)


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
    topo = topology.current()
    jurisdiction = topo.jurisdiction_of(home)
    if jurisdiction != topo.jurisdiction:
        raise WrongJurisdiction(jurisdiction, "This order can be changed in its own part of the world only.")
    access = request.POST.get("access", "")
    if home != topo.here:
        context = {"home_region": topo.region(home), "url": topo.region_url(home) + request.path, "access": access}
        return render(request, "orders/hand_over.html", context, status=421)
    found = see(home, order_id, access=access).order
    try:
        actions.change(found, Verb.CANCEL, by=Role.CUSTOMER)
    except Conflict as error:
        messages.error(request, error.detail)
    return seen_cookie.write(redirect(order_url(home, order_id, access=access)), found)
