from django.urls import path

from . import views

app_name = "realms"

urlpatterns = [
    path("realms/", views.switch, name="switch"),
    path("r/<str:realm_slug>/settings/", views.realm_settings, name="settings"),
    path("r/<str:realm_slug>/apps/", views.applications, name="applications"),
    path("r/<str:realm_slug>/apps/<str:app_id>/properties/", views.application_properties, name="properties"),
    path("r/<str:realm_slug>/apps/<str:app_id>/keys/", views.create_key, name="create_key"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/enabled/", views.set_key_enabled, name="set_key_enabled"),
    path("r/<str:realm_slug>/apps/keys/<int:pk>/delete/", views.delete_key, name="delete_key"),
    path("r/<str:realm_slug>/apps/<str:app_id>/pens-key/", views.make_pens_key, name="make_pens_key"),
    path("r/<str:realm_slug>/apps/<str:app_id>/pens-key/delete/", views.delete_pens_key, name="delete_pens_key"),
    path("styleguide/", views.styleguide, name="styleguide"),
]
