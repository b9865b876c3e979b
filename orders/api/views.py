"""Ordering by API: place, read, change. An order is opened by its access secret, sent as a bearer token."""

from datetime import UTC, datetime

from django.utils.http import parse_etags
from django.utils.translation import gettext
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.menu_cache import menu
from catalog.models import kitchen_of
from core import clock, ids
from core.actor import GUEST
from core.errors import NotFound
from orders import lifecycle, placing, slots
from orders.api.serializers import (
    OrderRequest,
    OrderSerializer,
    PlacedOrderSerializer,
    SlotsQuery,
    SlotsSerializer,
    VerbRequest,
    order_document,
)
from orders.reading import customer_of, see, see_at_home
from orders.status import FOR_PEOPLE, Kind, Verb

MAX_VERSION_DIGITS = 15  # of milliseconds since 1970


class SlotList(APIView):
    """The times that an order at a restaurant can be wanted for; `scheduled_for` is one of them."""

    serializer_class = SlotsSerializer

    def get(self, request: Request, restaurant_id: str) -> Response:
        asked = SlotsQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        kind = Kind(asked.validated_data["kind"])
        restaurant, _ = menu(restaurant_id)
        kitchen = kitchen_of(restaurant)
        spans = slots.possible(restaurant, kitchen, kind, now=clock.now())
        moments = [clock.to_ms(slot) for slot in slots.offered(spans, place=restaurant.place)]
        document = {"restaurant": restaurant.id, "kind": kind, "time_zone": restaurant.time_zone, "slots": moments}
        return Response(document, headers={"Cache-Control": "no-store"})


class OrderList(APIView):
    """Place an order. The region that takes it becomes its home."""

    serializer_class = PlacedOrderSerializer

    def post(self, request: Request) -> Response:
        asked = OrderRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        token = asked.validated_data["token"]
        order, created = placing.place(
            token=token,
            wish=asked.wish(),
            contact=asked.contact_details(),
            agreed_minor=asked.validated_data.get("agreed_total"),
            by=GUEST,
        )
        document = order_document(order) | {"access": ids.access_secret_from(token)}
        headers = {"Location": document["links"]["self"], "Cache-Control": "no-store"}
        return Response(document, status=201 if created else 200, headers=headers)


class OrderDetail(APIView):
    """Look at an order. `As-Of` says how old the answer is when its home could not be asked.

    The `ETag` is the order's version. Sent back in `If-None-Match`, it is answered with `304` by every region that knows nothing
    newer, also by one whose copy is older: whoever sends it never sees an order go back.
    """

    serializer_class = OrderSerializer

    def get(self, request: Request, home_region: str, order_id: str) -> Response:
        sight = see(home_region, order_id, access=_access(request))
        # The caller's own cache may keep it, and asks each time; nobody else's may.
        headers = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}
        if sight.as_of_ms is not None:
            headers["As-Of"] = datetime.fromtimestamp(sight.as_of_ms / 1000, UTC).isoformat(timespec="milliseconds")
        version, known = int(sight.order.version), _version_known(request)
        headers["ETag"] = f'W/"{max(version, known)}"'
        if known >= version:
            return Response(status=304, headers=headers)
        return Response(order_document(sight.order), headers=headers)


class OrderVerb(APIView):
    """Move an order on; only its home does. A guest may cancel an order that nobody has accepted yet.

    Sent again by whoever has done it, it is answered with `200` again: with the order as it is then.
    """

    serializer_class = OrderSerializer

    def post(self, request: Request, home_region: str, order_id: str, verb: str) -> Response:
        if verb not in {known.value for known in FOR_PEOPLE}:
            raise NotFound(
                gettext("An order cannot be asked to “%(verb)s”; the verbs are %(verbs)s.")
                % {"verb": verb[:40], "verbs": ", ".join(FOR_PEOPLE)}
            )
        access = _access(request)
        order = see_at_home(home_region, order_id, access=access)
        asked = VerbRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = lifecycle.change(order, Verb(verb), by=customer_of(order, access), **asked.validated_data)
        return Response(order_document(changed))


def _access(request: Request) -> str:
    """The secret in the Authorization header, or nothing: which opens nothing."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def _version_known(request: Request) -> int:
    """The newest version of the order that the caller says it has; -1 for none, and for tags that are not ours."""
    tags = (tag.removeprefix("W/").strip('"') for tag in parse_etags(request.headers.get("If-None-Match", "")))
    return max(
        (int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= MAX_VERSION_DIGITS), default=-1
    )
