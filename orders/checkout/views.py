"""The checkout."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import where
from catalog.menu_cache import menu
from catalog.models import Restaurant
from core import ids
from core.actor import GUEST
from core.errors import Conflict, NotFound, Refused, TokenOutOfTime, TokenReused
from orders import basket_cookie, placing
from orders.baskets import Basket
from orders.checkout.forms import CheckoutForm
from orders.checkout.page import CheckoutPage
from orders.errors import BasketChanged, CannotOrder
from orders.links import order_url
from orders.models import Order
from orders.reviewed_basket import ReviewedBasket
from orders.status import Kind
from places.addresses import Address
from regions import topology


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The form; posted, the order, or the sums with the choices made so far (`update`)."""
    basket = basket_cookie.read(request)
    if basket is None:
        return _without_basket(request)
    try:
        restaurant, _dishes = menu(basket.restaurant)
        if request.method == "POST":
            return _receive(request, basket, CheckoutForm(restaurant, request.POST))
        return _show(request, basket, CheckoutForm(restaurant, address=_known_address(request, restaurant)))
    except NotFound:  # its restaurant; the basket's page says so
        return redirect("basket")


def _known_address(request: HttpRequest, restaurant: Restaurant) -> Address | None:
    """Where the customer has said to be, if there can be an address of this restaurant's deliveries."""
    known = where.current(request)
    return known.address if known and known.address.country == restaurant.country else None


def _receive(request: HttpRequest, basket: Basket, form: CheckoutForm) -> HttpResponse:
    is_valid = form.is_valid()
    if "update" in request.POST:
        form.ignore_unfinished_fields()
        return _show(request, basket, form)
    if not is_valid:
        return _show(request, basket, form)
    if form.cleaned_data["token"] != basket.token:
        return _of_another_basket(request, basket, form)
    return _place(request, basket, form)


def _of_another_basket(request: HttpRequest, basket: Basket, form: CheckoutForm) -> HttpResponse:
    """The form was ordered already, or another window has changed the basket since."""
    token = form.cleaned_data["token"]
    order = placing.find_placed(token, topology.current().jurisdiction)
    return _to_order(order, token) if order else _show(request, basket, form, problem=BasketChanged())


def _place(request: HttpRequest, basket: Basket, form: CheckoutForm) -> HttpResponse:
    """The order's page; or the checkout again with what stands in the way, everything typed kept and nothing placed."""
    wish = form.wish(basket)
    try:
        order, _created = placing.place(
            token=basket.token, wish=wish, contact=form.contact(), agreed_minor=form.cleaned_data["agreed"], by=GUEST
        )
    except TokenReused as error:
        return _ordered_before(request, basket.token, error)
    except TokenOutOfTime as problem:
        return _show(request, basket.under_new_token(), form, problem=problem)
    except (CannotOrder, Conflict) as problem:
        return _show(request, basket, form, problem=problem)
    return basket_cookie.clear(_to_order(order, basket.token))


def _show(request: HttpRequest, basket: Basket, form: CheckoutForm, *, problem: Refused | None = None) -> HttpResponse:
    kind = request.POST.get("kind") or request.GET.get("kind")
    reviewed = ReviewedBasket.of(
        basket,
        kind=Kind(kind) if kind in set(Kind) else None,
        cell=where.remembered(request),
        scheduled_for=form.cleaned_data.get("scheduled_for") if form.is_bound else None,
    )
    # It may have moved while the basket was kept.
    topology.check_jurisdiction(reviewed.restaurant.jurisdiction, path=request.path_info)
    page = CheckoutPage.of(reviewed, form, problem=problem)
    is_update = "update" in request.POST
    context = {"page": page, "form": form, "reviewed": page.reviewed, "is_update": is_update}
    response = render(request, "orders/checkout.html", context, status=200 if is_update else page.status)
    return basket_cookie.write(response, page.reviewed.basket_as_shown)


def _ordered_before(request: HttpRequest, token: str, error: TokenReused) -> HttpResponse:
    """The answer to an earlier attempt was lost on its way, and something was changed before trying again."""
    order = placing.find_placed(token, topology.current().jurisdiction)
    if order is None:
        raise error
    messages.warning(
        request, _("You have already ordered this basket: here is that order. Later changes are not in it.")
    )
    return basket_cookie.clear(_to_order(order, token))


def _without_basket(request: HttpRequest) -> HttpResponse:
    """A double click or the back button: the token in the form still leads to the order that was made of the basket."""
    token = request.POST.get("token", "")[: ids.TOKEN_MAX_CHARACTERS]
    order = placing.find_placed(token, topology.current().jurisdiction) if token else None
    return _to_order(order, token) if order else redirect("basket")


def _to_order(order: Order, token: str) -> HttpResponseRedirect:
    return redirect(order_url(order.home_region, order.id, access=ids.access_secret_from(token), placed="1"))
