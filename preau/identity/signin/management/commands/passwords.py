"""``preau identity passwords build LIST --into FILE``: the passwords that leaked, as a file the doors can ask."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau.identity.signin import leaked_passwords


class Command(BaseCommand):
    """Build the filter of leaked passwords. Nothing is fetched: the operator brings the list."""

    help = "Fabriquer le filtre des mots de passe divulgués."

    def add_arguments(self, parser: CommandParser) -> None:
        """See docs/operations/passwords.md."""
        parser.add_argument("verb", choices=["build"])
        parser.add_argument("list", type=Path, help="one password, SHA-1 or SHA-1:count a line")
        parser.add_argument("--into", type=Path, required=True, help="the file to make")
        parser.add_argument("--rate", type=float, default=leaked_passwords.RATE, help="false alarms, 0.0001 by default")

    def handle(self, *args: Any, into: Path, rate: float, **options: Any) -> None:
        """Exit 1 with a sentence when the list cannot be read or the file not written."""
        source: Path = options["list"]
        if not 0 < rate < 1:
            raise CommandError("Le taux de fausses alertes se situe entre 0 et 1.")
        try:
            with source.open(encoding="utf-8", errors="replace") as lines:
                how_many = sum(1 for _ in lines)
            with source.open(encoding="utf-8", errors="replace") as lines:
                taken = leaked_passwords.build(lines, how_many=how_many, into=into, rate=rate)
        except OSError as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"{taken} mots de passe, {into.stat().st_size} octets : {into}")
        self.stdout.write("À indiquer dans PREAU_LEAKED_PASSWORDS, puis redémarrer.")
