"""The addresses of the REST API."""

from django.urls import include, path

urlpatterns = [
    path("", include("catalog.api.urls")),
    path("", include("orders.api.urls")),
]
