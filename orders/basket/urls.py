from django.urls import path

from orders.basket import views

urlpatterns = [
    path("restaurants/<str:restaurant_id>/dishes/<str:dish_id>/", views.dish, name="dish"),
    path("basket/", views.basket, name="basket"),
    path("basket/lines/", views.change_line, name="change-line"),
    path("basket/empty/", views.empty_basket, name="empty-basket"),
]
