"""Registering a relying party."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db import transaction

from preau.identity import keys
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.federation.models import SECRET_PURPOSE, RelyingParty
from preau.identity.federation.release import SCOPES

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class CannotRegister(Exception):
    """The sentence says which address or scope is wrong, and what is expected."""


@transaction.atomic
def register(
    *,
    client_id: str,
    name: str,
    redirect_uris: Sequence[str],
    post_logout_redirect_uris: Sequence[str] = (),
    scopes: Sequence[str] = tuple(SCOPES),
    audience: Sequence[str] = ("guardian", "pupil"),
    sector: str = "",
    secret: str = "",
    algorithm: str = "RS256",
    by: str,
    at: datetime,
) -> tuple[RelyingParty, str]:
    """Register a party, or describe again one that exists. Returns it with its secret, shown this once.

    An empty `secret` draws one (256 bits). Raises `CannotRegister`.
    """
    for address in (*redirect_uris, *post_logout_redirect_uris):
        _check_address(address)
    if unknown := sorted(set(scopes) - SCOPES.keys()):
        raise CannotRegister(f"Portée inconnue : {', '.join(unknown)}. Connues : {', '.join(SCOPES)}.")
    if not redirect_uris:
        raise CannotRegister("Donnez au moins une adresse de retour (redirect_uri).")
    secret = secret or secrets.token_urlsafe(32)
    party, _ = RelyingParty.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": name,
            "secret_digest": keys.digest(SECRET_PURPOSE, client_id, secret),
            "redirect_uris": list(redirect_uris),
            "post_logout_redirect_uris": list(post_logout_redirect_uris),
            "scopes": ["openid", *(one for one in scopes if one != "openid")],
            "audience": list(audience),
            "id_token_signed_response_alg": algorithm,
            "sector": sector or urlsplit(redirect_uris[0]).netloc,
            "registered_at": at,
        },
    )
    record(Events.PARTY_REGISTERED, by=by, on=party.key, at=at, scopes=party.scopes)
    return party, secret


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or not parts.netloc or parts.fragment or "@" in parts.netloc or "*" in address:
        raise CannotRegister(
            f"Adresse refusée : {address}. Il faut une adresse https complète, sans fragment ni joker "
            "(http seulement vers cette machine)."
        )
