"""Registers the room with Django."""

from django.apps import AppConfig


class SupportConfig(AppConfig):
    """The room `support`."""

    name = "preau.identity.support"
