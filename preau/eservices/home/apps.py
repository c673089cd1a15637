"""The room, as Django knows it."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The first page."""

    name = "preau.eservices.home"
    label = "eservices_home"
    verbose_name = "Accueil"
