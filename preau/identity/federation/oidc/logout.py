"""RP-Initiated Logout 1.0: a service asks us to end the session. Authlib checks; we end.

EduConnect's own: a service sends the ID token from its machine, and the visit it names is over.
"""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.identity.federation import signing
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.oidc.server import OidcRequest, Server, instant, is_clean, issuer
from preau.identity.federation.troubles import Cause, note
from preau.identity.signin import sessions


class EndSession(EndSessionEndpoint):
    """The checks of §2 and §3, with our keys."""

    def __init__(self, server: Server, at: datetime) -> None:
        super().__init__(server)
        self._at = at

    def get_server_jwks(self) -> KeySet:
        """Keys whose ID tokens still count as hints."""
        return signing.ring(at=self._at).published

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        return read_hint(id_token_hint, at=self._at)

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """Ending is the view's, which holds the response the cookie leaves with."""


def read_hint(id_token: str, *, at: datetime) -> dict[str, Any]:
    """The claims of an ID token of ours, whenever it was issued: an expired one still names the session to end (§2).

    Raises Authlib's InvalidRequestError.
    """
    try:
        published = signing.ring(at=at).published
        claims = jwt.decode(id_token, published, algorithms=list(signing.ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError) as trouble:
        raise InvalidRequestError("The 'id_token_hint' is not ours.") from trouble
    if claims.get("iss") != issuer():
        raise InvalidRequestError("The 'id_token_hint' is not ours.")
    return dict(claims)


def asked(server: Server, request: HttpRequest) -> EndSessionRequest:
    """What the service asks for, checked. Raises Authlib's InvalidRequestError for a hint that is not ours."""
    oauth_request = server.create_oauth2_request(request)
    at, given = instant(oauth_request), oauth_request.payload.data
    if any(len(values) > 1 for values in oauth_request.payload.datalist.values()) or not _is_clean(given):
        raise InvalidRequestError("A parameter is given twice, too long, or holds forbidden signs.")
    try:
        found = EndSession(server, at).validate_request(oauth_request)
    except InvalidRequestError:
        note(Cause.WRONG_HINT, party=_named(server, oauth_request), said=given.get("client_id", ""), at=at)
        raise
    if given.get("post_logout_redirect_uri") and found.client and not found.redirect_uri and found.id_token_claims:
        note(Cause.WRONG_AFTER_LOGOUT, party=found.client, detail=given["post_logout_redirect_uri"], at=at)
    return found


def _is_clean(given: dict[str, str]) -> bool:
    return all(is_clean(value) for pair in given.items() for value in pair)


def _named(server: Server, request: OidcRequest) -> RelyingParty | None:
    said = request.payload.data.get("client_id", "")
    return server.query_client(said) if said else None


def is_about(session_asked: EndSessionRequest, request: HttpRequest) -> bool:
    """Whether the hint names the visit of this very browser (or one that is over): then nobody needs to be asked.

    # > RP-Initiated Logout §6: Logout requests without a valid id_token_hint value are a potential means of denial of
    # > service; therefore, OPs should obtain explicit confirmation from the End-User before acting upon them.
    """
    if session_asked.needs_confirmation:
        return False
    here = sessions.current(request)
    return here is None or here.sid == (session_asked.id_token_claims or {}).get("sid")


def end_from_machine(server: Server, id_token: str, *, at: datetime) -> None:
    """EduConnect: the service that holds an ID token ends the visit it names. Raises InvalidRequestError."""
    claims = read_hint(id_token, at=at)
    party, sid = server.query_client(str(claims.get("aud", ""))), claims.get("sid")
    if party is None or not isinstance(sid, str):
        raise InvalidRequestError("The ID token names no visit.")
    sessions.end_named(sid, by=party.key, at=at)
