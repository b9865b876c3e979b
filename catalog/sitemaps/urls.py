from django.urls import path

from catalog.sitemaps import views

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("sitemaps/<str:cell>.xml", views.sitemap_of_cell, name="sitemap-cell"),
]
