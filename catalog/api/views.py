"""Browsing by API: places, the restaurants near one, and one restaurant with its menu."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.places import (
    PlacesRequest,
    PlacesSerializer,
    SuggestionsRequest,
    SuggestionsSerializer,
    place_document,
)
from catalog.api.serializers import (
    ListingQuery,
    ListingSerializer,
    RestaurantSerializer,
    listing_document,
    restaurant_document,
)
from catalog.browse import near
from catalog.menu_cache import KEPT_SECONDS, menu
from catalog.models import kitchen_of
from core import clock, geo
from core.messages import language
from regions import topology

# As long as a container remembers a menu: an answer may be as old as that in any case.
CACHING = {"Cache-Control": f"public, max-age={KEPT_SECONDS:.0f}"}

UNKEPT = {"Cache-Control": "no-store"}


class PlaceList(APIView):
    """The places that a text may mean, or the address nearest to a position; only those in the jurisdiction that answers.

    What is sent goes to a provider there, so ask the endpoint of the jurisdiction, not the global one.
    """

    serializer_class = PlacesSerializer

    def post(self, request: Request) -> Response:
        from places import finding  # here, and below: it loads what no other answer needs

        query = PlacesRequest(data=request.data)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        if "text" in asked:
            places = finding.find(asked["text"], language=language())
        else:
            nearest = finding.at((asked["latitude"], asked["longitude"]), language=language())
            places = [nearest] if nearest else []
        return Response({"places": [place_document(place) for place in places]}, headers=UNKEPT)


class PlaceSuggestions(APIView):
    """What a text may become, for a person who is typing it: up to 6 places in the jurisdiction that answers, a line each."""

    serializer_class = SuggestionsSerializer

    def post(self, request: Request) -> Response:
        from places import finding

        query = SuggestionsRequest(data=request.data)
        query.is_valid(raise_exception=True)
        suggestions = finding.suggest(query.validated_data["text"], language=language())
        return Response({"suggestions": suggestions}, headers=UNKEPT)


class RestaurantList(APIView):
    """Restaurants that deliver to a place, open ones first. At most 300 are looked at together, the nearest ones first."""

    serializer_class = ListingSerializer

    def get(self, request: Request) -> Response:
        query = ListingQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        cell = asked.get("cell") or geo.cell_at(asked["lat"], asked["lng"])
        listing = near(cell, at=clock.now(), wanted=query.wanted(), cursor=asked["cursor"])
        return Response(listing_document(listing), headers=CACHING)


class RestaurantDetail(APIView):
    """A restaurant, its menu, and what its kitchen can make right now."""

    serializer_class = RestaurantSerializer

    def get(self, request: Request, restaurant_id: str) -> Response:
        restaurant, dishes = menu(restaurant_id)
        kitchen = kitchen_of(restaurant)
        endpoint = topology.current().jurisdiction_url(restaurant.jurisdiction)
        document = restaurant_document(restaurant, dishes, kitchen, order_endpoint=endpoint, at=clock.now())
        return Response(document, headers=CACHING)
