"""RP-Initiated Logout 1.0: a service asks us to end the session. Authlib checks; we end."""

from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from django.http import HttpRequest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from preau.identity.federation import signing
from preau.identity.federation.oidc.server import Server, instant, issuer
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
        """Ours, whenever it was issued: an expired ID token still names the session to end (§2)."""
        try:
            claims = jwt.decode(id_token_hint, self.get_server_jwks(), algorithms=list(signing.ALGORITHMS)).claims
        except (JoseError, ValueError) as trouble:
            raise InvalidRequestError("The 'id_token_hint' is not ours.") from trouble
        if claims.get("iss") != issuer():
            raise InvalidRequestError("The 'id_token_hint' is not ours.")
        return dict(claims)

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        """Ending is the view's, which holds the response the cookie leaves with."""


def asked(server: Server, request: HttpRequest) -> EndSessionRequest:
    """What the service asks for, checked. Raises Authlib's InvalidRequestError for a hint that is not ours."""
    oauth_request = server.create_oauth2_request(request)
    return EndSession(server, instant(oauth_request)).validate_request(oauth_request)


def is_about(session_asked: EndSessionRequest, request: HttpRequest) -> bool:
    """Whether the hint names the visit of this very browser (or one that is over): then nobody needs to be asked.

    # > RP-Initiated Logout §6: Logout requests without a valid id_token_hint value are a potential means of denial of
    # > service; therefore, OPs should obtain explicit confirmation from the End-User before acting upon them.
    """
    if session_asked.needs_confirmation:
        return False
    here = sessions.current(request)
    return here is None or here.sid == (session_asked.id_token_claims or {}).get("sid")
