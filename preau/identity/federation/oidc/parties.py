"""How a party's own machine proves who it is: a secret (RFC 6749 §2.3.1), or a key of its own (RFC 7523, OpenID Connect
Core §9)."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from django.db import IntegrityError, transaction
from django.urls import reverse
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.identity.federation.models import RelyingParty, UsedProof
from preau.identity.federation.oidc.server import LONGEST_ASSERTION, OidcRequest, Server, instant, issuer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# What a party may sign with: never a symmetric key, never nothing.
PROOF_ALGORITHMS = ["RS256", "PS256", "ES256"]
METHODS = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]
CONFIDENTIAL = METHODS[:-1]
_LEEWAY, _LONGEST = timedelta(seconds=60), timedelta(hours=1)


def install(server: Server) -> None:
    """Teach Authlib's server the methods it does not have."""
    server.register_client_auth_method("private_key_jwt", _by_key)


def authenticate(server: Server, request: OidcRequest, methods: list[str]) -> RelyingParty:
    """The party, by one of `methods`. Raises Authlib's `InvalidClientError`."""
    form = request.form
    presented = [
        bool(request.headers.get("Authorization")),
        bool(form.get("client_secret")),
        bool(form.get("client_assertion")),
    ]
    request.said = _announced(request)
    # > RFC 6749 §2.3: The client MUST NOT use more than one authentication method in each request.
    if sum(presented) > 1:
        raise InvalidRequestError("More than one way of authenticating.")
    party: RelyingParty = server.authenticate_client(request, methods)
    request.client = party
    return party


def _announced(request: OidcRequest) -> str:
    by_header, _ = extract_basic_authorization(request.headers)
    return str(by_header or request.form.get("client_id", ""))


def _by_key(query_client: Any, request: OAuth2Request) -> RelyingParty | None:
    """private_key_jwt: signed by the party, for us alone, a minute ago, never shown before."""
    assertion = request.form.get("client_assertion", "")
    if request.form.get("client_assertion_type") != ASSERTION_TYPE or not 0 < len(assertion) <= LONGEST_ASSERTION:
        return None
    party: RelyingParty | None = query_client(_claimed(assertion, request))
    if party is None or not party.jwks:
        return None
    try:
        found = jwt.decode(assertion, KeySet.import_key_set(party.jwks), algorithms=PROOF_ALGORITHMS)
    except (JoseError, ValueError, TypeError) as trouble:
        raise InvalidClientError(description="The client_assertion is not signed by this client.") from trouble
    _check(found.claims, party, at=instant(request))
    return party


def _claimed(assertion: str, request: OAuth2Request) -> str:
    # Read before the signature is: it only says whose key to try.
    try:
        claims = json.loads(jws.extract_compact(assertion.encode()).payload)
    except (JoseError, ValueError):
        return ""
    said = claims.get("sub") if isinstance(claims, dict) else None
    if not isinstance(said, str) or request.form.get("client_id", said) != said:
        return ""
    request.said = said
    return said


def _check(claims: dict[str, Any], party: RelyingParty, *, at: datetime) -> None:
    # > RFC 7523 §3: iss and sub the client_id; aud the authorization server; exp. jti is required by Core §9.
    now, expires, jti = at.timestamp(), claims.get("exp"), claims.get("jti")
    if claims.get("iss") != party.client_id or claims.get("sub") != party.client_id:
        raise InvalidClientError(description="iss and sub of a client_assertion are the client_id.")
    if _audience(claims) not in audiences():
        raise InvalidClientError(description="The client_assertion is for somebody else.")
    if not _is_number(expires) or not now - _LEEWAY.total_seconds() < expires <= now + _LONGEST.total_seconds():
        raise InvalidClientError(description="The client_assertion is over, or lives too long.")
    begins = claims.get("nbf", now)
    if not _is_number(begins) or begins > now + _LEEWAY.total_seconds():
        raise InvalidClientError(description="The client_assertion is not valid yet.")
    if not isinstance(jti, str) or not jti:
        raise InvalidClientError(description="The client_assertion has no jti.")
    _use(party, jti, until=at + _LONGEST + _LEEWAY)


def audiences() -> frozenset[str]:
    """What we answer to: our name, or the address the proof is sent to."""
    doors = ("federation:token", "federation:educonnect_token")
    return frozenset({issuer(), *(issuer() + reverse(door) for door in doors)})


def _audience(claims: dict[str, Any]) -> Any:
    # One of us alone: a proof meant for several could be carried from one to the other.
    audience = claims.get("aud")
    if isinstance(audience, list):
        return audience[0] if len(audience) == 1 and isinstance(audience[0], str) else None
    return audience if isinstance(audience, str) else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _use(party: RelyingParty, jti: str, *, until: datetime) -> None:
    digest = hashlib.sha256(f"{party.pk}:{jti}".encode(errors="replace")).hexdigest()
    try:
        with transaction.atomic():
            UsedProof.objects.create(digest=digest, expires_at=until)
    except IntegrityError as trouble:
        raise InvalidClientError(description="This client_assertion was used before.") from trouble
