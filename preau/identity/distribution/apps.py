"""Registers the room with Django."""

from django.apps import AppConfig


class DistributionConfig(AppConfig):
    """The room `distribution`."""

    name = "preau.identity.distribution"
