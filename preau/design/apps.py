"""The Django application of the appearance."""

from django.apps import AppConfig


class DesignConfig(AppConfig):
    """Static files, templates, template tags, forms: no model, no URL of a site."""

    name = "preau.design"
    label = "design"

    def ready(self) -> None:
        from preau.design import checks  # noqa: F401  (registers the system checks; needs the settings)
