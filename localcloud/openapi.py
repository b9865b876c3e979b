"""What the OpenAPI document says beyond what the views show by themselves. Needed only where the document is built."""

from typing import Any

from drf_spectacular.extensions import OpenApiViewExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.places import PlacesRequest, PlacesSerializer, SuggestionsRequest, SuggestionsSerializer
from catalog.api.serializers import ListingQuery, ListingSerializer, RestaurantSerializer
from orders.api.serializers import (
    OrderRequest,
    OrderSerializer,
    PlacedOrderSerializer,
    SlotsQuery,
    SlotsSerializer,
    VerbRequest,
)
from orders.status import FOR_PEOPLE
from regions import topology


class Schema(AutoSchema):
    """The settings name this class, so that this module is imported when the document is built, and only then."""


class ProblemSerializer(serializers.Serializer):
    """RFC 9457. Further members depend on the type."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    home_region = serializers.CharField(required=False, help_text="With 421: the one region that may do it.")
    home_endpoint = serializers.CharField(required=False, help_text="With 421: where to send it instead.")
    errors = serializers.JSONField(  # type: ignore[assignment]
        required=False, help_text="With 400: member → what is wrong with it."
    )


def answers(*problems: int, **right: Any) -> dict[Any, Any]:
    """`ok=Serializer` and `created=Serializer` beside the problem statuses that an operation may answer."""
    codes = {"ok": 200, "created": 201}
    refused = {
        (status, "application/problem+json"): OpenApiResponse(ProblemSerializer, description=MEANING[status])
        for status in (*problems, 503)
    }
    return {codes[name]: OpenApiResponse(serializer, description="") for name, serializer in right.items()} | refused


UNCHANGED = {304: OpenApiResponse(None, description="You have it already")}
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="The `ETag` of the answer that you have."
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 304], description="Send it back in `If-None-Match`."
)


MEANING = {
    400: "Malformed",
    403: "Not yours to do",
    404: "Not here, or the secret does not open it",
    409: "It changed, or the token belongs to another order",
    413: "Over 64 KB",
    415: "Not JSON",
    421: "Another region decides this: see `home_endpoint`",
    422: "It cannot be ordered like this",
    429: "Too many in a minute from one address: see `Retry-After`",
    503: "Try again in a moment",
}
HOME = OpenApiParameter("home_region", str, OpenApiParameter.PATH, enum=list(topology.current().regions))
BEARER = OpenApiParameter(
    "Authorization", str, OpenApiParameter.HEADER, required=True, description="`Bearer` and the order's access secret."
)


class PlaceList(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.views.PlaceList"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="find_places",
                request=PlacesRequest,
                responses=answers(400, 413, 415, 429, ok=PlacesSerializer),
            )
            def post(self, request: Request) -> Response:
                return super().post(request)

        return Documented


class PlaceSuggestions(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.views.PlaceSuggestions"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="suggest_places",
                request=SuggestionsRequest,
                responses=answers(400, 413, 415, 429, ok=SuggestionsSerializer),
            )
            def post(self, request: Request) -> Response:
                return super().post(request)

        return Documented


class RestaurantList(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.views.RestaurantList"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="list_restaurants",
                parameters=[ListingQuery, IF_NONE_MATCH, ETAG],
                responses=answers(400, ok=ListingSerializer) | UNCHANGED,
            )
            def get(self, request: Request) -> Response:
                return super().get(request)

        return Documented


class RestaurantDetail(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "catalog.api.views.RestaurantDetail"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="get_restaurant",
                parameters=[IF_NONE_MATCH, ETAG],
                responses=answers(404, ok=RestaurantSerializer) | UNCHANGED,
            )
            def get(self, request: Request, restaurant_id: str) -> Response:
                return super().get(request, restaurant_id)

        return Documented


class SlotList(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "orders.api.views.SlotList"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="list_slots", parameters=[SlotsQuery], responses=answers(400, 404, ok=SlotsSerializer)
            )
            def get(self, request: Request, restaurant_id: str) -> Response:
                return super().get(request, restaurant_id)

        return Documented


class OrderList(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "orders.api.views.OrderList"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            @extend_schema(
                operation_id="place_order",
                request=OrderRequest,
                responses=answers(
                    400, 404, 409, 413, 415, 421, 422, 429, ok=PlacedOrderSerializer, created=PlacedOrderSerializer
                ),
            )
            def post(self, request: Request) -> Response:
                return super().post(request)

        return Documented


class OrderDetail(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "orders.api.views.OrderDetail"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            as_of = OpenApiParameter(
                "As-Of",
                str,
                OpenApiParameter.HEADER,
                response=[200, 304],
                description="The home could not be asked: how old this is.",
            )

            @extend_schema(
                operation_id="get_order",
                parameters=[HOME, BEARER, as_of, IF_NONE_MATCH, ETAG],
                responses=answers(404, 421, ok=OrderSerializer) | UNCHANGED,
            )
            def get(self, request: Request, home_region: str, order_id: str) -> Response:
                return super().get(request, home_region, order_id)

        return Documented


class OrderVerb(OpenApiViewExtension):  # type: ignore[no-untyped-call]
    target_class = "orders.api.views.OrderVerb"

    def view_replacement(self) -> type:
        class Documented(self.target_class):  # type: ignore[name-defined]
            verb = OpenApiParameter("verb", str, OpenApiParameter.PATH, enum=list(FOR_PEOPLE))

            @extend_schema(
                operation_id="change_order",
                parameters=[HOME, verb, BEARER],
                request=VerbRequest,
                responses=answers(400, 403, 404, 409, 421, 429, ok=OrderSerializer),
            )
            def post(self, request: Request, home_region: str, order_id: str, verb: str) -> Response:
                return super().post(request, home_region, order_id, verb)

        return Documented
