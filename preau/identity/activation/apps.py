"""Registers the room with Django."""

from django.apps import AppConfig


class ActivationConfig(AppConfig):
    """The room `activation`."""

    name = "preau.identity.activation"
