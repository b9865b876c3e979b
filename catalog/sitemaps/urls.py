from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("catalog.sitemaps.views")

urlpatterns = [
    path("robots.txt", view("robots"), name="robots"),
    path("sitemap.xml", view("sitemap"), name="sitemap"),
    path("sitemaps/<str:cell>.xml", view("sitemap_of_cell"), name="sitemap-cell"),
]
