from django.urls import path

from orders import api

urlpatterns = [
    path("restaurants/<str:restaurant_id>/slots", api.SlotList.as_view(), name="api-slots"),
    path("orders", api.OrderList.as_view(), name="api-orders"),
    path("orders/<str:home_region>/<str:order_id>", api.OrderDetail.as_view(), name="api-order"),
    path("orders/<str:home_region>/<str:order_id>/<str:verb>", api.OrderVerb.as_view(), name="api-order-verb"),
]
