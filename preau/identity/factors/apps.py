"""Registers the room with Django."""

from django.apps import AppConfig


class FactorsConfig(AppConfig):
    """The room `factors`."""

    name = "preau.identity.factors"
