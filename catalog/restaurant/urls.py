from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("catalog.restaurant.views")

urlpatterns = [
    path("restaurants/<str:restaurant_id>/", view("restaurant"), name="restaurant"),
]
