"""Console pages about stores."""

from django.urls import path

from . import views

app_name = "lrs"

urlpatterns = [
    path("r/<str:realm_slug>/statements/", views.statements, name="statements"),
    path("r/<str:realm_slug>/statements/embedded/", views.embedded, name="embedded"),
    path("r/<str:realm_slug>/statements/export/", views.export, name="export"),
    path("r/<str:realm_slug>/statements/import/", views.import_statements, name="import"),
    path("r/<str:realm_slug>/statements/providers/", views.providers, name="providers"),
    path("r/<str:realm_slug>/statements/providers/add/", views.add_provider, name="add_provider"),
    path("r/<str:realm_slug>/statements/providers/<int:pk>/", views.set_provider_enabled, name="set_provider_enabled"),
    path("r/<str:realm_slug>/statements/providers/<int:pk>/delete/", views.delete_provider, name="delete_provider"),
]
