"""Where learners and packages come in: CONTENT_ORIGIN. No cookie is ever set here."""

from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("", include("lrs.urls_store")),
    path("", include("player.urls")),
]

# The console's error pages link to the console, which is not here.
handler400 = "player.views.bad_request"
handler404 = "player.views.not_found"
handler500 = "player.views.failed"
