"""« Comment je me connecte »: passkeys and the codes of an authenticator. Adding or removing asks a recent proof."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau.design.forms import Form
from preau.identity.factors import webauthn
from preau.identity.factors.webauthn import PasskeyError
from preau.identity.signin import authenticator, passkeys
from preau.identity.signin.authenticator import AuthenticatorError
from preau.identity.signin.forms import CodeForm
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import recently_proved


class NameForm(Form):
    """What its holder calls a passkey."""

    name = forms.CharField(
        label=_("Nom de cette clé"),
        max_length=40,
        help_text=_("Pour la reconnaître plus tard. Par exemple : mon téléphone."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_GET
@signed_in
def factors(request: HttpRequest, session: Session) -> HttpResponse:
    """What opens the account beside its password."""
    account = session.account
    context = {
        "account": account,
        "passkeys": account.passkeys.order_by("added_at"),
        "is_on": authenticator.is_on(account),
        "codes_left": authenticator.recovery_codes_left(account),
        "done": request.GET.get("fait", ""),
        "at": _at(request),
        "back": reverse("my_account:home"),
    }
    return render(request, "my_account/factors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def add_passkey(request: HttpRequest, session: Session) -> HttpResponse:
    """Name a passkey, then let the browser make it."""
    account, form, context = session.account, NameForm(request.POST or None), {}
    if form.is_valid():
        answer, name = request.POST.get("answer", ""), form.cleaned_data["name"]
        try:
            browser = webauthn.browser_of(request)
            passkeys.add(account, answer, browser=browser, name=name, by=account.key, at=_at(request))
            return _done("cle-ajoutee")
        except PasskeyError as refused:
            context["refused"] = refused.sentence
    context |= {"form": form, "back": reverse("my_account:factors")}
    return render(request, "my_account/factors_passkey.html", context, status=422 if request.POST else 200)


@require_POST
@signed_in
@recently_proved
def passkey_question(request: HttpRequest, session: Session) -> HttpResponse:
    """What the browser needs to make a passkey; a sentence when there are too many."""
    browser = webauthn.browser_or_new(request)
    try:
        response = JsonResponse(passkeys.ask_to_add(session.account, browser=browser, at=_at(request)))
    except PasskeyError as refused:
        return JsonResponse({"error": str(refused.sentence)}, status=409)
    webauthn.name_browser(request, response, browser)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def remove_passkey(request: HttpRequest, session: Session, number: int) -> HttpResponse:
    """Ask, then forget a passkey."""
    account = session.account
    passkey = get_object_or_404(account.passkeys, pk=number)
    if request.method == "POST":
        passkeys.remove(account, number=number, by=account.key, at=_at(request))
        return _done("cle-retiree")
    context = {"passkey": passkey, "back": reverse("my_account:factors")}
    return render(request, "my_account/factors_remove_passkey.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def enrol_authenticator(request: HttpRequest, session: Session) -> HttpResponse:
    """Scan the square, type a first code; the recovery codes are shown once, in the answer."""
    account, at, form = session.account, _at(request), CodeForm(request.POST or None)
    context = {"form": form, "back": reverse("my_account:factors")}
    try:
        if form.is_valid():
            codes = authenticator.finish(account, code=form.cleaned_data["code"], by=account.key, at=at)
            return _show_codes(request, codes, is_new=True)
    except AuthenticatorError as refused:
        form.add_error("code", refused.sentence)
    try:
        context["seed"] = authenticator.begin(account, at=at)
    except authenticator.AlreadyOn:
        return redirect("my_account:factors")
    return render(request, "my_account/factors_authenticator.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def remove_authenticator(request: HttpRequest, session: Session) -> HttpResponse:
    """Ask, then stop asking codes."""
    account = session.account
    if request.method == "POST":
        authenticator.remove(account, by=account.key, at=_at(request))
        return _done("application-retiree")
    context = {"back": reverse("my_account:factors")}
    return render(request, "my_account/factors_remove_authenticator.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def recovery_codes(request: HttpRequest, session: Session) -> HttpResponse:
    """Ask, then make new recovery codes: those before die."""
    account = session.account
    if not authenticator.is_on(account):
        return redirect("my_account:factors")
    if request.method == "POST":
        codes = authenticator.renew_recovery_codes(account, by=account.key, at=_at(request))
        return _show_codes(request, codes, is_new=False)
    context = {"left": authenticator.recovery_codes_left(account), "back": reverse("my_account:factors")}
    return render(request, "my_account/factors_renew_codes.html", context)


def _show_codes(request: HttpRequest, codes: list[str], *, is_new: bool) -> HttpResponse:
    return render(request, "my_account/factors_recovery_codes.html", {"codes": codes, "is_new": is_new})


def _done(what: str) -> HttpResponse:
    return redirect(f"{reverse('my_account:factors')}?fait={what}")


def _at(request: HttpRequest) -> datetime:
    at: datetime = request.at  # type: ignore[attr-defined]
    return at
