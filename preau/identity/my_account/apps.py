"""Registers the room with Django."""

from django.apps import AppConfig


class MyAccountConfig(AppConfig):
    """The room `my_account`."""

    name = "preau.identity.my_account"
