"""Authlib's authorization server, told where our codes, tokens and keys are.

Authlib checks the shapes of RFC 6749, 7636 and OpenID Connect Core; what it leaves open (PKCE for confidential clients,
single use under concurrency, `iss` in the answer) is here.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.integrations.django_oauth2.requests import DjangoOAuth2Payload, DjangoOAuth2Request
from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from django.conf import settings
from django.db import transaction
from django.db.models import BigIntegerField, DateTimeField
from django.http import HttpRequest

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.compiled import Change, Given, Insertion, Reading
from preau.identity.federation import attributes, signing
from preau.identity.federation.models import AccessToken, AuthorizationCode, RelyingParty
from preau.identity.signin import sessions

CODE_PURPOSE = "federation/code"
TOKEN_PURPOSE = "federation/access-token"  # noqa: S105 — the name of a key
# RFC 6749 §4.1.2 allows ten minutes; a browser needs seconds.
CODE_LIVES = timedelta(seconds=60)
TOKEN_LIVES = timedelta(minutes=10)
LONGEST_PARAMETER = 2000

_AT = Given("at", DateTimeField())
_PARTY = Reading(lambda: RelyingParty.objects.filter(client_id=Given("client_id"), disabled_at=None))
_NEW_CODE, _NEW_TOKEN = Insertion(AuthorizationCode), Insertion(AccessToken)
_SPEND = Change(
    lambda: AuthorizationCode.objects.filter(
        digest=Given("digest"), party=Given("party", BigIntegerField()), used_at=None, expires_at__gt=_AT
    ),
    used_at=_AT,
)
_SPENT = Reading(lambda: AuthorizationCode.objects.select_related("session__account").filter(digest=Given("digest")))


def issuer() -> str:
    """Our name for relying parties: the address families type."""
    return str(settings.PUBLIC_URL)


def instant(request: OAuth2Request) -> datetime:
    """The instant of the HTTP request behind Authlib's."""
    at: datetime = request._request.at
    return at


class OidcRequest(DjangoOAuth2Request):
    """Authlib's view of a Django request."""

    def __init__(self, request: HttpRequest) -> None:
        # Authlib refuses http by the letter; settings.py already does, except on the loopback of a development machine.
        uri = issuer_over_tls() + request.get_full_path()
        OAuth2Request.__init__(self, request.method, uri, headers=request.headers)
        self.payload = DjangoOAuth2Payload(request)
        self._request = request


def issuer_over_tls() -> str:
    """The address of this site as production has it."""
    return "https://" + issuer().partition("://")[2]


def _draw(*_: Any, **__: Any) -> str:
    # 256 bits. Authlib draws sign by sign, forty times slower, and passes what its own drawing ignores.
    return secrets.token_urlsafe(32)


class Server(AuthorizationServer):
    """One per process."""

    def create_oauth2_request(self, request: HttpRequest) -> OidcRequest:
        """Every endpoint begins here."""
        return request if isinstance(request, OidcRequest) else OidcRequest(request)

    def query_client(self, client_id: str) -> RelyingParty | None:
        """A registered party that is not disabled."""
        return _PARTY.first(client_id=client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> AccessToken:
        """Keep the digest of the token, with the code and the session it comes from."""
        code, at = request.authorization_code, instant(request)
        return _NEW_TOKEN.of(
            AccessToken(
                digest=keys.digest(TOKEN_PURPOSE, token["access_token"]),
                code=code,
                party=request.client,
                session=code.session,
                scope=token["scope"],
                issued_at=at,
                expires_at=at + TOKEN_LIVES,
            )
        )

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No signals in this house."""

    def create_bearer_token_generator(self) -> Any:
        """Opaque access tokens; no refresh token."""
        self.config["token_expires_in"] = {"authorization_code": int(TOKEN_LIVES.total_seconds())}
        self.config["access_token_generator"] = _draw
        return super().create_bearer_token_generator()


class CodeGrant(AuthorizationCodeGrant):
    """The code flow over our rows."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

    def generate_authorization_code(self) -> str:
        """Drawn in one go."""
        return _draw()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the digest of the code, and remember the visit."""
        at, session = instant(request), sessions.current(request._request)
        assert session is not None, "a code is made for somebody"
        asked = request.payload.data
        with transaction.atomic():
            _NEW_CODE.of(
                AuthorizationCode(
                    digest=keys.digest(CODE_PURPOSE, code),
                    party=request.client,
                    session=session,
                    redirect_uri=request.payload.redirect_uri,
                    scope=request.scope,
                    nonce=asked.get("nonce", ""),
                    code_challenge=asked["code_challenge"],
                    code_challenge_method=asked["code_challenge_method"],
                    made_at=at,
                    expires_at=at + CODE_LIVES,
                )
            )
            holder, party = request.user.key, request.client.client_id
            record(Events.PARTY_VISITED, by=holder, on=holder, at=at, party=party)

    def query_authorization_code(self, code: str, client: RelyingParty) -> AuthorizationCode | None:
        """Spend the code: of two parties that come with it at once, one gets it.

        # > RFC 6749 §4.1.2: If an authorization code is used more than once, the authorization server MUST deny the
        # > request and SHOULD revoke all tokens previously issued based on that authorization code.
        """
        at = instant(self.request)
        digests = keys.candidates(CODE_PURPOSE, code)
        for digest in digests:
            if _SPEND.run(digest=digest, party=client.pk, at=at):
                spent = _SPENT.first(digest=digest)
                return spent if spent and sessions.is_alive(spent.session, at=at) else None
        spent_before = AuthorizationCode.objects.filter(digest__in=digests, party=client, used_at__isnull=False)
        AccessToken.objects.filter(code__in=spent_before, revoked_at=None).update(revoked_at=at)
        return None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Spent codes stay until they are purged: a second use must be recognised."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Account:
        """The holder."""
        return authorization_code.session.account


class Pkce(CodeChallenge):
    """S256 for everybody, confidential clients too (RFC 9700 §2.1.1)."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """A request without a challenge, or with `plain`, is refused."""
        asked = grant.request.payload.data
        if not asked.get("code_challenge") or asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE is required: 'code_challenge' with 'code_challenge_method=S256'.")
        if any(len(value) > LONGEST_PARAMETER for value in asked.values()):
            raise InvalidRequestError("A parameter is too long.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):
    """The ID token: who, when, how; the rest is asked at userinfo."""

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

    def encode_id_token(self, token: dict[str, Any], request: OAuth2Request) -> str:
        """The key is read before the header that names it."""
        self._key = signing.ring(at=instant(request)).signing[request.client.id_token_signed_response_alg]
        self._sector = request.client.compared_within
        encoded: str = super().encode_id_token(token, request)
        return encoded

    def generate_user_info(self, user: Account, scope: str) -> dict[str, str]:
        """The subject alone."""
        return {"sub": attributes.subject(user, sector=self._sector)}


def make_server() -> Server:
    """A server for one request: extensions keep what the request needs."""
    server = Server(RelyingParty, AccessToken)
    server.register_grant(CodeGrant, [Pkce(required=True), IdToken(require_nonce=False)])
    return server
