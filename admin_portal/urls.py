from django.urls import path

from core.lazy_views import lazy_views

view = lazy_views("admin_portal.views")

urlpatterns = [
    path("operations/", view("operations"), name="operations"),
]
