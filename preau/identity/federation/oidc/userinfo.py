"""Userinfo: what the token lets out, today."""

from datetime import datetime

from preau import clock
from preau.identity import keys
from preau.identity.federation import attributes, release
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import AccessToken
from preau.identity.federation.oidc.server import TOKEN_PURPOSE


class InvalidToken(Exception):
    """No token, an unknown one, or one that no longer stands (RFC 6750 §3.1)."""


def answer(authorization: str, *, at: datetime) -> attributes.Claims:
    """The claims for an ``Authorization: Bearer …`` header. Raises `InvalidToken`."""
    scheme, _, presented = authorization.partition(" ")
    if scheme.lower() != "bearer" or not presented or len(presented) > 200:
        raise InvalidToken
    token = (
        AccessToken.objects.select_related("session__account", "party")
        .filter(digest__in=keys.candidates(TOKEN_PURPOSE, presented), party__disabled_at=None)
        .first()
    )
    if token is None or not token.is_alive(at=at):
        raise InvalidToken
    party, visit = token.party, token.session
    facts = Facts(visit.account, party, day=clock.today(at), authenticated_at=visit.authenticated_at, amr=visit.amr)
    names = release.released(token.scope, own=party.attributes)
    return {"sub": attributes.subject(visit.account, sector=facts.sector), **attributes.values(facts, names)}
