from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("orders.basket.views")

urlpatterns = [
    path("restaurants/<str:restaurant_id>/dishes/<str:dish_id>/", view("dish"), name="dish"),
    path("basket/", view("basket"), name="basket"),
    path("basket/lines/", view("change_line"), name="change-line"),
    path("basket/empty/", view("empty_basket"), name="empty-basket"),
]
