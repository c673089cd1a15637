"""The pages of the password and of the open visits."""

from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau import clock
from preau.identity.accounts.models import Kind
from preau.identity.my_account import page, password
from preau.identity.my_account.forms import ChangePasswordForm
from preau.identity.signin import device, network, sessions
from preau.identity.signin.common_passwords import own_words
from preau.identity.signin.forms import NewPasswordForm
from preau.identity.signin.guards import signed_in
from preau.identity.signin.models import Session
from preau.identity.signin.proof import prove_again
from preau.identity.signin.step_up import recently_proved


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def change_password(request: HttpRequest, session: Session) -> HttpResponse:
    """The present password, then the new one."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if not account.has_usable_password():
        return redirect("my_account:first_password")
    form = ChangePasswordForm(request.POST or None, own_words=own_words(account, day=clock.today(at)))
    if form.is_valid():
        typed, mine = form.cleaned_data["current"], device.of(request)
        proof = prove_again(account, typed=typed, device=mine, network=network.of(request), at=at)
        if not proof.is_right:
            form.refuse(proof)
        elif form.is_new_for(account):
            password.change(session, encoded=make_password(form.cleaned_data["password"]), by=account.key, at=at)
            return redirect(reverse("my_account:home") + "?fait=mot-de-passe")
    context = {"form": form, "username": account.username, "changes": page.waiting(account), "account": account}
    return render(request, "my_account/change_password.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def first_password(request: HttpRequest, session: Session) -> HttpResponse:
    """A password for an account that FranceConnect alone opened until now."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if account.has_usable_password():
        return redirect("my_account:password")
    form = NewPasswordForm(request.POST or None, own_words=own_words(account, day=clock.today(at)), account=account)
    if form.is_valid():
        password.change(session, encoded=make_password(form.cleaned_data["password"]), by=account.key, at=at)
        return redirect(reverse("my_account:home") + "?fait=mot-de-passe")
    context = {"form": form, "username": account.username, "changes": page.waiting(account), "account": account}
    return render(request, "my_account/change_password.html", context, status=422 if form.errors else 200)


@require_GET
@signed_in
def devices(request: HttpRequest, session: Session) -> HttpResponse:
    """Where the account is open now."""
    at = request.at  # type: ignore[attr-defined]
    context = {
        "here": session,
        "others": sessions.others(session, at=at),
        "done": request.GET.get("fait", ""),
        "is_pupil": session.account.kind == Kind.PUPIL,
        "at": at,
    }
    return render(request, "my_account/devices.html", context)


@require_POST
@signed_in
def end_device(request: HttpRequest, session: Session, sid: str) -> HttpResponse:
    """Sign out in another browser."""
    is_ended = sessions.end_one(session, sid=sid, by=session.account.key, at=request.at)  # type: ignore[attr-defined]
    return redirect(f"{reverse('my_account:devices')}?fait={'appareil' if is_ended else 'deja'}")


@require_POST
@signed_in
def sign_out_everywhere(request: HttpRequest, session: Session) -> HttpResponse:
    """Sign out of every browser, this one too."""
    at = request.at  # type: ignore[attr-defined]
    response = redirect("signin:signed_out")
    sessions.end_others(session, by=session.account.key, at=at)
    sessions.end(request, response, at=at)
    return response
