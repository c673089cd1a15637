"""Registers the room with Django."""

from django.apps import AppConfig


class FederationConfig(AppConfig):
    """The room `federation`."""

    name = "preau.identity.federation"
