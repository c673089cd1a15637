"""The authorization request: who asks, for whom, and whether the holder has to prove themselves again first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, unquote_plus, urlsplit

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import InteractionRequiredError, LoginRequiredError
from django.core import signing as django_signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from preau.identity.federation import attributes, turned_away
from preau.identity.federation.models import Notice, RelyingParty
from preau.identity.federation.oidc import answers, logout, noticed, question, reach
from preau.identity.federation.oidc.grants import make_server
from preau.identity.federation.oidc.server import OidcRequest, Server, is_clean, tell_operator
from preau.identity.federation.troubles import Cause, note
from preau.identity.signin import classic, guards, sessions
from preau.identity.signin.models import Session

# Added to the address people come back to: since when they must have proved themselves again. Signed by us.
SINCE = "depuis"
_SALT = "federation.authorize.since"
# RFC 3986 §3.4: what a query may hold as it is, and what is quoted already.
_KEPT = "!$&'()*+,;=:@/?%"
_MAX_AGE_CEILING = timedelta(days=365)
# A sign-in page carries the whole request in its own address.
LONGEST_REQUEST = 6000
_REFUSED = {"request": "request_not_supported", "request_uri": "request_uri_not_supported"}


class Unmet(OAuth2Error):
    """The party cannot do without a profile that is not this person's (OpenID Connect UAR 1.0)."""

    error = "unmet_authentication_requirements"


@dataclass(frozen=True)
class Refused(Exception):
    """The request cannot be answered. With `to`, the party is told there; without, people see a page of ours."""

    error: OAuth2Error
    to: str = ""

    def answer(self, request: HttpRequest) -> HttpResponse:
        """What the browser gets (RFC 6749 §4.1.2.1)."""
        if not self.to:
            page = render(request, "federation/refused.html", {"error": self.error}, status=400)
            return answers.unseen(page)
        said = {"error": self.error.error, "error_description": self.error.get_error_description()}
        return answers.to_party(request, self.to, {**said, "state": request.GET.get("state", "")})


def too_long() -> Refused:
    """More than an address may carry."""
    return Refused(InvalidRequestError("The request is too long."))


@dataclass(frozen=True)
class Asked:
    """An authorization request that was checked."""

    grant: Any
    party: RelyingParty
    claims: dict[str, question.Asked]
    redirect_uri: str
    at: datetime


def answer(request: HttpRequest, *, at: datetime) -> HttpResponse:
    """The page to show, or the way back to the party."""
    try:
        asked = read(make_server(), request, at=at)
        session = sessions.current(request)
        page = _turned_back(request, session, asked)
        if page is not None or session is None:
            return page or _to_the_door(request, asked, again=False)
        if not question.is_met(asked.claims, session.account):
            raise Refused(Unmet("Another profile is needed."), asked.redirect_uri)
        page = _stopped(request, session, asked) or _noticed(request, session, asked)
    except Refused as refusal:
        return refusal.answer(request)
    return page or _given(request, session, asked)


def read(server: Server, request: HttpRequest, *, at: datetime) -> Asked:
    """Check the request (client, address, scope, PKCE). Raises `Refused`."""
    _check_text(request)
    oauth_request = server.create_oauth2_request(request)
    try:
        grant = server.get_authorization_grant(oauth_request)
        grant.validate_authorization_request()
        redirect_uri = oauth_request.payload.redirect_uri
        claims = _check(oauth_request, redirect_uri)
    except OAuth2Error as error:
        _tell(server, oauth_request, error)
        raise Refused(error, error.redirect_uri or "") from error
    except ValueError as error:  # Authlib will not repeat a value that holds forbidden signs
        malformed = InvalidRequestError("A parameter holds forbidden signs.")
        _tell(server, oauth_request, malformed)
        raise Refused(malformed) from error
    return Asked(grant, oauth_request.client, claims, redirect_uri, at)


def _check_text(request: HttpRequest) -> None:
    if len(request.META.get("QUERY_STRING", "")) > LONGEST_REQUEST:
        raise too_long()
    if any(len(request.GET.getlist(name)) > 1 for name in request.GET):
        raise Refused(InvalidRequestError("A parameter is given twice."))
    if any("\x00" in one for pair in request.GET.items() for one in pair):
        raise Refused(InvalidRequestError("A parameter holds forbidden signs."))


def _check(request: OidcRequest, redirect_uri: str) -> dict[str, question.Asked]:
    asked = request.payload.data
    if not all(is_clean(value) for value in asked.values()):
        raise InvalidRequestError("A parameter is too long, or holds forbidden signs.", redirect_uri=redirect_uri)
    # > Core §6.1: If the OP does not support this parameter and an RP uses it, the OP MUST return the
    # > request_not_supported error. A `request_uri` is never fetched.
    for name, error in _REFUSED.items():
        if name in asked:
            raise OAuth2Error(f"'{name}' is not supported.", error=error, redirect_uri=redirect_uri)
    if "openid" not in (request.scope or "").split():
        request.cause = Cause.WRONG_SCOPE
        raise InvalidRequestError("The scope must contain 'openid'.", redirect_uri=redirect_uri)
    if asked.get("response_mode", "query") not in answers.MODES:
        raise InvalidRequestError("Unsupported 'response_mode'.", redirect_uri=redirect_uri)
    prompts, max_age = asked.get("prompt", "").split(), asked.get("max_age", "")
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("'prompt=none' stands alone.", redirect_uri=redirect_uri)
    if max_age and not (max_age.isascii() and max_age.isdigit() and len(max_age) <= 9):
        raise InvalidRequestError("Invalid 'max_age'.", redirect_uri=redirect_uri)
    try:
        return question.claims(asked)
    except question.Malformed as trouble:
        raise InvalidRequestError("Invalid 'claims'.", redirect_uri=redirect_uri) from trouble


def _tell(server: Server, request: OidcRequest, error: OAuth2Error) -> None:
    cause = request.cause or Cause.WRONG_REQUEST
    if not error.redirect_uri and error.error == "invalid_request" and request.payload.redirect_uri:
        cause = Cause.WRONG_ADDRESS
    tell_operator(server, request, cause, error)


def _turned_back(request: HttpRequest, session: Session | None, asked: Asked) -> HttpResponse | None:
    """The page to show before an answer: sign in, sign in again, an obligation. Raises `Refused` for `prompt=none`."""
    is_silent = "none" in _prompts(request)
    is_somebody_else = session is not None and not _is_the_one(request, session, asked)
    if session is None or is_somebody_else or _is_too_old(request, session, at=asked.at):
        # > Core §3.1.2.2: the Authorization Server MUST NOT reply with an ID Token or Access Token for a different
        # > user.
        was_asked = session is not None and is_somebody_else and _since(request) <= session.authenticated_at.timestamp()
        if is_silent or was_asked:
            raise Refused(LoginRequiredError(), asked.redirect_uri)
        return _to_the_door(request, asked, again=session is not None)
    page = guards.turned_back(request, back_to=request.get_full_path())
    if page is not None and is_silent:
        raise Refused(InteractionRequiredError(), asked.redirect_uri)
    return page


def _is_the_one(request: HttpRequest, session: Session, asked: Asked) -> bool:
    """Whether the visit is of the person the party names, by an ID token of ours or by a `sub`."""
    wanted = question.subject(asked.claims)
    if hint := request.GET.get("id_token_hint", ""):
        try:
            wanted = str(logout.read_hint(hint, at=asked.at).get("sub", ""))
        except InvalidRequestError as error:
            note(Cause.WRONG_HINT, party=asked.party, at=asked.at)
            raise Refused(error, asked.redirect_uri) from error
    return not wanted or wanted == attributes.subject(session.account, sector=asked.party.compared_within)


def _to_the_door(request: HttpRequest, asked: Asked, *, again: bool) -> HttpResponse:
    # As it came, but for signs that an address has to hide: it is long, and quoted once more in that of the door.
    query = quote(request.META["QUERY_STRING"].encode("latin-1"), safe=_KEPT).split("&")
    since = f"{SINCE}={django_signing.dumps(asked.at.timestamp(), salt=_SALT)}"
    back_to = "&".join([*(one for one in query if unquote_plus(one.partition("=")[0]) != SINCE), since])
    kind = asked.party.form_of(question.profile(request.GET.dict(), asked.claims))
    return answers.unseen(classic.to_the_door(request, f"{request.path}?{back_to}", again=again, kind=kind))


def _stopped(request: HttpRequest, session: Session, asked: Asked) -> HttpResponse | None:
    """The page for people whom the party is not for."""
    cause = reach.why_not(asked.party, session, at=asked.at)
    if cause is None:
        return None
    return answers.unseen(turned_away.page(request, session.account, asked.party, cause, at=asked.at))


def _noticed(request: HttpRequest, session: Session, asked: Asked) -> HttpResponse | None:
    """The page that says what the party learns, when it comes first. Raises `Refused`."""
    if asked.party.notice == Notice.NONE:
        return None
    names = question.shown(asked.party, asked.grant.request.scope, asked.claims)
    try:
        return noticed.page(request, session, asked.party, names, prompts=_prompts(request), at=asked.at)
    except OAuth2Error as error:
        raise Refused(error, asked.redirect_uri) from error


def _given(request: HttpRequest, session: Session, asked: Asked) -> HttpResponse:
    _, _, headers = asked.grant.create_authorization_response(asked.redirect_uri, session.account)
    (code,) = parse_qs(urlsplit(dict(headers)["Location"]).query)["code"][-1:]
    return answers.to_party(request, asked.redirect_uri, {"code": code, "state": request.GET.get("state", "")})


def _prompts(request: HttpRequest) -> list[str]:
    return request.GET.get("prompt", "").split()


def _is_too_old(request: HttpRequest, session: Session, *, at: datetime) -> bool:
    if _since(request) <= session.authenticated_at.timestamp():
        return False
    if {"login", "select_account"} & set(_prompts(request)):
        return True
    # > OpenID Connect Core §3.1.2.1: If the elapsed time is greater than max_age, the OP MUST attempt to actively
    # > re-authenticate the End-User. […] max_age=0 is treated like prompt=login.
    max_age = request.GET.get("max_age", "")
    if not max_age:
        return False
    allowed = min(timedelta(seconds=int(max_age)), _MAX_AGE_CEILING)
    return not allowed or at - session.authenticated_at > allowed


def _since(request: HttpRequest) -> float:
    """The instant written by `_to_the_door`; the end of time when there is none, or when it was tampered with."""
    try:
        return float(django_signing.loads(request.GET.get(SINCE, ""), salt=_SALT, max_age=timedelta(hours=1)))
    except (django_signing.BadSignature, TypeError, ValueError):
        return float("inf")
