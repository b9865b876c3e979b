from django.urls import path

from catalog.api import views

urlpatterns = [
    path("restaurants", views.RestaurantList.as_view(), name="api-restaurants"),
    path("places", views.PlaceList.as_view(), name="api-places"),
    path("places/suggestions", views.PlaceSuggestions.as_view(), name="api-place-suggestions"),
    path("restaurants/<str:restaurant_id>", views.RestaurantDetail.as_view(), name="api-restaurant"),
]
