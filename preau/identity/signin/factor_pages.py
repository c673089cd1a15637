"""The pages where a passkey or a code proves somebody: at the door, after the password, before a sensitive deed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from preau import clock
from preau.identity.accounts import merging
from preau.identity.accounts.models import Account, Kind
from preau.identity.factors import webauthn
from preau.identity.factors.webauthn import PasskeyError
from preau.identity.signin import (
    authenticator,
    device,
    franceconnect,
    guards,
    help,
    lost_factors,
    network,
    passkeys,
    proof,
    return_address,
    second_step,
    sessions,
    step_up,
)
from preau.identity.signin.authenticator import CodeProof
from preau.identity.signin.forms import CodeForm, PupilSigninForm, RecoveryCodeForm, SigninForm
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.proof import Found, Proof

DOORS: dict[Kind, tuple[type[SigninForm], str]] = {
    Kind.GUARDIAN: (SigninForm, "signin/guardian.html"),
    Kind.PUPIL: (PupilSigninForm, "signin/pupil.html"),
}
_NOT_THERE = {Found.WRONG, Found.WAITING, Found.LETTER}


@require_POST
def question_at_the_door(request: HttpRequest) -> HttpResponse:
    """What the browser asks its passkeys: the same for everybody."""
    browser = webauthn.browser_or_new(request)
    response = JsonResponse(passkeys.ask_at_the_door(browser=browser, at=_at(request)))
    webauthn.name_browser(request, response, browser)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, kind: Kind) -> HttpResponse:
    """A passkey answered at one of the doors; it opens whichever account it belongs to."""
    if request.method != "POST":  # a refusal read again
        return redirect("signin:guardian" if kind == Kind.GUARDIAN else "signin:pupil")
    at, browser = _at(request), webauthn.browser_of(request)
    try:
        passkey = passkeys.prove_at_the_door(request.POST.get("answer", ""), browser=browser, at=at)
    except PasskeyError as refused:
        return _door(request, kind, refused)
    account = passkey.account
    found = proof.opens(account, at=at)
    if found in _NOT_THERE:
        return _door(request, kind, webauthn.Unknown())
    if found is not Found.OWN:
        return _refused(request, account, found)
    response = redirect("signin:onwards")
    going_to = return_address.given(request)
    sessions.open(request, response, account, at=at, amr=webauthn.amr_of(passkey), going_to=going_to)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """After a right password: the code of the authenticator, or a recovery code."""
    found = second_step.waiting(request)
    if found is None:
        return redirect("signin:profile")
    draft, account = found
    forms, proved = _read_code(request, account)
    if proved is None or not proved.is_right:
        context = {**forms, "account": account, "back": reverse("signin:profile")}
        return render(request, "signin/code.html", context, status=422 if request.POST else 200)
    going_to = draft.facts["going_to"]
    draft.finish("entered")
    response = redirect("signin:onwards")
    sessions.open(request, response, account, at=_at(request), amr="pwd otp mfa", going_to=going_to)
    return response


@require_POST
@signed_in
def question_again(request: HttpRequest, session: Session) -> HttpResponse:
    """What the browser asks the passkeys of who is signed in."""
    browser = webauthn.browser_or_new(request)
    response = JsonResponse(passkeys.ask_again(session.account, browser=browser, at=_at(request)))
    webauthn.name_browser(request, response, browser)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def passkey_again(request: HttpRequest, session: Session) -> HttpResponse:
    """Before a sensitive deed: a passkey of the account."""
    at, context = _at(request), step_up.context(request, session)
    if request.method == "POST":
        try:
            browser, answer = webauthn.browser_of(request), request.POST.get("answer", "")
            passkey = passkeys.prove_again(session.account, answer, browser=browser, at=at)
            return step_up.proved(request, session, amr=webauthn.amr_of(passkey), at=at)
        except PasskeyError as refused:
            context["passkey_error"] = refused.sentence
    return render(request, "signin/passkey_again.html", context, status=422 if "passkey_error" in context else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def code_again(request: HttpRequest, session: Session) -> HttpResponse:
    """Before a sensitive deed: a code."""
    forms, proved = _read_code(request, session.account)
    if proved is not None and proved.is_right:
        return step_up.proved(request, session, amr="otp", at=_at(request))
    context = {**step_up.context(request, session), **forms, "back": reverse("signin:confirm")}
    return render(request, "signin/code.html", context, status=422 if request.POST else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def keep_factors(request: HttpRequest, token: str) -> HttpResponse:
    """« Ce n’est pas moi », about a lost application: by the button only, mail scanners follow links."""
    at, removal, is_done = _at(request), lost_factors.behind(token), False
    if removal is not None and request.method == "POST":
        is_done = lost_factors.keep(removal, by=removal.account.key, at=at)
        removal.refresh_from_db()
    school = help.school_of(removal.account, day=clock.today(at)) if removal else None
    context = {"removal": removal, "is_done": is_done, "school": school, "at": at}
    return render(request, "signin/keep_factors.html", context, status=200 if removal else 404)


def _read_code(request: HttpRequest, account: Account) -> tuple[dict[str, Any], CodeProof | None]:
    """Both questions, and what became of the one that was answered."""
    with_paper = "recovery" in request.POST
    form = CodeForm(None if with_paper else request.POST or None)
    paper = RecoveryCodeForm(request.POST if with_paper else None)
    asked, proved = (paper if with_paper else form), None
    if asked.is_valid():
        (typed,) = asked.cleaned_data.values()
        mine, at = device.of(request), _at(request)
        proved = authenticator.prove(account, typed=typed, device=mine, network=network.of(request), at=at)
        if not proved.is_right:
            asked.refuse(proved)
    return {"form": form, "paper": paper, "with_paper": with_paper, "forms": [asked]}, proved


def _door(request: HttpRequest, kind: Kind, refused: PasskeyError) -> HttpResponse:
    form, template = DOORS[kind]
    context = {
        "form": form(),
        "going_to": return_address.given(request),
        "proves_again": guards.is_again(request),
        "franceconnect_url": franceconnect.address(going_to=return_address.given(request)),
        "back": guards.choice(request),
        "passkey_error": refused.sentence,
    }
    return render(request, template, context, status=422)


def _refused(request: HttpRequest, account: Account, found: Found) -> HttpResponse:
    school = help.school_of(account, day=clock.today(_at(request)))
    context = {"proof": Proof(found, account=account), "kind": account.kind, "school": school, "at": _at(request)}
    if found is Found.SHUT:
        context["kept"] = merging.absorbed_into(account)
    return render(
        request, "signin/refused.html", {**context, "is_passkey": True, "back": guards.choice(request)}, status=403
    )


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
