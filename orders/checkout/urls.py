from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("orders.checkout.views")

urlpatterns = [
    path("checkout/", view("checkout"), name="checkout"),
]
