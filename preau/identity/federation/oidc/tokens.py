"""A party says that it is done with a token (RFC 7009), or asks what one is worth (RFC 7662)."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from django.http import HttpResponse, JsonResponse

from preau.identity import keys
from preau.identity.federation import attributes
from preau.identity.federation.models import AccessToken, RefreshToken, RelyingParty
from preau.identity.federation.oidc import parties
from preau.identity.federation.oidc.server import (
    REFRESH_PURPOSE,
    TOKEN_PURPOSE,
    OidcRequest,
    Server,
    close_family,
    instant,
    issuer,
)

Token = AccessToken | RefreshToken


def revoke(server: Server, request: OidcRequest) -> HttpResponse:
    """The token is over; a refresh token takes with it all that came of the same sign-in.

    # > RFC 7009 §2.2: invalid tokens do not cause an error response since the client cannot handle such an error.
    """
    party, at = parties.authenticate(server, request, parties.METHODS), instant(request)
    token = _find(_asked(request), party)
    if isinstance(token, RefreshToken):
        close_family(token.code, at=at)
    elif token is not None and token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
    return HttpResponse()


def introspect(server: Server, request: OidcRequest) -> HttpResponse:
    """What a token is worth now; to another party than its own, nothing.

    # > RFC 7662 §4: the authorization server MUST require authentication of protected resources that need to access
    # > the introspection endpoint.
    """
    party, at = parties.authenticate(server, request, parties.CONFIDENTIAL), instant(request)
    token = _find(_asked(request), party)
    if token is None or not token.is_alive(at=at):
        return JsonResponse({"active": False})
    return JsonResponse(_described(token, party, at=at))


def _described(token: Token, party: RelyingParty, *, at: datetime) -> dict[str, Any]:
    return {
        "active": True,
        "scope": token.scope,
        "client_id": party.client_id,
        "token_type": "Bearer" if isinstance(token, AccessToken) else "refresh_token",
        "exp": int(token.expires_at.timestamp()),
        "iat": int(token.issued_at.timestamp()),
        "sub": attributes.subject(token.session.account, sector=party.compared_within),
        "aud": party.client_id,
        "iss": issuer(),
    }


def _asked(request: OidcRequest) -> str:
    token = request.form.get("token", "")
    if not token:
        raise InvalidRequestError("Missing 'token' in request.")
    return str(token)


def _find(text: str, party: RelyingParty) -> Token | None:
    # `token_type_hint` only says where to look first: both places are read (RFC 7009 §2.1).
    access = AccessToken.objects.select_related("session__account", "code")
    refresh = RefreshToken.objects.select_related("session__account", "code")
    return (
        access.filter(digest__in=keys.candidates(TOKEN_PURPOSE, text), party=party).first()
        or refresh.filter(digest__in=keys.candidates(REFRESH_PURPOSE, text), party=party).first()
    )
