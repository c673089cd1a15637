"""The simulator, as Django knows it."""

from django.apps import AppConfig


class StaffPortalConfig(AppConfig):
    """See the package's first line."""

    name = "preau.simulators.staff_portal"
