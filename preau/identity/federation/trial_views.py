"""The pages of the service of test: its door, what it received; and the operator's button that connects it."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from preau.identity.federation import trial
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.models import Protocol, RelyingParty
from preau.identity.federation.oidc import trial as openid
from preau.identity.federation.party_views import draw, to_party
from preau.identity.federation.received import NotReceived, Received
from preau.identity.federation.saml import trial as saml
from preau.identity.federation.saml.sso import unseen
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed


@require_GET
def door(request: HttpRequest) -> HttpResponse:
    """Where a sign-on of test begins."""
    ways = trial.ways()
    if not ways:
        raise Http404
    return render(request, "federation/trial.html", {"ways": ways})


@csrf_exempt  # a page of ours posts it, as to any service: what is in it is signed, and opens nothing here
@require_POST
def received(request: HttpRequest) -> HttpResponse:
    """All that came, by SAML."""
    at: datetime = request.at  # type: ignore[attr-defined]
    _connected(Protocol.SAML)
    return _shown(request, lambda: saml.read(request.POST.get("SAMLResponse", ""), at=at))


@require_GET
def asks(request: HttpRequest) -> HttpResponse:
    """To the door of OpenID Connect, as any service sends people there."""
    party, kept = _connected(Protocol.OIDC), openid.begin()
    response = unseen(redirect(openid.question(party, kept)))
    seconds = int(openid.LASTS.total_seconds())
    response.set_cookie(openid.COOKIE, kept, max_age=seconds, secure=settings.HTTPS, httponly=True, samesite="Lax")
    return response


@require_GET
def returned(request: HttpRequest) -> HttpResponse:
    """All that came, by OpenID Connect."""
    at: datetime = request.at  # type: ignore[attr-defined]
    party, kept = _connected(Protocol.OIDC), request.COOKIES.get(openid.COOKIE, "")
    response = _shown(request, lambda: openid.read(party, request.GET, kept, at=at))
    response.delete_cookie(openid.COOKIE, samesite="Lax")
    return response


@require_POST
@staff_may(Deed.CONNECT_PARTIES)
def connect(request: DeskRequest, protocol: Protocol) -> HttpResponse:
    """The operator wants it."""
    try:
        return to_party(trial.connect(protocol, by=request.member.key, at=request.at), "raccorde")
    except CannotRegister as error:
        return draw(request, "add", refused=error.sentence, status=409)


def _connected(protocol: Protocol) -> RelyingParty:
    party = trial.party(protocol)
    if party is None:
        raise Http404
    return party


def _shown(request: HttpRequest, read: Callable[[], Received]) -> HttpResponse:
    try:
        return unseen(render(request, "federation/trial_received.html", {"received": read()}))
    except NotReceived as refusal:
        return unseen(render(request, "federation/trial_received.html", {"refused": str(refusal)}, status=400))
