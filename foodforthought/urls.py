"""All addresses but those of the REST API, which are apart (`foodforthought.api_urls`): a page does not load its framework."""

from django.urls import include, path

from core.lazy_views import lazy_views
from foodforthought import languages

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
    path("api/", lazy_views("foodforthought.api_page")("api"), name="api"),
]

handler400 = "foodforthought.errors.bad_request"
handler404 = "foodforthought.errors.not_found"
handler500 = "foodforthought.errors.server_error"
