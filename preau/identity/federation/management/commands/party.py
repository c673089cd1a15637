"""``preau identity party add CLIENT_ID …``: register a relying party."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from preau import clock
from preau.identity.federation.registration import CannotRegister, register
from preau.identity.federation.release import SCOPES


class Command(BaseCommand):
    """Register a service, or describe again one that exists. Its secret is shown this once."""

    help = "Raccorder un service (OpenID Connect)."

    def add_arguments(self, parser: CommandParser) -> None:
        """See docs/protocols/oidc.md."""
        parser.add_argument("verb", choices=["add"])
        parser.add_argument("client_id")
        parser.add_argument("--name", required=True)
        parser.add_argument("--redirect-uri", action="append", required=True)
        parser.add_argument("--post-logout-redirect-uri", action="append", default=[])
        parser.add_argument("--scope", action="append", choices=list(SCOPES), default=[])
        parser.add_argument("--audience", action="append", choices=["guardian", "pupil"], default=[])
        parser.add_argument("--secret-file", help="take the secret from this file instead of drawing one")

    def handle(self, *args: Any, client_id: str, name: str, secret_file: str | None, **options: Any) -> None:
        """Exit 1 with a sentence when an address or a scope is wrong."""
        try:
            party, secret = register(
                client_id=client_id,
                name=name,
                redirect_uris=options["redirect_uri"],
                post_logout_redirect_uris=options["post_logout_redirect_uri"],
                scopes=options["scope"] or list(SCOPES),
                audience=options["audience"] or ["guardian", "pupil"],
                secret=Path(secret_file).read_text(encoding="ascii").strip() if secret_file else "",
                by="operator:command",
                at=clock.now(),
            )
        except (CannotRegister, OSError) as trouble:
            raise CommandError(str(trouble)) from trouble
        self.stdout.write(f"Service raccordé : {party.client_id} ({party.name})")
        if not secret_file:
            self.stdout.write(f"Secret, montré cette seule fois : {secret}")
