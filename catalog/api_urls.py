from django.urls import path

from catalog import api

urlpatterns = [
    path("restaurants", api.RestaurantList.as_view(), name="api-restaurants"),
    path("restaurants/<str:restaurant_id>", api.RestaurantDetail.as_view(), name="api-restaurant"),
]
