"""The simulator, as Django knows it."""

from django.apps import AppConfig


class AuthenticatorConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.authenticator"
