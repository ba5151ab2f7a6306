"""Console pages about webhooks."""

from django.urls import path

from . import views

app_name = "webhooks"

urlpatterns = [
    path("r/<str:realm_slug>/webhooks/", views.endpoints, name="endpoints"),
    path("r/<str:realm_slug>/webhooks/add/", views.add, name="add"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/", views.endpoint, name="endpoint"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/change/", views.change, name="change"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/enabled/", views.set_enabled, name="set_enabled"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/secret/", views.roll_secret, name="roll_secret"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/test/", views.send_test, name="send_test"),
    path("r/<str:realm_slug>/webhooks/<int:pk>/delete/", views.delete, name="delete"),
    path("r/<str:realm_slug>/webhooks/deliveries/<int:pk>/", views.delivery, name="delivery"),
    path("r/<str:realm_slug>/webhooks/deliveries/<int:pk>/again/", views.send_again, name="send_again"),
]
