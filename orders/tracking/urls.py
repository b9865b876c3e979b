from django.urls import path

from orders.tracking import views

urlpatterns = [
    path("orders/<str:home>/<str:order_id>/", views.order, name="order"),
    path("orders/<str:home>/<str:order_id>/cancel/", views.cancel, name="cancel-order"),
    path("orders/<str:home>/<str:order_id>/receipt/", views.receipt, name="receipt"),
    path("orders/<str:home>/<str:order_id>/again/", views.order_again, name="order-again"),
]
