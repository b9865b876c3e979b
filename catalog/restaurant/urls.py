from django.urls import path

from catalog.restaurant import views

urlpatterns = [
    path("restaurants/<str:restaurant_id>/", views.restaurant, name="restaurant"),
]
