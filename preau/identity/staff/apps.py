"""Registers the room with Django."""

from django.apps import AppConfig


class StaffConfig(AppConfig):
    """The room `staff`."""

    name = "preau.identity.staff"
