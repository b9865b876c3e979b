from django.urls import path

from core.lazy_views import lazy_views
from orders import id_in_path  # noqa: F401 - defines <order_id:…>

view = lazy_views("orders.tracking.views")

urlpatterns = [
    path("orders/<str:home>/<order_id:order_id>/", view("order"), name="order"),
    path("orders/<str:home>/<order_id:order_id>/cancel/", view("cancel"), name="cancel-order"),
    path("orders/<str:home>/<order_id:order_id>/receipt/", view("receipt"), name="receipt"),
    path("orders/<str:home>/<order_id:order_id>/again/", view("order_again"), name="order-again"),
]
