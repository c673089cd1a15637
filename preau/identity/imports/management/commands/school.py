"""``preau identity school add UAI [--name NAME]``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau import clock
from preau.identity.directory.identifiers import NotAUai
from preau.identity.imports import schools

BY = "system:command"


class Command(BaseCommand):
    """Open a school, so that its files can come in."""

    help = "Ajouter un établissement."

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb, one code."""
        parser.add_argument("verb", choices=["add"])
        parser.add_argument("uai", help="code de l’établissement, par exemple 0991234D")
        parser.add_argument("--name", default="", help="nom ; sinon le premier import le donne")

    def handle(self, *args: Any, verb: str, uai: str, name: str, **options: Any) -> None:
        """Exit 0 when the school is there, 1 when the code is wrong."""
        try:
            school = schools.add(uai, name=name, by=BY, at=clock.now())
        except NotAUai as wrong:
            raise CommandError(
                f"« {wrong} » n’est pas un code d’établissement : sept chiffres et une lettre, qui en dépend. "
                "Vérifiez-le."
            ) from wrong
        except schools.AlreadyThere as known:
            self.stdout.write(f"L’établissement {known} est déjà là : rien à faire.")
        else:
            self.stdout.write(
                f"L’établissement {school.uai} est ajouté. Donnez maintenant ses fichiers : preau identity import …"
            )
