from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RealmsConfig(AppConfig):
    name = "realms"
    verbose_name = _("Realms")
