from django.urls import path

from orders import basket_views, order_views, views

urlpatterns = [
    path("restaurants/<str:restaurant_id>/dishes/<str:dish_id>/", basket_views.dish, name="dish"),
    path("basket/", basket_views.basket, name="basket"),
    path("basket/lines/", basket_views.change_line, name="change-line"),
    path("basket/empty/", basket_views.empty_basket, name="empty-basket"),
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<str:home>/<str:order_id>/", order_views.order, name="order"),
    path("orders/<str:home>/<str:order_id>/cancel/", order_views.cancel, name="cancel-order"),
    path("orders/<str:home>/<str:order_id>/receipt/", order_views.receipt, name="receipt"),
    path("orders/<str:home>/<str:order_id>/again/", order_views.order_again, name="order-again"),
]
