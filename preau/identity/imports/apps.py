"""Registers the room with Django."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The room `imports`."""

    name = "preau.identity.imports"
