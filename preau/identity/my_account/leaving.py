"""The pages of what one takes away and of what one ends: a copy of one's data, the account, guardians' access at 18."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from preau import clock
from preau.identity.accounts import adulthood, closing
from preau.identity.accounts.models import Account, Kind
from preau.identity.audit.events import Events
from preau.identity.audit.record import record
from preau.identity.my_account import copy
from preau.identity.signin import sessions
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import recently_proved

FORMATS = {"json": (copy.as_json, "application/json"), "csv": (copy.as_csv, "text/csv; charset=utf-8")}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def data(request: HttpRequest, session: Session) -> HttpResponse:
    """All that is held about me, as a file."""
    account, chosen = session.account, request.POST.get("format", "")
    if chosen not in FORMATS:
        return render(request, "my_account/data.html", {"is_pupil": account.kind == Kind.PUPIL})
    write, kind = FORMATS[chosen]
    content = write(_taken(account, chosen, at=_at(request)))
    name = f"mes-donnees-{clock.today(_at(request)).isoformat()}.{chosen}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)


@transaction.atomic
def _taken(account: Account, chosen: str, *, at: datetime) -> copy.Copy:
    record(Events.DATA_TAKEN, by=account.key, on=account.key, at=at, format=chosen)
    return copy.of(account, day=clock.today(at), at=at)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def close(request: HttpRequest, session: Session) -> HttpResponse:
    """Close the account: what it means, then the button. Every visit ends; signing in again keeps it."""
    account, at = session.account, _at(request)
    if request.method == "POST" and account.kind == Kind.GUARDIAN:
        closing.ask(account, by=account.key, at=at)
        response = redirect("my_account:closing_asked")
        sessions.end_others(session, by=account.key, at=at)
        sessions.end(request, response, at=at)
        return response
    context = {"is_pupil": account.kind == Kind.PUPIL, "school": school_of(account, day=clock.today(at))}
    return render(request, "my_account/close.html", {**context, "closes_at": at + closing.WAITS})


@require_http_methods(["GET", "HEAD"])
def closing_asked(request: HttpRequest) -> HttpResponse:
    """It is asked; nobody is signed in any more."""
    return render(request, "my_account/closing_asked.html", {"days": closing.WAITS.days})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def guardians(request: HttpRequest, session: Session) -> HttpResponse:
    """An adult pupil ends their guardians' access, or gives it back."""
    account, at = session.account, _at(request)
    if account.pupil is None or not account.pupil.is_adult_on(clock.today(at)):
        return redirect("my_account:home")
    page = reverse("my_account:guardians")
    if request.POST.get("acces") == "fin":
        adulthood.end_guardians(account, by=account.key, at=at)
        return redirect(page + "?fait=fin")
    if request.POST.get("acces") == "rendu":
        adulthood.give_back(account, by=account.key, at=at)
        return redirect(page + "?fait=rendu")
    context = {"pupil": account.pupil, "school": school_of(account, day=clock.today(at)), "is_pupil": True}
    return render(request, "my_account/guardians.html", {**context, "done": request.GET.get("fait", "")})


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
