from django.urls import path

from catalog.api import views

urlpatterns = [
    path("restaurants", views.RestaurantList.as_view(), name="api-restaurants"),
    path("restaurants/<str:restaurant_id>", views.RestaurantDetail.as_view(), name="api-restaurant"),
]
