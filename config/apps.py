from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """An app without tables, for the commands of the whole project."""

    name = "config"
