"""The simulator, as Django knows it."""

from django.apps import AppConfig


class StartConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.start"
