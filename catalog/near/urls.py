from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("catalog.near.views")

urlpatterns = [
    path("", view("home"), name="home"),
    path("where/", view("place"), name="place"),
    path("near/<str:cell>/", view("near"), name="near"),
]
