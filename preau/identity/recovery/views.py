"""The four beginnings, the ends, and the guardian's page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from preau.identity.accounts.models import Kind
from preau.identity.recovery import approvals, asker, pupil_password
from preau.identity.recovery.forms import NumberForm, cards
from preau.identity.recovery.pupil_password import JOURNEY as PUPIL_PASSWORD
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import recently_proved
from preau.journeys.served import Journey, JourneyOver

DOORS = {Kind.GUARDIAN: "signin:guardian", Kind.PUPIL: "signin:pupil"}


@require_GET
def begin(request: HttpRequest, journey: Journey) -> HttpResponse:
    """One of the four links of the doors: a new walk in this browser."""
    return asker.begin(request, journey=journey.name, first=journey.url)


@require_GET
def waited(request: HttpRequest) -> HttpResponse:
    """Asked every few seconds by the screen that shows a number: nothing yet, or go on."""
    trail = PUPIL_PASSWORD.trail_of(request, PUPIL_PASSWORD.name)
    try:
        is_waiting = trail is not None and not trail.outcome and pupil_password.know(request, trail).is_waiting
    except JourneyOver:
        is_waiting = False
    onwards = reverse("recovery:pupil_password", kwargs={"page": "suite"})
    return HttpResponse(status=204) if is_waiting else HttpResponseClientRedirect(onwards)


@require_GET
def over(request: HttpRequest) -> HttpResponse:
    """The walk cannot go on: its hour has passed, or something happened to the account meanwhile."""
    return render(request, "recovery/over.html", {"back": reverse("signin:profile")})


@require_GET
def done(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The new password is chosen. Nobody is signed in by that."""
    return render(request, "recovery/done.html", {"is_pupil": kind == Kind.PUPIL, "door": reverse(DOORS[kind])})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def approve(request: HttpRequest, session: Session) -> HttpResponse:
    """A guardian types the number that their child reads on another screen, or refuses."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    form = NumberForm(request.POST or None)
    if form.is_valid():
        ref, number = form.cleaned_data["ref"], form.cleaned_data["number"]
        if form.is_refusal:
            approvals.refuse(account, ref=ref, by=account.key, at=at)
            return redirect(reverse("recovery:approve") + "?fait=refus")
        answered = approvals.answer(account, ref=ref, typed=number, by=account.key, at=at)
        if answered.tries_left is None:
            return redirect(reverse("recovery:approve") + ("?fait=accord" if answered.is_right else "?fait=fini"))
        form.say_wrong(answered.tries_left)
    waiting = cards(approvals.waiting_for(account, at=at), form)
    context = {"form": form, "waiting": waiting, "at": at, "done": request.GET.get("fait", "")}
    return render(request, "recovery/approve.html", context, status=422 if form.errors else 200)
