"""The authorization request: who asks, for whom, and whether the holder has to prove themselves again first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import InteractionRequiredError, LoginRequiredError
from django.core import signing as django_signing
from django.http import HttpRequest, HttpResponse

from preau.identity.federation.models import RelyingParty
from preau.identity.federation.oidc.server import Server, issuer
from preau.identity.signin import guards
from preau.identity.signin.models import Session

# Added to the address people come back to: since when they must have proved themselves again. Signed by us.
SINCE = "depuis"
_SALT = "federation.authorize.since"
_MAX_AGE_CEILING = timedelta(days=365)


@dataclass(frozen=True)
class Refused(Exception):
    """The request cannot be answered. With `to`, the party is told there; without, people see a page of ours."""

    error: OAuth2Error
    to: str = ""
    state: str = ""

    def address(self) -> str:
        """Where the party learns it (RFC 6749 §4.1.2.1, RFC 9207)."""
        answer = {"error": self.error.error, "error_description": self.error.get_error_description(), "iss": issuer()}
        if self.state:
            answer["state"] = self.state
        return f"{self.to}{'&' if '?' in self.to else '?'}{urlencode({k: v for k, v in answer.items() if v})}"


def read(server: Server, request: HttpRequest) -> tuple[object, RelyingParty]:
    """Check the request (client, address, scope, PKCE). Returns Authlib's grant and the party. Raises `Refused`."""
    if any(len(request.GET.getlist(name)) > 1 for name in request.GET):
        raise Refused(InvalidRequestError("A parameter is given twice."))
    oauth_request = server.create_oauth2_request(request)
    try:
        grant = server.get_authorization_grant(oauth_request)
        grant.validate_authorization_request()
        redirect_uri = oauth_request.payload.redirect_uri
        if "openid" not in (oauth_request.scope or "").split():
            raise InvalidRequestError("The scope must contain 'openid'.", redirect_uri=redirect_uri)
        if request.GET.get("response_mode", "query") != "query":
            raise InvalidRequestError("Unsupported 'response_mode'.", redirect_uri=redirect_uri)
    except OAuth2Error as error:
        raise Refused(error, error.redirect_uri or "", request.GET.get("state", "")) from error
    except ValueError as error:  # Authlib will not repeat a value that holds forbidden signs
        raise Refused(InvalidRequestError("A parameter holds forbidden signs.")) from error
    return grant, oauth_request.client


def turned_back(request: HttpRequest, session: Session | None, *, at: datetime) -> HttpResponse | None:
    """The page to show before an answer: sign in, sign in again, an obligation. Raises `Refused` for `prompt=none`."""
    if _is_needed(request, session, at=at):
        return guards.to_the_door(_come_back_here(request, at=at), again=session is not None)
    page = guards.turned_back(request, back_to=request.get_full_path())
    if page is not None and "none" in request.GET.get("prompt", "").split():
        raise Refused(InteractionRequiredError(), request.GET["redirect_uri"], request.GET.get("state", ""))
    return page


def _is_needed(request: HttpRequest, session: Session | None, *, at: datetime) -> bool:
    needed = session is None or _is_too_old(request, session, at=at)
    prompts = request.GET.get("prompt", "").split()
    redirect_uri, state = request.GET["redirect_uri"], request.GET.get("state", "")
    if "none" in prompts and len(prompts) > 1:
        raise Refused(InvalidRequestError("'prompt=none' stands alone."), redirect_uri, state)
    if needed and "none" in prompts:
        raise Refused(LoginRequiredError(), redirect_uri, state)
    return needed


def _come_back_here(request: HttpRequest, *, at: datetime) -> str:
    # Our own path to return to after the sign-in page, with the instant from which a proof counts as new.
    question = request.GET.copy()
    question[SINCE] = django_signing.dumps(at.timestamp(), salt=_SALT)
    return f"{request.path}?{question.urlencode()}"


def _is_too_old(request: HttpRequest, session: Session, *, at: datetime) -> bool:
    if _since(request) <= session.authenticated_at.timestamp():
        return False
    if "login" in request.GET.get("prompt", "").split():
        return True
    # > OpenID Connect Core §3.1.2.1: If the elapsed time is greater than max_age, the OP MUST attempt to actively
    # > re-authenticate the End-User.
    max_age = request.GET.get("max_age", "")
    if not max_age:
        return False
    if not max_age.isascii() or not max_age.isdigit() or len(max_age) > 9:
        state = request.GET.get("state", "")
        raise Refused(InvalidRequestError("Invalid 'max_age'."), request.GET["redirect_uri"], state)
    allowed = min(timedelta(seconds=int(max_age)), _MAX_AGE_CEILING)
    return at - session.authenticated_at > allowed


def _since(request: HttpRequest) -> float:
    """The instant written by `come_back_here`; the end of time when there is none, or when it was tampered with."""
    try:
        return float(django_signing.loads(request.GET.get(SINCE, ""), salt=_SALT, max_age=timedelta(hours=1)))
    except (django_signing.BadSignature, TypeError, ValueError):
        return float("inf")
