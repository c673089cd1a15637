"""What people are told, or asked, before an answer by OpenID Connect."""

from collections.abc import Sequence
from datetime import datetime

from authlib.oauth2.rfc6749 import AccessDeniedError, OAuth2Error
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError
from django.core import signing
from django.http import HttpRequest, HttpResponse

from preau.identity.federation import consents, notice_page
from preau.identity.federation.models import Notice, RelyingParty
from preau.identity.signin.models import Session

# Added to the address people come back to: what they answered, signed by us for this visit.
ANSWERED = "avis"
_SALT = "federation.authorize.answered"


def page(
    request: HttpRequest,
    session: Session,
    party: RelyingParty,
    names: frozenset[str],
    *,
    prompts: Sequence[str],
    at: datetime,
) -> HttpResponse | None:
    """The page that comes first, or None. Raises the error that the party is told (OAuth2Error)."""
    answered = _answered(request, session)
    if answered == notice_page.NO:
        # > RFC 6749 §4.1.2.1: access_denied: The resource owner or authorization server denied the request.
        raise AccessDeniedError()
    # > Core §3.1.2.1: consent: The Authorization Server SHOULD prompt the End-User for consent before returning
    # > information to the Client.
    is_wanted = "consent" in prompts and answered != notice_page.YES
    if not is_wanted and not consents.is_due(session.account, party, names):
        return None
    if "none" in prompts:
        raise _silent(party)
    ways = {said: _back(request, session, said) for said in (notice_page.YES, notice_page.NO)}
    return notice_page.show(
        request, session, party, names, on_yes=ways[notice_page.YES], on_no=ways[notice_page.NO], at=at
    )


def _silent(party: RelyingParty) -> OAuth2Error:
    # > Core §3.1.2.6: consent_required: The Authorization Server requires End-User consent.
    return ConsentRequiredError() if party.notice == Notice.ASK else InteractionRequiredError()


def _back(request: HttpRequest, session: Session, said: str) -> str:
    asked = request.GET.copy()
    asked[ANSWERED] = signing.dumps([session.sid, said], salt=_SALT)
    return f"{request.path}?{asked.urlencode()}"


def _answered(request: HttpRequest, session: Session) -> str:
    """What this visit answered; empty when nothing, or when it was another's."""
    try:
        sid, said = signing.loads(request.GET.get(ANSWERED, ""), salt=_SALT, max_age=notice_page.WAITS)
    except (signing.BadSignature, TypeError, ValueError):
        return ""
    return str(said) if sid == session.sid else ""
