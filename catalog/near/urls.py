from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("catalog.near.views")
asked = lazy_views("catalog.near.place_views")

urlpatterns = [
    path("", view("home"), name="home"),
    path("where/", asked("place"), name="place"),
    path("where/suggestions/", asked("suggestions"), name="place-suggestions"),
    path("where/forget/", asked("forget"), name="forget-places"),
    path("near/<str:cell>/", view("near"), name="near"),
]
