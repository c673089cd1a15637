"""What a party gives for tokens: a code, once; then, if it may act later, a refresh token, once each."""

from datetime import timedelta
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge

from preau.identity import keys
from preau.identity.accounts.models import Account
from preau.identity.audit.events import Events
from preau.identity.audit.record import line
from preau.identity.compiled import Given, Insertion, Reading, together
from preau.identity.federation import consents
from preau.identity.federation.models import AccessToken, AuthorizationCode, RefreshToken, RelyingParty
from preau.identity.federation.oidc import parties, question, reach
from preau.identity.federation.oidc.id_token import IdToken
from preau.identity.federation.oidc.server import (
    CODE_PURPOSE,
    REFRESH_PURPOSE,
    Server,
    close_family,
    draw,
    instant,
    spend,
)
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions

# RFC 6749 §4.1.2 allows ten minutes; a browser needs seconds.
CODE_LIVES = timedelta(seconds=60)

_NEW_CODE = Insertion(AuthorizationCode)
# The party comes with its code: the row that is read to know whose secret to ask for is not read twice.
_CODE = Reading(
    lambda: AuthorizationCode.objects.select_related("session__account", "party").filter(digest=Given("digest"))
)


def make_server() -> Server:
    """A server for one request: extensions keep what the request needs."""
    server = Server(RelyingParty, AccessToken)
    parties.install(server)
    server.register_grant(CodeGrant, [Pkce(), IdToken()])
    server.register_grant(RefreshGrant, [IdToken()])
    return server


class CodeGrant(AuthorizationCodeGrant):
    """The code flow over our rows."""

    TOKEN_ENDPOINT_AUTH_METHODS = parties.METHODS

    def authenticate_token_endpoint_client(self) -> RelyingParty:
        """By whichever way the party was registered with."""
        return parties.authenticate(self.server, self.request, self.TOKEN_ENDPOINT_AUTH_METHODS)

    def generate_authorization_code(self) -> str:
        """Drawn in one go."""
        return draw()

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        """Keep the digest of the code, and remember the visit and what it lets the party learn."""
        at, session = instant(request), sessions.current(request._request)
        assert session is not None, "a code is made for somebody"
        asked, claims = request.payload.data, question.claims(request.payload.data)
        made = AuthorizationCode(
            digest=keys.digest(CODE_PURPOSE, code),
            party=request.client,
            session=session,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            nonce=asked.get("nonce", ""),
            code_challenge=asked.get("code_challenge", ""),
            code_challenge_method=asked.get("code_challenge_method", ""),
            claims=question.kept(claims),
            acr=question.acr(asked, claims, session.account),
            authenticated_at=session.authenticated_at,
            made_at=at,
            expires_at=at + CODE_LIVES,
        )
        holder, party = request.user.key, request.client
        learnt = sorted(question.names(party, request.scope, claims))
        visited = line(Events.PARTY_VISITED, by=holder, on=holder, at=at, party=party.client_id, learnt=learnt)
        together(_NEW_CODE.write(made), visited)

    def validate_token_request(self) -> None:
        """Authlib's checks. A code that comes with a wrong proof, or from a wrong address, is spent all the same."""
        self._judged: AuthorizationCode | None = None
        digests = keys.candidates(CODE_PURPOSE, self.request.form.get("code", ""))
        self._read = next((one for digest in digests if (one := _CODE.first(digest=digest))), None)
        if self._read is not None:
            self.server.met = self._read.party
        try:
            super().validate_token_request()
        except OAuth2Error:
            if self._judged is not None:
                spend(self._judged, at=instant(self.request))
            raise

    def query_authorization_code(self, code: str, client: RelyingParty) -> AuthorizationCode | None:
        """The code, if it still counts. It is spent where the token is written: of two that come at once, one gets it.

        # > RFC 6749 §4.1.2: If an authorization code is used more than once, the authorization server MUST deny the
        # > request and SHOULD revoke all tokens previously issued based on that authorization code.
        """
        at, found = instant(self.request), self._read
        if found is None or found.party_id != client.pk:
            self.request.cause = Cause.WRONG_CODE
            return None
        if found.used_at is not None:
            self.request.cause = Cause.CODE_TWICE
            close_family(found, at=at)
            return None
        self.request.cause, self._judged = Cause.STALE_CODE, found
        return found if found.expires_at > at and sessions.is_alive(found.session, at=at) else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Spent codes stay until they are purged: a second use must be recognised."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Account:
        """The holder."""
        return authorization_code.session.account

    def generate_token(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """A refresh token only for what was asked for later."""
        kwargs["include_refresh_token"] = self.request.authorization_code.is_for_later
        token: dict[str, Any] = super().generate_token(*args, **kwargs)
        return token


class Pkce(CodeChallenge):
    """S256 for everybody, confidential clients too (RFC 9700 §2.1.1), but for parties that the operator exempts."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str) -> None:
        """A request without a challenge is refused, unless exempt; with `plain`, always."""
        asked, party = grant.request.payload.data, grant.request.client
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "")
        if not challenge and not method and not party.must_prove_key and not party.is_public:
            return
        if not challenge or method != "S256":
            grant.request.cause = Cause.NO_PKCE
            raise InvalidRequestError("PKCE is required: 'code_challenge' with 'code_challenge_method=S256'.")
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: CodeGrant, result: Any) -> None:
        """The proof goes with the request; one that nobody announced is refused too (RFC 9700 §4.8)."""
        try:
            super().validate_code_verifier(grant, result)
        except OAuth2Error:
            grant.request.cause = Cause.WRONG_PROOF
            raise


class RefreshGrant(RefreshTokenGrant):
    """Renewal: each refresh token works once and gives the next. One that comes back kills its family.

    # > RFC 9700 §4.14.2: the authorization server cannot determine which party submitted the invalid refresh token, but
    # > it will revoke the active refresh token.
    """

    TOKEN_ENDPOINT_AUTH_METHODS = parties.METHODS
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_token_endpoint_client(self) -> RelyingParty:
        """By whichever way the party was registered with."""
        return parties.authenticate(self.server, self.request, self.TOKEN_ENDPOINT_AUTH_METHODS)

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        """Use it: of two that come at once, one gets the next, and the other closes everything."""
        at, client = instant(self.request), self.request.client
        self.request.cause = Cause.STALE_REFRESH
        found = (
            RefreshToken.objects.select_related("session__account", "code__session__account")
            .filter(digest__in=keys.candidates(REFRESH_PURPOSE, refresh_token), party=client)
            .first()
        )
        if found is None:
            return None
        if found.used_at is None and not found.is_alive(at=at):
            return None
        if not RefreshToken.objects.filter(pk=found.pk, used_at=None, revoked_at=None).update(used_at=at):
            self.request.cause = Cause.REFRESH_TWICE
            close_family(found.code, at=at)
            return None
        turned_away = reach.why_not(client, found.session, at=at)
        self.request.cause = turned_away or self.request.cause
        names = question.shown(client, found.scope, found.code.claims)
        is_untold = consents.is_due(found.session.account, client, names)
        return None if turned_away or is_untold else found

    def authenticate_user(self, refresh_token: RefreshToken) -> Account:
        """The holder."""
        self.request.authorization_code = refresh_token.code
        return refresh_token.session.account

    def issue_token(self, user: Account, refresh_token: RefreshToken) -> dict[str, Any]:
        """What the party may have today of what it was given; a narrower `scope` narrows this access token alone."""
        token: dict[str, Any] = super().issue_token(user, refresh_token)
        return token

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        """It was used up when it was read."""
