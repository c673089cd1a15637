"""The room, as Django knows it."""

from django.apps import AppConfig


class SigninConfig(AppConfig):
    """Sessions of people who came in through Préau."""

    name = "preau.eservices.signin"
    label = "eservices_signin"
    verbose_name = "Connexion"
