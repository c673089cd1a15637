"""Userinfo: what the token lets out, today."""

from datetime import datetime
from typing import Any

from django.db.models import DateTimeField
from django.http import HttpRequest, HttpResponse, JsonResponse
from joserfc import jwt

from preau import clock
from preau.identity import keys
from preau.identity.compiled import Given, Reading
from preau.identity.federation import attributes, release, signing
from preau.identity.federation.attributes import ATTRIBUTES
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import AccessToken, RelyingParty
from preau.identity.federation.oidc.server import TOKEN_PURPOSE, issuer

_LONGEST_TOKEN = 200
_TOKEN = Reading(
    lambda: AccessToken.objects.select_related("session__account", "party", "code").filter(
        digest=Given("digest"), party__disabled_at=None, expires_at__gt=Given("at", DateTimeField())
    )
)


class InvalidToken(Exception):
    """No token, an unknown one, or one that no longer stands (RFC 6750 §3.1)."""


class TokenTwice(Exception):
    """Carried in two ways at once (RFC 6750 §2)."""


def presented(request: HttpRequest) -> str:
    """The token, from the header or from a form's body, never from an address. Raises `TokenTwice`, `InvalidToken`."""
    scheme, _, by_header = request.headers.get("Authorization", "").partition(" ")
    in_body = request.POST.getlist("access_token") if request.method == "POST" else []
    found = [*([by_header] if scheme.lower() == "bearer" and by_header else []), *in_body]
    # > RFC 6750 §2: Clients MUST NOT use more than one method to transmit the token in each request.
    if len(found) > 1:
        raise TokenTwice
    if not found or not found[0].isascii() or len(found[0]) > _LONGEST_TOKEN:
        raise InvalidToken
    return found[0]


def living(token: str, *, at: datetime) -> AccessToken:
    """The access token, if it opens something now. Raises `InvalidToken`."""
    for digest in keys.candidates(TOKEN_PURPOSE, token):
        found = _TOKEN.first(digest=digest, at=at)
        if found is not None:
            # The code's visit is the token's: read once.
            found.code.session = found.session
            if found.is_alive(at=at):
                return found
    raise InvalidToken


def claims(token: AccessToken, *, at: datetime) -> attributes.Claims:
    """What the party learns, in the shapes it expects."""
    party, visit = token.party, token.session
    facts = Facts(visit.account, party, day=clock.today(at), authenticated_at=visit.authenticated_at, amr=visit.amr)
    wished = token.code.claims.get("userinfo", ())
    names = release.released(token.scope, own=party.attributes, given=party.scopes, claims=wished)
    told = {"sub": attributes.subject(visit.account, sector=facts.sector), **attributes.values(facts, names)}
    return as_educonnect(told, names) if party.speaks_educonnect else told


def answer(told: attributes.Claims, party: RelyingParty, *, at: datetime) -> HttpResponse:
    """As JSON, or signed for a party that asked so when it was registered (OpenID Connect Core §5.3.2)."""
    algorithm = party.userinfo_signed_response_alg
    if not algorithm:
        return JsonResponse(told)
    key = signing.ring(at=at).signing[algorithm]
    header = {"alg": algorithm, "kid": str(key.kid), "typ": "JWT"}
    # > If signed, the UserInfo Response MUST contain the Claims iss and aud.
    signed = jwt.encode(header, {**told, "iss": issuer(), "aud": party.client_id}, key, [algorithm])
    return HttpResponse(signed, content_type="application/jwt")


def as_educonnect(told: attributes.Claims, names: frozenset[str]) -> attributes.Claims:
    """Affiliation is a list, everything else one value; what only pupils have is there, empty, for everybody else."""
    empty = {name: "" for name in sorted(names) if name in ATTRIBUTES and ATTRIBUTES[name].of_pupils}
    return {**empty, **{name: _one(name, value) for name, value in told.items()}}


def _one(name: str, value: Any) -> Any:
    is_single = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    return value[0] if is_single and name != "FrEduCtPersonAffiliation" else value
