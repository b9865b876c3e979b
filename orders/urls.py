from django.urls import path

from orders import order_views, views

urlpatterns = [
    path("restaurants/<str:restaurant_id>/dishes/<str:dish_id>/", views.dish, name="dish"),
    path("basket/", views.basket, name="basket"),
    path("basket/lines/", views.change_line, name="change-line"),
    path("basket/empty/", views.empty_basket, name="empty-basket"),
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<str:home>/<str:order_id>/", order_views.order, name="order"),
    path("orders/<str:home>/<str:order_id>/cancel/", order_views.cancel, name="cancel-order"),
    path("orders/<str:home>/<str:order_id>/receipt/", order_views.receipt, name="receipt"),
    path("orders/<str:home>/<str:order_id>/again/", order_views.order_again, name="order-again"),
]
