"""``preau simulators ent-metadata``: what an operator registers the ENT with, before the street is open."""

from typing import Any

from django.core.management import BaseCommand

from preau.simulators.ent import messages


class Command(BaseCommand):
    """Print it."""

    help = "Écrit les métadonnées SAML de l’ENT Les Rives."

    def handle(self, **options: Any) -> None:
        """The same as at /ent/metadata."""
        self.stdout.write(messages.metadata().decode())
