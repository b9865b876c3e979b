from django.urls import path

from catalog import machine_views, views

urlpatterns = [
    path("", views.home, name="home"),
    path("where/", views.place, name="place"),
    path("near/<str:cell>/", views.near, name="near"),
    path("robots.txt", machine_views.robots, name="robots"),
    path("sitemap.xml", machine_views.sitemap, name="sitemap"),
    path("sitemaps/<str:cell>.xml", machine_views.sitemap_of_cell, name="sitemap-cell"),
    path("restaurants/<str:restaurant_id>/", views.restaurant, name="restaurant"),
]
