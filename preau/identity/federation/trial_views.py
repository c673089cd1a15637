"""The pages of the service of test: its door, what it received; and the operator's button that connects it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from preau.identity.federation import trial
from preau.identity.federation.checks import CannotRegister
from preau.identity.federation.party_views import draw, to_party
from preau.identity.federation.saml.sso import unseen
from preau.identity.staff.entry import DeskRequest, staff_may
from preau.identity.staff.permissions import Deed


@require_GET
def door(request: HttpRequest) -> HttpResponse:
    """Where a sign-on of test begins."""
    if trial.party() is None:
        raise Http404
    return render(request, "federation/trial.html", {"start": trial.start()})


@csrf_exempt  # a page of ours posts it, as to any service: what is in it is signed, and opens nothing here
@require_POST
def received(request: HttpRequest) -> HttpResponse:
    """All that came."""
    if trial.party() is None:
        raise Http404
    try:
        lines = trial.read(request.POST.get("SAMLResponse", ""), at=request.at)  # type: ignore[attr-defined]
    except trial.NotReceived as refusal:
        return unseen(render(request, "federation/trial_received.html", {"refused": str(refusal)}, status=400))
    return unseen(render(request, "federation/trial_received.html", {"lines": lines}))


@require_POST
@staff_may(Deed.CONNECT_PARTIES)
def connect(request: DeskRequest) -> HttpResponse:
    """The operator wants it."""
    try:
        return to_party(trial.connect(by=request.member.key, at=request.at), "raccorde")
    except CannotRegister as error:
        return draw(request, "add", refused=error.sentence, status=409)
