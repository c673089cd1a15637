"""Around the journeys: the link in the e-mail, the welcome, a walk that cannot go on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from preau import clock
from preau.identity.activation.school_letter import confirm_email
from preau.identity.signin import email_links, return_address
from preau.identity.signin.email_links import LinkState
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session

STATUS = {LinkState.UNKNOWN: 404, LinkState.EXPIRED: 410}


@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link confirms, and confirm it by the button only: mail scanners follow links, they do not click."""
    at = request.at  # type: ignore[attr-defined]
    if request.method == "POST":
        state, is_activated = confirm_email(token, at=at)
        context = {"state": state, "is_done": state is LinkState.GOOD, "is_activated": is_activated}
    else:
        state, account = email_links.look(token, at=at)
        address = account.pending_email if account and state is LinkState.GOOD else ""
        context = {"state": state, "address": address, "waits": bool(account and account.activated_at is None)}
    return render(request, "activation/confirm_email.html", context, status=STATUS.get(state, 200))


@require_GET
@signed_in
def welcome(request: HttpRequest, session: Session) -> HttpResponse:
    """« Bienvenue sous le préau »: the account is active, here is the way to the services."""
    at = request.at  # type: ignore[attr-defined]
    context = {
        "account": session.account,
        "pupil": session.account.pupil,
        "school": school_of(session.account, day=clock.today(at)),
        "onwards": return_address.checked(session.going_to) or reverse("my_account:home"),
        "is_arrival": True,
    }
    return render(request, "activation/welcome.html", context)


@require_GET
def over(request: HttpRequest) -> HttpResponse:
    """The walk cannot go on: its hour has passed, or its letter was replaced."""
    return render(request, "activation/over.html", {"back": reverse("signin:profile")})
