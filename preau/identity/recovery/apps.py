"""Registers the room with Django."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """The room `recovery`."""

    name = "preau.identity.recovery"
