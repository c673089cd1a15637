"""Authlib's authorization server, told where our parties, codes, tokens and keys are.

Authlib checks the shapes of RFC 6749, 7636 and OpenID Connect Core; what it leaves open is in the files beside it.
"""

import secrets
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.integrations.django_oauth2.requests import DjangoOAuth2Payload, DjangoOAuth2Request
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.errors import UnsupportedGrantTypeError
from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, Q
from django.http import HttpRequest, HttpResponse

from preau.identity import keys
from preau.identity.compiled import Change, Given, Insertion, Reading
from preau.identity.federation import troubles
from preau.identity.federation.models import AccessToken, AuthorizationCode, RefreshToken, RelyingParty
from preau.identity.federation.troubles import Cause
from preau.identity.signin import sessions

CODE_PURPOSE = "federation/code"
TOKEN_PURPOSE = "federation/access-token"  # noqa: S105 — the name of a key
REFRESH_PURPOSE = "federation/refresh-token"
TOKEN_LIVES = timedelta(minutes=10)
# RFC 9700 §4.14.2 asks for an end when a token is not used; nobody decides for more than half a school year.
REFRESH_IDLE, REFRESH_LONGEST = timedelta(days=30), timedelta(days=182)
LONGEST_PARAMETER, LONGEST_ASSERTION = 2000, 8000
_LONGEST_HEADER, _LONGEST_CLIENT_ID = 4000, 60
# What the operator can act on, when nothing more precise was said.
_CAUSES: tuple[tuple[type[OAuth2Error], Cause], ...] = (
    (InvalidClientError, Cause.WRONG_SECRET),
    (UnsupportedGrantTypeError, Cause.WRONG_GRANT),
    (InvalidRequestError, Cause.WRONG_REQUEST),
)

_PARTY = Reading(lambda: RelyingParty.objects.filter(client_id=Given("client_id"), protocol="oidc", disabled_at=None))
_NEW_TOKEN, _NEW_REFRESH = Insertion(AccessToken), Insertion(RefreshToken)
_AT = Given("at", DateTimeField())
_SPEND = Change(
    lambda: AuthorizationCode.objects.filter(digest=Given("digest"), used_at=None, expires_at__gt=_AT), used_at=_AT
)


def issuer() -> str:
    """Our name for relying parties: the address families type."""
    return str(settings.PUBLIC_URL)


def instant(request: OAuth2Request) -> datetime:
    """The instant of the HTTP request behind Authlib's."""
    at: datetime = request._request.at
    return at


def draw(*_: Any, **__: Any) -> str:
    """A secret of 256 bits. Authlib draws sign by sign, forty times slower, and passes what its own drawing ignores."""
    return secrets.token_urlsafe(32)


def is_clean(text: str, longest: int = LONGEST_PARAMETER) -> bool:
    """Short enough, and without what a database or a header would not take."""
    return len(text) <= longest and "\x00" not in text and "\r" not in text and "\n" not in text


class Payload(DjangoOAuth2Payload):
    """The parameters of a request: a form's own, or an address's, never the two mixed (RFC 6749 §3.1, §3.2).

    Authlib asks for them two dozen times: they are read once.
    """

    @cached_property
    def data(self) -> dict[str, str]:
        """One value each."""
        found: dict[str, str] = self._given.dict()
        return found

    @cached_property
    def datalist(self) -> dict[str, list[str]]:
        """All the values of each."""
        return dict(self._given.lists())

    @property
    def _given(self) -> Any:
        return self._request.POST if self._request.method == "POST" else self._request.GET


class OidcRequest(DjangoOAuth2Request):
    """Authlib's view of a Django request. `cause`: what to tell the operator if it is refused."""

    def __init__(self, request: HttpRequest) -> None:
        # Authlib refuses http by the letter; settings.py already does, except on the loopback of a development machine.
        uri = issuer_over_tls() + request.get_full_path()
        OAuth2Request.__init__(self, request.method, uri, headers=request.headers)
        self.payload = Payload(request)
        self._request = request
        self.cause: Cause | None = None
        self.said = ""


def issuer_over_tls() -> str:
    """The address of this site as production has it."""
    return "https://" + issuer().partition("://")[2]


class Server(AuthorizationServer):
    """One per request: extensions keep what the request needs."""

    # Read already in this request, with the code it brings.
    met: RelyingParty | None = None

    def create_oauth2_request(self, request: HttpRequest) -> OidcRequest:
        """Every endpoint begins here."""
        return request if isinstance(request, OidcRequest) else OidcRequest(request)

    def query_client(self, client_id: str) -> RelyingParty | None:
        """A registered party that is not disabled."""
        if self.met is not None and self.met.client_id == client_id and self.met.disabled_at is None:
            return self.met
        return _PARTY.first(client_id=client_id) if is_clean(client_id, _LONGEST_CLIENT_ID) else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> AccessToken:
        """Keep the digests of the tokens, with the code and the visit they come from. The code is spent by that."""
        code, at = request.authorization_code, instant(request)
        whose = {"code": code, "party": request.client, "session": code.session, "scope": token["scope"]}
        digest = keys.digest(TOKEN_PURPOSE, token["access_token"])
        made = AccessToken(**whose, digest=digest, issued_at=at, expires_at=at + TOKEN_LIVES)
        if "refresh_token" not in token:
            _write(made, request, at=at)
            return made
        with transaction.atomic():
            _write(made, request, at=at)
            expires_at = min(at + REFRESH_IDLE, code.made_at + REFRESH_LONGEST)
            digest = keys.digest(REFRESH_PURPOSE, token["refresh_token"])
            _NEW_REFRESH.of(RefreshToken(**whose, digest=digest, issued_at=at, expires_at=expires_at))
            sessions.keep(code.session, until=expires_at)
        return made

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """No signals in this house."""

    def create_bearer_token_generator(self) -> Any:
        """Opaque tokens."""
        seconds = int(TOKEN_LIVES.total_seconds())
        self.config["token_expires_in"] = {"authorization_code": seconds, "refresh_token": seconds}
        self.config["access_token_generator"] = self.config["refresh_token_generator"] = draw
        return super().create_bearer_token_generator()

    def answer_from_machine(self, request: HttpRequest, answer: Any) -> HttpResponse:
        """What `answer` (a function of Authlib's request) says to a party's own machine, or why it is refused."""
        asked = self.create_oauth2_request(request)
        try:
            _check_form(asked)
            response: HttpResponse = answer(asked)
        except OAuth2Error as error:
            response = self.handle_error_response(asked, error)
        except ValueError:  # bytes that are no text; what Authlib will not repeat in its answer
            response = self.handle_error_response(asked, InvalidRequestError("The request is malformed."))
        # > RFC 6749 §5.1: "Cache-Control" with a value of "no-store" in any response containing tokens.
        response["Cache-Control"] = "no-store"
        return response

    def handle_error_response(self, request: OidcRequest, error: OAuth2Error) -> HttpResponse:
        """A refusal, remembered for the operator."""
        cause = request.cause or next((cause for kind, cause in _CAUSES if isinstance(error, kind)), None)
        if cause is not None:
            tell_operator(self, request, cause, error)
        response: HttpResponse = super().handle_error_response(request, error)
        return response


def spend(code: AuthorizationCode, *, at: datetime) -> None:
    """It gives nothing, and will not give anything."""
    _SPEND.run(digest=code.digest, at=at)


def close_family(codes: Any, *, at: Any) -> None:
    """Revoke all that came of `codes` (a queryset, or one)."""
    of_them = Q(code__in=codes) if not isinstance(codes, AuthorizationCode) else Q(code=codes)
    for kind in (AccessToken, RefreshToken):
        kind._default_manager.filter(of_them, revoked_at=None).update(revoked_at=at)


def _write(token: AccessToken, request: OidcRequest, *, at: datetime) -> None:
    """Spend the code and write what it gives; a renewal was paid by its refresh token. Raises `InvalidGrantError`."""
    if request.refresh_token is not None:
        _NEW_TOKEN.of(token)
    elif not _NEW_TOKEN.if_changed(_SPEND, token, digest=token.code.digest, at=at):
        # Somebody else came with it since it was read: what they got dies too.
        close_family(token.code, at=at)
        request.cause = Cause.CODE_TWICE
        raise InvalidGrantError("Invalid 'code' in request.")


def tell_operator(server: Server, request: OidcRequest, cause: Cause, error: OAuth2Error) -> None:
    """Remember why a party was refused, under its name when it has one here."""
    said = request.said or request.payload.data.get("client_id", "")
    party = request.client or (server.query_client(said) if said else None)
    detail = f"{error.error}: {error.get_error_description()}"
    if party is None:
        cause = Cause.UNKNOWN_PARTY
    troubles.note(cause, party=party, said="" if party else said, detail=detail, at=instant(request))


def _check_form(request: OidcRequest) -> None:
    # > RFC 6749 §3.2: Request and response parameters MUST NOT be included more than once.
    if any(len(values) > 1 for values in request.payload.datalist.values()):
        raise InvalidRequestError("A parameter is given twice.")
    if len(request.headers.get("Authorization", "")) > _LONGEST_HEADER:
        raise InvalidRequestError("A header is too long.")
    for name, value in request.payload.data.items():
        if not is_clean(value, LONGEST_ASSERTION if name == "client_assertion" else LONGEST_PARAMETER):
            raise InvalidRequestError("A parameter is too long, or holds forbidden signs.")
