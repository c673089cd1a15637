"""The ID token: who, when, how; the rest is asked at userinfo, unless the party asked for it here."""

import secrets
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oidc.core.grants import OpenIDCode

from preau import clock
from preau.identity.accounts.models import Account
from preau.identity.federation import attributes, release, signing
from preau.identity.federation.facts import Facts
from preau.identity.federation.models import AuthorizationCode, RelyingParty
from preau.identity.federation.oidc.server import TOKEN_LIVES, instant, issuer


class IdToken(OpenIDCode):
    """Signed by our present key, with the algorithm the party was registered with."""

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        """Codes are single use and a minute old at most: a nonce cannot come back through us."""
        return False

    def get_client_algorithm(self, client: RelyingParty) -> str:
        """Pinned: the party's, never what a request says."""
        return client.id_token_signed_response_alg

    def get_encode_header(self, client: RelyingParty) -> dict[str, str]:
        """With the key's id, for parties that saw a rotation."""
        return {"alg": client.id_token_signed_response_alg, "kid": str(self._key.kid), "typ": "JWT"}

    def resolve_client_private_key(self, client: RelyingParty) -> signing.Key:
        """The key object kept in memory."""
        return self._key

    def get_compatible_claims(self, request: OAuth2Request) -> dict[str, Any]:
        """OpenID Connect Core §2, with the session's public name for back-channel logout."""
        at, code = instant(request), request.authorization_code
        return {
            "iss": issuer(),
            "aud": request.client.client_id,
            "iat": int(at.timestamp()),
            "exp": int((at + TOKEN_LIVES).timestamp()),
            "jti": secrets.token_urlsafe(12),
            "sid": code.session.sid,
        }

    def get_authorization_code_claims(self, authorization_code: AuthorizationCode) -> dict[str, Any]:
        """When and how; the nonce comes back once.

        # > OpenID Connect Core §12.2: it SHOULD NOT have a nonce Claim, even when the ID Token issued at the time of
        # > the original authentication contained nonce.
        """
        claims: dict[str, Any] = super().get_authorization_code_claims(authorization_code)
        if self._is_renewal:
            claims.pop("nonce", None)
        return claims

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        """The key is read before the header that names it."""
        self._key = signing.ring(at=instant(request)).signing[request.client.id_token_signed_response_alg]
        self._request, self._is_renewal = request, request.refresh_token is not None
        encoded: str = super().encode_id_token(token, request)
        return encoded

    def generate_user_info(self, user: Account, scope: str) -> dict[str, Any]:
        """The subject; and what the party asked to find here (OpenID Connect Core §5.5), of what it may learn."""
        request, code = self._request, self._request.authorization_code
        party: RelyingParty = request.client
        told: dict[str, Any] = {"sub": attributes.subject(user, sector=party.compared_within)}
        asked = code.claims.get("id_token")
        if asked:
            visit = code.session
            facts = Facts(
                user, party, day=clock.today(instant(request)), authenticated_at=visit.authenticated_at, amr=visit.amr
            )
            names = release.released("", own=party.attributes, given=party.scopes, claims=asked)
            told = {**attributes.values(facts, names), **told}
        return told
