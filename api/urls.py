"""`/api/v2`: one view that finds the operation itself, and the reference for people."""

from django.urls import path, re_path

from . import views

app_name = "api"
urlpatterns = [
    path("api/v2/openapi.json", views.document, name="document"),
    path("api/v2/reference", views.reference, name="reference"),
    re_path(r"^api/v2(?:/|$)", views.operation, name="root"),
]
