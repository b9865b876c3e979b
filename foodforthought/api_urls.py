"""The addresses of the REST API, a URLconf of its own: `foodforthought.middleware.ApiAddresses` says when it counts."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("orders.api.urls")),
]

handler400 = "foodforthought.errors.bad_request"
handler404 = "foodforthought.errors.not_found"
handler500 = "foodforthought.errors.server_error"
