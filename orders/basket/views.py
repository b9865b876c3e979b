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
from catalog.dish_filter import DishFilter
from catalog.menu_cache import menu
from catalog.models import Dish, Kitchen, Restaurant, kitchens_of
from catalog.restaurant.page import facts
from core import clock, ids
from core.errors import NotFound, WrongJurisdiction
from orders import basket_cookie, slots
from orders.basket.forms import DishForm, LineForm
from orders.basket.panel import BasketPanel
from orders.baskets import Basket, Line
from orders.checkout.page import CheckoutPage
from orders.errors import CannotOrder, OtherRestaurant
from orders.links import checkout_url
from orders.pricing import Choice, sell
from orders.review import check_makeable
from orders.status import Kind


@require_http_methods(["GET", "HEAD", "POST"])
def dish(request: HttpRequest, restaurant_id: str, dish_id: str) -> HttpResponse:
    """A dish and its options; posting puts it into the basket."""
    restaurant, dishes = menu(restaurant_id)
    found = next((entry for entry in dishes if entry.id == dish_id), None)
    if found is None:
        raise NotFound(_("This dish is not on the menu, or no longer. The menu shows what there is."))
    kitchen, elsewhere = other_site.look(restaurant, request.path_info)
    if elsewhere and request.method == "POST":
        raise WrongJurisdiction(restaurant.jurisdiction, path=request.path_info)
    if elsewhere:
        return _show_dish(request, restaurant, found, other_site=elsewhere)
    try:
        check_makeable(found, restaurant, kitchen, slots.soonest(found, restaurant, kitchen, now=clock.now()))
    except CannotOrder as error:
        return _show_dish(request, restaurant, found, why_not=error, status=422 if request.method == "POST" else 200)
    if request.method != "POST":
        return _show_dish(request, restaurant, found, form=DishForm(found))
    form = DishForm(found, request.POST)
    if not form.is_valid():
        return _show_dish(request, restaurant, found, form=form, status=422)
    try:
        return _add(request, restaurant, kitchen, found, form)
    except CannotOrder as error:
        return _show_dish(request, restaurant, found, form=form, problem=error, status=422)


def _show_dish(
    request: HttpRequest, restaurant: Restaurant, found: Dish, *, status: int = 200, **context: Any
) -> HttpResponse:
    """The page of a dish, or what stands in the dialog of the menu."""
    wanted = DishFilter.of(request.GET)
    context |= {"restaurant": restaurant, "dish": found, "facts": facts(found), "wanted": wanted}
    return _page_or_part(request, "dish", context, status=status)


def _add(request: HttpRequest, restaurant: Restaurant, kitchen: Kitchen, found: Dish, form: DishForm) -> HttpResponse:
    """Into the basket, unless it is another restaurant's: then the customer is asked first."""
    choice = Choice(found.id, form.cleaned_data["quantity"], form.options())
    line = Line(choice, sell(choice, {found.id: found}).unit_minor)
    basket = basket_cookie.read(request)
    if basket and basket.restaurant != restaurant.id:
        if request.POST.get("replace") != "yes":
            return _ask_which(request, restaurant, found, basket)
        basket = None
    basket = (basket or Basket(restaurant.id, ids.new_token(now_seconds=clock.now_ms() // 1000))).add(line)
    said = _("%(quantity)d × %(dish)s is in your basket.") % {"quantity": choice.quantity, "dish": found.name}
    if _is_part(request):
        return basket_cookie.write(_swaps(request, basket, restaurant, kitchen, said=said), basket)
    response = basket_cookie.write(_to_menu(request, restaurant.id), basket)
    messages.success(request, said)
    return response


def _ask_which(request: HttpRequest, restaurant: Restaurant, found: Dish, basket: Basket) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values]
    try:
        present = menu(basket.restaurant)[0]
    except NotFound:
        present = None
    context = {
        "restaurant": restaurant,
        "dish": found,
        "present": present,
        "sent": sent,
        "title": OtherRestaurant.title(),
        "wanted": DishFilter.of(request.GET),
    }
    return _page_or_part(request, "other_restaurant", context, status=409)


@require_safe
def basket(request: HttpRequest) -> HttpResponse:
    """What is in the basket at today's prices, and what has changed since it was put in."""
    kept = basket_cookie.read(request)
    if kept is None:
        return render(request, "orders/basket.html", {"page": None})
    try:
        page = CheckoutPage.of(kept, kind=Kind.PICKUP, cell=where.remembered(request)).for_later_if_not_now()
    except NotFound as gone:
        return render(request, "orders/basket.html", {"page": None, "gone": gone})
    context = {"page": page, "checkout_url": checkout_url(page.restaurant)}
    response = _in_place(render(request, "orders/basket.html", context))
    return basket_cookie.write(response, page.basket_as_shown())


@require_POST
def change_line(request: HttpRequest) -> HttpResponse:
    """Another quantity, on the basket's page or beside the menu."""
    kept = basket_cookie.read(request)
    form = LineForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("A quantity is a whole number from 0 to 50; nothing was changed."))
    if kept is None or not form.is_valid():
        return redirect("basket")
    changed = kept.change(form.cleaned_data["line"], quantity=form.cleaned_data["quantity"])
    if not form.cleaned_data["beside_menu"]:
        return basket_cookie.write(redirect("basket"), changed)
    if not _is_part(request):
        return basket_cookie.write(_to_menu(request, kept.restaurant), changed)
    restaurant, _dishes = menu(kept.restaurant)
    kitchen = kitchens_of([(restaurant.id, restaurant.jurisdiction)])[restaurant.id]
    return basket_cookie.write(_swaps(request, changed, restaurant, kitchen, said=""), changed)


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
    response = render(request, template, context | {"in_dialog": in_dialog}, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return _in_place(response)


def _swaps(
    request: HttpRequest, basket: Basket, restaurant: Restaurant, kitchen: Kitchen, *, said: str
) -> HttpResponse:
    """Every place of the menu's page that shows something of the basket."""
    context = {
        "basket": basket,
        "basket_count": basket.count,
        "beside": BasketPanel.of(basket, restaurant, kitchen, cell=where.remembered(request)),
        "restaurant": restaurant,
        "wanted": DishFilter.of(request.GET),
        "said": said,
    }
    response = render(request, "orders/_basket_swaps.html", context)
    response["HX-Reswap"] = "none"
    return _in_place(response)


def _in_place(response: HttpResponse) -> HttpResponse:
    """htmx writes the address of what a link or form answers into the browser's, unless it is told not to."""
    response["HX-Push-Url"] = "false"
    return response
