from django.urls import path

from admin_portal import views

urlpatterns = [
    path("operations/", views.operations, name="operations"),
]
