"""The checkout."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import where
from core import clock, ids
from core.errors import Conflict, NotFound, Refused, StaleToken, TokenReused, WrongJurisdiction
from orders import basket_cookie, placing
from orders.baskets import Basket
from orders.checkout.forms import CheckoutForm
from orders.checkout.page import CheckoutPage, kind_asked
from orders.errors import BasketChanged, CannotOrder, TimeNotOffered, TipOutOfRange
from orders.links import order_url
from orders.models import Order
from regions import topology


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The form, its sums with the choices made so far (`update`), or the order."""
    kept = basket_cookie.read(request)
    if kept is None:
        return _without_basket(request)
    form = CheckoutForm(request.POST) if request.method == "POST" else CheckoutForm()
    is_right = form.is_valid()
    try:
        page = _look_over(request, kept, form)
    except NotFound:
        return redirect("basket")
    if page.restaurant.jurisdiction != topology.current().jurisdiction:
        # It moved there while the basket was kept.
        raise WrongJurisdiction(page.restaurant.jurisdiction, path=request.path_info)
    if "update" in request.POST:
        form.only_of_the_sum()
        return _show_checkout(request, page, form)
    if is_right:
        return _take_order(request, page, form)
    return _show_checkout(request, page, form, status=422 if form.is_bound else 200)


def _look_over(request: HttpRequest, kept: Basket, form: CheckoutForm) -> CheckoutPage:
    wanted = form.cleaned_data.get("scheduled_for") if form.is_bound else None
    return CheckoutPage.of(kept, kind=kind_asked(request), cell=where.remembered(request), scheduled_for=wanted)


def _take_order(request: HttpRequest, page: CheckoutPage, form: CheckoutForm) -> HttpResponse:
    """The order's page; or the checkout again with what stands in the way, everything typed kept and nothing placed."""
    token = form.cleaned_data["token"]
    if token != page.basket.token:
        earlier = placing.find_placed(token, topology.current().jurisdiction)
        return _to_order(earlier, token) if earlier else _refuse(request, page, form, BasketChanged())
    try:
        order, _ = placing.place(
            token=token,
            wish=page.wish(tip_minor=form.tip_minor(page.digits)),
            contact=form.contact(),
            agreed_minor=form.cleaned_data["agreed"],
        )
    except TokenReused as error:
        return _ordered_before(request, token, error)
    except StaleToken as error:
        fresh = page.with_token(ids.new_token(now_seconds=clock.now_ms() // 1000))
        return _refuse(request, fresh, form, error)
    except (TipOutOfRange, TimeNotOffered) as error:
        form.add_error("scheduled_for" if isinstance(error, TimeNotOffered) else form.tip_field, error.detail)
        return _show_checkout(request, page, form, status=422)
    except (CannotOrder, Conflict) as error:
        return _refuse(request, page, form, error)
    return basket_cookie.clear(_to_order(order, token))


def _refuse(request: HttpRequest, page: CheckoutPage, form: CheckoutForm, problem: Refused) -> HttpResponse:
    status = 409 if isinstance(problem, Conflict) else 422
    return _show_checkout(request, page, form, problem=problem, status=status)


def _show_checkout(
    request: HttpRequest, page: CheckoutPage, form: CheckoutForm, *, problem: Refused | None = None, status: int = 200
) -> HttpResponse:
    """With the tip in the sums and, when it cannot be had now, for the first time that it can."""
    if form.is_bound:
        for obstacle in page.review.obstacles:
            if isinstance(obstacle, TimeNotOffered) and "scheduled_for" not in form.errors:
                form.add_error("scheduled_for", obstacle.detail)
        try:
            page = page.with_tip(form.tip_minor(page.digits))
        except TipOutOfRange as error:
            form.add_error(form.tip_field, error.detail)
    page = page.for_later_if_not_now()
    context = {"page": page, "form": form, "problem": problem, "time": page.time_shown(form)}
    context["is_update"] = "update" in request.POST
    response = render(request, "orders/checkout.html", context, status=status)
    return basket_cookie.write(response, page.basket_as_shown())


def _ordered_before(request: HttpRequest, token: str, error: TokenReused) -> HttpResponse:
    """The answer to an earlier attempt was lost on its way, and something was changed before trying again."""
    order = placing.find_placed(token, topology.current().jurisdiction)
    if order is None:
        raise error
    messages.warning(
        request, _("This basket was ordered already: this is that order. What you changed afterwards is not in it.")
    )
    return basket_cookie.clear(_to_order(order, token))


def _without_basket(request: HttpRequest) -> HttpResponse:
    """A double click or the back button: the token in the form still leads to the order that was made of the basket."""
    token = request.POST.get("token", "")[: ids.TOKEN_MAX_CHARACTERS]
    order = placing.find_placed(token, topology.current().jurisdiction) if token else None
    return _to_order(order, token) if order else redirect("basket")


def _to_order(order: Order, token: str) -> HttpResponseRedirect:
    return redirect(order_url(order.home_region, order.id, access=ids.access_secret_from(token), placed="1"))
