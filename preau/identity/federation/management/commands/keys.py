"""``preau identity keys …``: the keys that sign. docs/operations/keys.md, step by step."""

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from preau import clock
from preau.identity.federation import rotation
from preau.identity.federation.models import KeyUse

BY = "system:operator"


class Command(BaseCommand):
    """List, prepare the next one, revoke, encrypt again."""

    help = "Voir et changer les clés qui signent ; les chiffrer de nouveau après un changement de secret."

    def add_arguments(self, parser: CommandParser) -> None:
        """See docs/operations/keys.md."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="toutes les clés, et ce qui arrive bientôt à sa fin")
        following = verbs.add_parser("next", help="publier la clé suivante, qui signera plus tard")
        following.add_argument("use", choices=KeyUse.values)
        following.add_argument(
            "--hours", type=int, help="dans combien d’heures elle signera (oidc : 24 ; saml : 720, soit 30 jours)"
        )
        stolen = verbs.add_parser("revoke", help="urgence : cette clé n’est plus crue, la suivante signe aussitôt")
        stolen.add_argument("kid", help="son nom, donné par list")
        verbs.add_parser("reseal", help="chiffrer de nouveau les clés, sous le secret PREAU_SECRET d’aujourd’hui")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Exit 1 with a sentence that says what to do."""
        try:
            getattr(self, f"_{verb}")(options, clock.now())
        except rotation.CannotChange as trouble:
            raise CommandError(str(trouble)) from trouble

    def _list(self, options: dict[str, Any], at: datetime) -> None:
        for line in rotation.lines(at=at):
            key, ends = line.key, f"  certificat jusqu’au {_day(line.ends_at)}" if line.ends_at else ""
            self.stdout.write(
                f"{key.use}  {key.algorithm}  {key.kid}  {line.standing}  depuis le {_hour(key.signs_from_at)}{ends}"
                if line.standing is not rotation.Standing.NEXT
                else f"{key.use}  {key.algorithm}  {key.kid}  signera le {_hour(key.signs_from_at)}{ends}"
            )
            if line.ends_soon(at):
                self.stderr.write(
                    f"Le certificat de {key.kid} finit le {_day(line.ends_at)} : préparez le suivant"
                    " (preau identity keys next saml)."
                )

    def _next(self, options: dict[str, Any], at: datetime) -> None:
        hours = options["hours"]
        after = None if hours is None else timedelta(hours=hours)
        for key in rotation.prepare(KeyUse(options["use"]), after=after, by=BY, at=at):
            self.stdout.write(f"{key.algorithm}  {key.kid}  publiée, signera le {_hour(key.signs_from_at)}.")

    def _revoke(self, options: dict[str, Any], at: datetime) -> None:
        successor = rotation.revoke(options["kid"], by=BY, at=at)
        self.stdout.write("Révoquée. Les autres processus le voient en une minute.")
        if successor is not None:
            self.stdout.write(f"Signe désormais : {successor.kid}. Prévenez les services qui gardent une copie.")

    def _reseal(self, options: dict[str, Any], at: datetime) -> None:
        done, lost = rotation.reseal(by=BY, at=at)
        self.stdout.write(f"{done} clés chiffrées sous le secret présent.")
        if lost:
            raise CommandError(
                f"Ces clés ne s’ouvrent avec aucun secret connu : {', '.join(lost)}. Remettez l’ancien secret dans"
                " PREAU_SECRET_PREVIOUS, ou révoquez-les."
            )


def _hour(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y à %H:%M}"


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y}" if at else ""
