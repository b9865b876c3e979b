from django.urls import path

from orders import id_in_path  # noqa: F401 - defines <order_id:…>
from orders.api import views

urlpatterns = [
    path("restaurants/<str:restaurant_id>/slots", views.SlotList.as_view(), name="api-slots"),
    path("orders", views.OrderList.as_view(), name="api-orders"),
    path("orders/<str:home_region>/<order_id:order_id>", views.OrderDetail.as_view(), name="api-order"),
    path("orders/<str:home_region>/<order_id:order_id>/<str:verb>", views.OrderVerb.as_view(), name="api-order-verb"),
]
