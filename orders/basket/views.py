"""The pages for choosing: a dish with its options, the basket. htmx asks for the parts of them that change."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import other_site, where
from catalog.dish_facts import facts
from catalog.dish_filter import DishFilter
from catalog.menu_cache import menu
from catalog.models import Dish, Kitchen, Restaurant, kitchen_of
from core import clock
from core.errors import NotFound, WrongJurisdiction
from orders import basket_cookie, baskets
from orders.basket.forms import DishForm, LineForm
from orders.basket.panel import BasketPanel
from orders.baskets import Basket
from orders.errors import CannotOrder, OtherRestaurant, QuantityOutOfRange
from orders.links import checkout_url
from orders.review import check_can_be_had
from orders.reviewed_basket import ReviewedBasket
from orders.status import Kind


@require_http_methods(["GET", "HEAD", "POST"])
def dish(request: HttpRequest, restaurant_id: str, dish_id: str) -> HttpResponse:
    """A dish and its options; posting puts it into the basket."""
    restaurant, dishes = menu(restaurant_id)
    found = _find(dishes, dish_id)
    kitchen, elsewhere = other_site.look(restaurant, request.path_info)
    if elsewhere and request.method == "POST":
        raise WrongJurisdiction(restaurant.jurisdiction, path=request.path_info)
    form = DishForm(found, request.POST if request.method == "POST" else None)
    if elsewhere:
        return _show_dish(request, restaurant, form, other_site=elsewhere)
    try:
        check_can_be_had(form.dish, restaurant, kitchen, now=clock.now())
    except CannotOrder as obstacle:
        return _show_dish(request, restaurant, form, why_not=obstacle)
    return _add(request, restaurant, kitchen, form) if form.is_valid() else _show_dish(request, restaurant, form)


def _find(dishes: list[Dish], dish_id: str) -> Dish:
    for dish in dishes:
        if dish.id == dish_id:
            return dish
    raise NotFound(_("This dish is no longer on the menu. The menu shows what is."))


def _add(request: HttpRequest, restaurant: Restaurant, kitchen: Kitchen, form: DishForm) -> HttpResponse:
    """Into the basket, unless it is another restaurant's: then the customer is asked first."""
    may_replace = request.POST.get("replace") == "yes"
    try:
        basket = baskets.put(
            form.line(), basket_cookie.read(request), restaurant=restaurant.id, may_replace=may_replace
        )
        return basket_cookie.write(_added(request, restaurant, kitchen, basket, form), basket)
    except OtherRestaurant as other:
        return _ask_which(request, restaurant, form.dish, present_id=other.restaurant)
    except CannotOrder as problem:
        return _show_dish(request, restaurant, form, problem=problem)


def _added(
    request: HttpRequest, restaurant: Restaurant, kitchen: Kitchen, basket: Basket, form: DishForm
) -> HttpResponse:
    names = {"quantity": form.cleaned_data["quantity"], "dish": form.dish.name}
    notice = _("%(quantity)d × %(dish)s is in your basket.") % names
    if _is_part(request):
        return _basket_parts(request, basket, restaurant, kitchen, notice=notice)
    messages.success(request, notice)
    return _to_menu(request, restaurant.id)


def _show_dish(request: HttpRequest, restaurant: Restaurant, form: DishForm, **context: Any) -> HttpResponse:
    """The page of a dish, or what stands in the dialog of the menu; after a POST because nothing was added."""
    context |= {"restaurant": restaurant, "dish": form.dish, "facts": facts(form.dish), "form": form}
    return _page_or_part(request, "dish", context, status=422 if form.is_bound else 200)


def _ask_which(request: HttpRequest, restaurant: Restaurant, dish: Dish, *, present_id: str) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
    try:
        present, _dishes = menu(present_id)
    except NotFound:
        present = None
    context = {"restaurant": restaurant, "dish": dish, "present": present, "sent": sent}
    return _page_or_part(request, "other_restaurant", context, status=409)


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """What is in the basket at today's prices, and what has changed since it was put in."""
    basket = basket_cookie.read(request)
    if basket is None:
        return render(request, "orders/basket.html")
    try:
        reviewed = ReviewedBasket.of(basket, kind=Kind.PICKUP, cell=where.remembered(request)).for_later_if_not_now()
    except NotFound:
        return render(request, "orders/basket.html", {"is_gone": True})
    context = {"reviewed": reviewed, "checkout_url": checkout_url(reviewed.restaurant.jurisdiction)}
    response = _in_place(render(request, "orders/basket.html", context))
    return basket_cookie.write(response, reviewed.basket_as_shown)


@require_POST
def change_line(request: HttpRequest) -> HttpResponse:
    """Another quantity, on the basket's page or beside the menu."""
    basket = basket_cookie.read(request)
    form = LineForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Enter a whole number from 0 to 50. Nothing was changed."))
        return redirect("basket")
    if basket is None:
        return redirect("basket")
    try:
        changed = basket.change(form.cleaned_data["line"], quantity=form.cleaned_data["quantity"])
    except QuantityOutOfRange as problem:
        messages.error(request, problem.detail)
        return redirect("basket")
    response = _changed_beside_menu(request, changed) if form.cleaned_data["beside_menu"] else redirect("basket")
    return basket_cookie.write(response, changed)


def _changed_beside_menu(request: HttpRequest, basket: Basket) -> HttpResponse:
    if not _is_part(request):
        return _to_menu(request, basket.restaurant)
    restaurant, _dishes = menu(basket.restaurant)
    return _basket_parts(request, basket, restaurant, kitchen_of(restaurant))


@require_POST
def empty_basket(request: HttpRequest) -> HttpResponse:
    return basket_cookie.clear(redirect("basket"))


def _to_menu(request: HttpRequest, restaurant_id: str) -> HttpResponse:
    """Back to the menu, with what is hidden in it."""
    menu_url = reverse("restaurant", kwargs={"restaurant_id": restaurant_id})
    return redirect(menu_url + DishFilter.of(request.GET).query)


def _is_part(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _page_or_part(request: HttpRequest, name: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    in_dialog = _is_part(request)
    template = f"orders/_{name}.html" if in_dialog else f"orders/{name}.html"
    context |= {"wanted": DishFilter.of(request.GET), "in_dialog": in_dialog}
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return _in_place(response)


def _basket_parts(
    request: HttpRequest, basket: Basket, restaurant: Restaurant, kitchen: Kitchen, *, notice: str = ""
) -> HttpResponse:
    """Every place of the menu's page that shows something of the basket."""
    context = {
        "basket": basket,
        "basket_count": basket.count,
        "beside": BasketPanel.of(basket, restaurant, kitchen, cell=where.remembered(request)),
        "restaurant": restaurant,
        "wanted": DishFilter.of(request.GET),
        "notice": notice,
    }
    response = render(request, "orders/_basket_parts.html", context)
    response["HX-Reswap"] = "none"
    return _in_place(response)


def _in_place(response: HttpResponse) -> HttpResponse:
    """htmx writes the address of what a link or form answers into the browser's, unless it is told not to."""
    response["HX-Push-Url"] = "false"
    return response
