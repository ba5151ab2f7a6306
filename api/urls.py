"""`/api/v2`: one view that finds the operation itself, and the reference for people; `/api/realm/v1` beside it."""

from django.urls import path, re_path

from . import views

app_name = "api"
urlpatterns = [
    path("api/v2/openapi.json", views.document, name="document"),
    path("api/v2/reference", views.reference, name="reference"),
    path("api/realm/v1/openapi.json", views.realm_document, name="realm_document"),
    re_path(r"^api/realm/v1(?:/|$)", views.realm_operation, name="realm_root"),
    re_path(r"^api/v2(?:/|$)", views.operation, name="root"),
]
