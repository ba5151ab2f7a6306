"""Where learners and packages come in: CONTENT_ORIGIN. No cookie is ever set here."""

from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("", include("player.urls")),
]
