"""The library as Django sees it: one table, the drafts."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """Journeys."""

    name = "preau.journeys"
    label = "journeys"
