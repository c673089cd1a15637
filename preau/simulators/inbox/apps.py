"""The simulator, as Django knows it."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.inbox"
