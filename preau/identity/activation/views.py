"""Around the journeys: the link in the e-mail, the welcome, a walk that cannot go on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from preau import clock
from preau.identity.accounts import alone, channel_changes
from preau.identity.accounts.alone import Worth
from preau.identity.accounts.channels import Way
from preau.identity.activation import alone_letters as letters
from preau.identity.activation.claimant import MOBILE
from preau.identity.activation.mobile import MOBILE_JOURNEY
from preau.identity.activation.school_letter import confirm_email
from preau.identity.activation.stuck import ticket_for, walk_of, where_it_stands
from preau.identity.messaging import sms
from preau.identity.signin import device, email_links, return_address
from preau.identity.signin.email_links import LinkState
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session
from preau.identity.support import tickets
from preau.journeys import drafts

STATUS = {LinkState.UNKNOWN: 404, LinkState.EXPIRED: 410}
UNDO_STATUS = {Worth.UNKNOWN: 404, Worth.OVER: 410}


@require_http_methods(["GET", "HEAD", "POST"])
def email(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link confirms, and confirm it by the button only: mail scanners follow links, they do not click."""
    at = request.at  # type: ignore[attr-defined]
    if request.method == "POST":
        state, account, is_activated = confirm_email(token, at=at)
        change = channel_changes.waiting(account, Way.EMAIL) if account else None
        context = {"state": state, "is_done": state is LinkState.GOOD, "is_activated": is_activated, "change": change}
    else:
        state, account = email_links.look(token, at=at)
        address = account.pending_email if account and state is LinkState.GOOD else ""
        context = {"state": state, "address": address, "waits": bool(account and account.activated_at is None)}
        context["is_to_wait"] = email_links.is_to_wait(token)
    return render(request, "activation/confirm_email.html", {**context, "at": at}, status=STATUS.get(state, 200))


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, token: str) -> HttpResponse:
    """« Ce n’est pas moi »: undo what FranceConnect alone opened, by the button only, as above."""
    at = request.at  # type: ignore[attr-defined]
    is_done = request.method == "POST"
    worth, opening = alone.undo_by_link(token, at=at) if is_done else alone.look(token, at=at)
    context = {"worth": worth, "opening": opening, "is_done": is_done, "at": at, **letters.about(opening)}
    return render(request, "activation/undo.html", context, status=UNDO_STATUS.get(worth, 200))


@require_http_methods(["GET", "HEAD", "POST"])
def start_with_mobile(request: HttpRequest) -> HttpResponse:
    """« Activer mon compte avec mon téléphone »: what to have at hand; the button begins."""
    if request.method != "POST":
        is_down = sms.is_down(request.at)  # type: ignore[attr-defined]
        return render(request, "activation/mobile_start.html", {"back": reverse("signin:guardian"), "is_down": is_down})
    response = redirect("activation:mobile", page=MOBILE)
    facts = {"going_to": return_address.given(request)}
    drafts.begin(response, journey=MOBILE_JOURNEY.name, facts=facts, at=request.at)  # type: ignore[attr-defined]
    device.greet(request, response)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def stuck(request: HttpRequest) -> HttpResponse:
    """« Pourquoi ça bloque ? »: the other ways in, and a ticket for the school, whoever asks."""
    found = walk_of(request)
    if request.method == "POST" and found is not None:
        ticket_for(*found)
        return redirect("activation:stuck")
    facts = found[0].facts if found else {}
    context = {"can_ask": found is not None, "has_ticket": "ticket" in facts, **tickets.words(facts)}
    return render(request, "activation/stuck.html", {**context, "back": where_it_stands(request)})


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
    page = "activation/welcome.html" if session.account.pupil else "activation/welcome_guardian.html"
    return render(
        request,
        page,
        {**context, "links": session.account.guardianships(clock.today(at)), "with_franceconnect": "fc" in session.amr},
    )


@require_GET
def over(request: HttpRequest) -> HttpResponse:
    """The walk cannot go on: its hour has passed, or its letter was replaced."""
    return render(request, "activation/over.html", {"back": reverse("signin:profile")})
