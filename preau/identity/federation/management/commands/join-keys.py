"""``preau identity join-keys FICHIER.csv``: the numbers by which an academy's directory knows people."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau import clock
from preau.identity.federation import join_keys


class Command(BaseCommand):
    """Says what the file would change; ``--apply`` changes it."""

    help = "Charger les numéros de l’annuaire académique (AAF) : uai;profil;numéro dans la base;numéro AAF."

    def add_arguments(self, parser: CommandParser) -> None:
        """See docs/operations/parties.md."""
        parser.add_argument("file", help="CSV en UTF-8, séparé par des points-virgules, avec ou sans ligne de titres")
        parser.add_argument("--apply", action="store_true", help="écrire ; sans elle, rien n’est changé")

    def handle(self, *args: Any, file: str, apply: bool, **options: Any) -> None:
        """Exit 1 when a line is wrong: nothing is then written at all."""
        try:
            found = join_keys.read(Path(file).read_bytes())
        except OSError as trouble:
            raise CommandError(f"Le fichier ne se lit pas : {trouble.strerror}.") from trouble
        except join_keys.WrongFile as trouble:
            raise CommandError("\n".join(trouble.sentences)) from trouble
        outcome = join_keys.load(found, by="system:operator", at=clock.now(), is_trial=not apply)
        for uai in outcome.unknown_schools:
            self.stderr.write(f"Établissement inconnu ici, ses lignes sont laissées : {uai}")
        self.stdout.write(
            f"{outcome.added} ajoutés, {outcome.changed} changés, {outcome.unchanged} inchangés, "
            f"{outcome.unmatched} sans personne de ce numéro dans la base."
        )
        if not apply:
            self.stdout.write("Rien n’a été écrit : ajoutez --apply pour le faire.")
