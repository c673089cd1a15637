"""The simulator, as Django knows it."""

from django.apps import AppConfig


class EntConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.ent"
