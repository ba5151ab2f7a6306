"""Where people and systems come in: CONSOLE_ORIGIN."""

from django.urls import include, path

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("", include("api.urls")),
    path("", include("accounts.urls")),
    path("", include("realms.urls")),
    path("", include("content.urls")),
    path("", include("registrations.urls")),
    path("", include("webhooks.urls")),
    path("", include("lrs.urls")),
    path("", include("lrs.urls_store")),
]
