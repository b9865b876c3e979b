from django.urls import path

from catalog.near import views

urlpatterns = [
    path("", views.home, name="home"),
    path("where/", views.place, name="place"),
    path("near/<str:cell>/", views.near, name="near"),
]
