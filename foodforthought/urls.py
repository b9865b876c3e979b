"""All addresses."""

from django.urls import include, path

from foodforthought import api_page, languages

urlpatterns = [
    path("", include("regions.urls")),
    path("", include("catalog.near.urls")),
    path("", include("catalog.restaurant.urls")),
    path("", include("catalog.sitemaps.urls")),
    path("", include("orders.basket.urls")),
    path("", include("orders.checkout.urls")),
    path("", include("orders.tracking.urls")),
    path("language/", languages.choose, name="language"),
    path("", include("admin_portal.urls")),
    path("api/", api_page.api, name="api"),
    path("api/v1/", include("foodforthought.api_urls")),
]

handler400 = "foodforthought.errors.bad_request"
handler404 = "foodforthought.errors.not_found"
handler500 = "foodforthought.errors.server_error"
