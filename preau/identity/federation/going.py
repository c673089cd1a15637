"""« Se déconnecter » by an address alone: `/logout`, and `FrEduUrlRetour` (docs/decisions/0023-logout.md)."""

from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from preau.identity.federation import farewells
from preau.identity.federation.saml import carried
from preau.identity.federation.saml.sso import unseen
from preau.identity.signin import franceconnect, sessions
from preau.identity.signin.models import Session


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Sign out at once who comes from a service of this very visit, or says yes; ask the others."""
    session = sessions.current(request)
    if session is None:
        return unseen(redirect("signin:signed_out"))
    if request.method == "GET" and not _comes_from_a_service(request, session):
        return render(request, "federation/confirm_leaving.html")
    # Written once the visit is over, so that nothing on the page still believes in it.
    at: datetime = request.at  # type: ignore[attr-defined]
    page = TemplateResponse(request, "federation/signed_out.html", {"ways": carried.ways(session, at=at)})
    response = franceconnect.sign_out_too(request) or page
    sessions.end(request, response, at=at)
    return unseen(response)


def _comes_from_a_service(request: HttpRequest, session: Session) -> bool:
    """A browser never writes another page's address than the one it comes from: a stranger's page can hide its own,
    not borrow a service's.
    """
    came_from = _origin(request.headers.get("Referer", ""))
    return bool(came_from) and came_from in {_origin(settings.PUBLIC_URL), *map(_origin, farewells.homes(session))}


def _origin(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""
