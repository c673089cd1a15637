"""Registers the room with Django."""

from django.apps import AppConfig


class FranceConnectConfig(AppConfig):
    """The room `franceconnect`."""

    name = "preau.identity.franceconnect"
