"""``preau identity journal verify | seal``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau import clock
from preau.identity.audit import sealing


class Command(BaseCommand):
    """Seal what waits, or read the whole journal again and say what does not agree (exit 1)."""

    help = "Sceller le journal, ou vérifier que personne ne l’a modifié."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb."""
        parser.add_argument("verb", choices=["verify", "seal"])

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Exit 0 when the journal is whole, 1 when it is not."""
        if verb == "seal":
            seal = sealing.seal_waiting(at=clock.now())
            self.stdout.write(f"Sceau {seal.id} : {seal.count} événements." if seal else "Rien à sceller.")
            return
        found = list(sealing.faults())
        for fault in found:
            self.stderr.write(f"Sceau {fault.seal} : {fault.reason}.")
        if found:
            raise CommandError(
                "Le journal a été modifié. Conservez cette base et prévenez le responsable de la sécurité."
            )
        self.stdout.write("Le journal est intact.")
