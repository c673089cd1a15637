"""« Mon compte »."""

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from preau import clock
from preau.identity.accounts import lifecycle
from preau.identity.my_account import page, password
from preau.identity.my_account.forms import ChangePasswordForm, EmailForm
from preau.identity.signin import device, email_links, network
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.proof import prove_again


@require_GET
@signed_in
def home(request: HttpRequest, session: Session) -> HttpResponse:
    """Who I am, my children, my address, what was done to my account."""
    at = request.at  # type: ignore[attr-defined]
    shown = page.prepare(session.account, day=clock.today(at), at=at)
    context = {"page": shown, "at": at, "eservices": settings.ESERVICES_URL, "done": request.GET.get("fait", "")}
    return render(request, "my_account/home.html", {**context, "is_wide": True})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_password(request: HttpRequest, session: Session) -> HttpResponse:
    """The present password, then the new one."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    form = ChangePasswordForm(request.POST or None, own_words=own_words(account, day=clock.today(at)))
    if form.is_valid():
        typed, mine = form.cleaned_data["current"], device.of(request)
        proof = prove_again(account, typed=typed, device=mine, network=network.of(request), at=at)
        if not proof.is_right:
            form.refuse(proof)
        elif form.is_new_for(account):
            password.change(session, encoded=make_password(form.cleaned_data["password"]), by=account.key, at=at)
            return redirect(reverse("my_account:home") + "?fait=mot-de-passe")
    context = {"form": form, "username": account.username, "back": reverse("my_account:home")}
    return render(request, "my_account/change_password.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def email(request: HttpRequest, session: Session) -> HttpResponse:
    """Give or correct the address that waits, and have the message sent again. A confirmed one does not change here."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if account.has_confirmed_email():
        return redirect("my_account:home")
    form = EmailForm(request.POST or None, initial={"email": account.pending_email})
    if form.is_valid():
        if form.cleaned_data["email"] != account.pending_email:
            account = lifecycle.give_email(account, address=form.cleaned_data["email"], by=account.key, at=at)
        email_links.ask(account, message="signin/confirm_email", at=at)
        return redirect(reverse("my_account:home") + "?fait=courriel")
    context = {"form": form, "back": reverse("my_account:home")}
    return render(request, "my_account/email.html", context, status=422 if form.errors else 200)
