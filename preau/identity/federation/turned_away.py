"""The page of somebody whom a service is not for, by either protocol: nothing leaves, the operator reads why."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from preau.identity.accounts.models import Account, Kind
from preau.identity.federation.models import RelyingParty
from preau.identity.federation.troubles import Cause, note


def page(request: HttpRequest, account: Account, party: RelyingParty, cause: Cause, *, at: datetime) -> HttpResponse:
    """Why, and where to go instead."""
    note(cause, party=party, detail=account.kind, at=at)
    is_elsewhere, is_pupil = cause == Cause.NOT_SERVED, account.kind == Kind.PUPIL
    context = {"party": party, "is_elsewhere": is_elsewhere, "is_pupil": is_pupil}
    return render(request, "federation/not_for_you.html", context, status=403)
