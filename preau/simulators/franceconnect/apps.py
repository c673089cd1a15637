"""The simulator, as Django knows it."""

from django.apps import AppConfig


class FranceConnectConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.franceconnect"
