from django.urls import path

from orders import id_in_path  # noqa: F401 - defines <order_id:…>
from orders.tracking import views

urlpatterns = [
    path("orders/<str:home>/<order_id:order_id>/", views.order, name="order"),
    path("orders/<str:home>/<order_id:order_id>/cancel/", views.cancel, name="cancel-order"),
    path("orders/<str:home>/<order_id:order_id>/receipt/", views.receipt, name="receipt"),
    path("orders/<str:home>/<order_id:order_id>/again/", views.order_again, name="order-again"),
]
