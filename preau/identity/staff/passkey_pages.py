"""Passkeys at the desk: prove one, see them, add one, remove one."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.identity.factors import webauthn
from preau.identity.factors.webauthn import PasskeyError
from preau.identity.staff import entry, passkeys, second_factor, sessions
from preau.identity.staff.forms import FactorForm, PasskeyNameForm
from preau.identity.staff.models import StaffSession
from preau.identity.staff.second_factor import FactorError


@require_POST
def question(request: Any) -> HttpResponse:
    """What the browser asks the passkeys of who is at work."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    browser = webauthn.browser_or_new(request)
    response = JsonResponse(passkeys.ask(visit, browser=browser, at=request.at))
    webauthn.name_browser(request, response, browser)
    return response


@require_http_methods(["GET", "POST"])
def prove(request: Any) -> HttpResponse:
    """A passkey answered: go back to the page that asked for our own factor."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    if request.method == "GET":  # a refusal read again
        return redirect("staff:second_facteur")
    suite, answer = entry.asked_for(request), request.POST.get("answer", "")
    try:
        passkeys.prove(visit, answer, browser=webauthn.browser_of(request), at=request.at)
        return redirect(suite)
    except PasskeyError as refused:
        context = {"form": FactorForm(), "visit": visit, "suite": suite, "passkey_error": refused.sentence}
        return render(request, "staff/second_factor.html", context | second_factor.held_by(visit.member), status=422)


@require_GET
def mine(request: Any) -> HttpResponse:
    """My passkeys."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    refused = _not_yet(request, visit)
    context = {"visit": visit, "passkeys": visit.member.passkeys.order_by("added_at"), "at": request.at}
    return refused or render(request, "staff/passkeys.html", context)


@require_http_methods(["GET", "POST"])
def add(request: Any) -> HttpResponse:
    """Name a passkey, then let the browser make it."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    if refused := _not_yet(request, visit):
        return refused
    form, context = PasskeyNameForm(request.POST or None), {"visit": visit, "suite": entry.asked_for(request)}
    if form.is_valid():
        answer, browser = request.POST.get("answer", ""), webauthn.browser_of(request)
        try:
            passkeys.add(visit, answer, browser=browser, name=form.cleaned_data["name"], at=request.at)
            return redirect("staff:cles")
        except PasskeyError as trouble:
            context["refused"] = trouble.sentence
    return render(request, "staff/add_passkey.html", {"form": form, **context}, status=422 if request.POST else 200)


@require_POST
def question_to_add(request: Any) -> HttpResponse:
    """What the browser needs to make a passkey; a sentence when it may not."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    browser = webauthn.browser_or_new(request)
    try:
        response = JsonResponse(passkeys.ask_to_add(visit, browser=browser, at=request.at))
    except (FactorError, PasskeyError) as refused:
        return JsonResponse({"error": str(refused.sentence)}, status=409)
    webauthn.name_browser(request, response, browser)
    return response


@require_POST
def remove(request: Any, number: int) -> HttpResponse:
    """Forget one of my passkeys."""
    visit = sessions.current(request)
    if visit is None:
        return redirect("staff:entree")
    if refused := _not_yet(request, visit):
        return refused
    passkeys.remove(visit, number=number, at=request.at)
    return redirect("staff:cles")


def _not_yet(request: Any, visit: StaffSession) -> HttpResponse | None:
    """What must be proved first: our own factor for who has one, else the portal's."""
    try:
        second_factor.must_be_allowed(visit, at=request.at)
    except second_factor.OwnFactorNeeded:
        query = urlencode({entry.PARAMETER: reverse("staff:cles")})
        return redirect(f"{reverse('staff:second_facteur')}?{query}")
    except FactorError as refused:
        return render(request, "staff/no_factor.html", {"visit": visit, "sentence": refused.sentence}, status=403)
    return None
