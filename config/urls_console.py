"""Where people and systems come in: CONSOLE_ORIGIN."""

from django.urls import include, path

# What staff see registers itself when it is imported.
import accounts.admin  # noqa: F401
import content.admin  # noqa: F401
import realms.admin  # noqa: F401
import registrations.admin  # noqa: F401
import webhooks.admin  # noqa: F401
from realms.administration import site

from . import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("site/", site.urls),
    path("", include("api.urls")),
    path("", include("accounts.urls")),
    path("", include("realms.urls")),
    path("", include("content.urls")),
    path("", include("registrations.urls")),
    path("", include("webhooks.urls")),
    path("", include("lrs.urls")),
    path("", include("lrs.urls_store")),
]
