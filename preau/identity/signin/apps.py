"""Registers the room with Django."""

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """The room `signin`."""

    name = "preau.identity.signin"
