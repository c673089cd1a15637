"""The first page, for whoever comes."""

import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from preau.eservices.families import claims
from preau.eservices.home.catalogue import COMING
from preau.eservices.home.received import lines

log = logging.getLogger(__name__)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The door for those outside; for a guardian all their children; for a pupil their school."""
    session = request.signed_in  # type: ignore[attr-defined]
    if session is None:
        return render(request, "home/door.html", {"is_arrival": True})
    try:
        holder = claims.read(session.claims)
    except claims.Unreadable as unreadable:
        log.error("claims without a readable %s", unreadable.reference)
        return render(request, "home/unreadable.html", {"reference": unreadable.reference}, status=502)
    template = "home/guardian.html" if holder.kind is claims.Kind.GUARDIAN else "home/pupil.html"
    return render(request, template, {"holder": holder, "coming": COMING, "account_url": settings.ACCOUNT_URL})


@require_safe
def received(request: HttpRequest) -> HttpResponse:
    """What Préau said of whoever is signed in: for them, and for an operator who tries a whole sign-in."""
    session = request.signed_in  # type: ignore[attr-defined]
    if session is None:
        return redirect("home:home")
    return render(request, "home/received.html", {"lines": lines(session.claims)})
