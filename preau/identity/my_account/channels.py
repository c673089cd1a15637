"""The pages of the address and of the mobile: give, confirm, change, cancel; and what the old channel answers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from preau import clock
from preau.identity.accounts import channel_changes, channel_removals, lifecycle
from preau.identity.accounts.channel_changes import Holder, RefusedBefore, Worth
from preau.identity.accounts.channels import Way, is_held_alone
from preau.identity.accounts.models import Kind
from preau.identity.my_account import changes, mobile
from preau.identity.my_account.forms import EmailForm, NewEmailForm
from preau.identity.signin import email_links, refused_mail, step_up
from preau.identity.signin.guards import signed_in
from preau.identity.signin.help import school_of
from preau.identity.signin.models import Session
from preau.identity.signin.step_up import recently_proved

STATUS = {Worth.UNKNOWN: 404, Worth.OVER: 410}


# The address ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def email(request: HttpRequest, session: Session) -> HttpResponse:
    """Where the address stands; give or correct the first one, and have the message sent again."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    is_first = not account.has_confirmed_email()
    change = channel_changes.waiting(account, Way.EMAIL)
    if is_first and channel_changes.was_refused(account, Way.EMAIL):
        words = {"account": account, "is_pupil": account.kind == Kind.PUPIL}
        return render(request, "my_account/refused_before.html", words, status=403)
    is_asked = is_first and change is None
    form = EmailForm(request.POST or None, initial={"email": account.pending_email}) if is_asked else None
    if form is not None and form.is_valid():
        if form.cleaned_data["email"] != account.pending_email:
            # Once confirmed it gives the account back: whoever finds a visit open must not give theirs.
            if (refusal := step_up.turned_back(request, session)) is not None:
                return refusal
            account = lifecycle.give_email(account, address=form.cleaned_data["email"], by=account.key, at=at)
        email_links.ask(account, message="signin/confirm_email", at=at)
        return redirect(reverse("my_account:email") + "?fait=courriel")
    context = {
        "account": account,
        "form": form,
        "change": change,
        "is_refused": refused_mail.is_refused(account),
        "is_new_one_refused": refused_mail.is_new_one_refused(account),
        "is_alone": is_first or is_held_alone(account, Way.EMAIL),
        "is_pupil": account.kind == Kind.PUPIL,
        "done": request.GET.get("fait", ""),
        "at": at,
    }
    return render(request, "my_account/email.html", context, status=422 if form and form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@recently_proved
def change_email(request: HttpRequest, session: Session) -> HttpResponse:
    """Another address in place of the confirmed one."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if not account.has_confirmed_email():
        return redirect("my_account:email")
    form = NewEmailForm(request.POST or None, current=account.email)
    context = {"form": form, "account": account, "is_pupil": account.kind == Kind.PUPIL}
    if channel_changes.was_refused(account, Way.EMAIL):
        return render(request, "my_account/refused_before.html", context, status=403)
    if form.is_valid():
        try:
            changes.ask_email(account, address=form.cleaned_data["email"], by=account.key, at=at)
            return redirect(reverse("my_account:email") + "?fait=demande")
        except changes.TooMany:
            form.refuse_for_today()
        except RefusedBefore:  # while this page was open
            return redirect("my_account:change_email")
    return render(request, "my_account/change_email.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def send_again(request: HttpRequest, session: Session) -> HttpResponse:
    """The link to the new address, once more."""
    change = channel_changes.waiting(session.account, Way.EMAIL)
    is_sent = change is not None and changes.send_again(change, at=request.at)  # type: ignore[attr-defined]
    return redirect(f"{reverse('my_account:email')}?fait={'renvoi' if is_sent else 'patience'}")


@require_POST
@signed_in
def cancel(request: HttpRequest, session: Session, way: Way) -> HttpResponse:
    """Keep the present address or number after all."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    channel_changes.cancel(account, way=way, by=account.key, at=at)
    return redirect(reverse("my_account:email" if way is Way.EMAIL else "my_account:mobile") + "?fait=annulation")


# The mobile ----------------------------------------------------------------------------------------
@require_GET
@signed_in
def mobile_page(request: HttpRequest, session: Session) -> HttpResponse:
    """Where the number stands."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if account.kind == Kind.PUPIL:
        return redirect("my_account:home")
    context = {
        "account": account,
        "change": channel_changes.waiting(account, Way.SMS),
        "known": sorted({record.guardian.mobile for record in account.records.select_related("guardian")} - {""}),
        "is_alone": not account.has_confirmed_mobile() or is_held_alone(account, Way.SMS),
        "school": school_of(account, day=clock.today(at)),
        "done": request.GET.get("fait", ""),
        "at": at,
    }
    return render(request, "my_account/mobile.html", context)


@require_GET
@signed_in
@recently_proved
def change_mobile(request: HttpRequest, session: Session) -> HttpResponse:
    """Begin: a number, then the code it receives."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if account.kind == Kind.PUPIL:
        return redirect("my_account:home")
    if channel_changes.was_refused(account, Way.SMS):
        return render(request, "my_account/refused_before.html", {"account": account}, status=403)
    return mobile.begin(redirect("my_account:mobile_step", page=mobile.Number.name), account, at=at)


# What is answered from a message, without signing in -------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, token: str) -> HttpResponse:
    """The link sent to the new address: shown, then done by the button only, because mail scanners follow links."""
    at = request.at  # type: ignore[attr-defined]
    if request.method == "POST":
        worth, change = channel_changes.prove(token, at=at)
    else:
        worth, change, _ = channel_changes.look(token, Holder.NEW)
    is_done = request.method == "POST" and worth is Worth.GOOD
    context = {"worth": worth, "change": change, "is_done": is_done, "at": at}
    return render(request, "my_account/prove.html", context, status=STATUS.get(worth, 200))


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, token: str, said: str = "") -> HttpResponse:
    """« C’est moi » or « Ce n’est pas moi », from the old channel: by a button as well."""
    at, pressed = request.at, request.POST.get("reponse", "")  # type: ignore[attr-defined]
    worth, change, holder = channel_changes.look(token, Holder.OLD, Holder.OTHER)
    if pressed == "oui" and holder is Holder.OLD:
        worth, change = channel_changes.agree(token, at=at)
    elif pressed == "non":
        worth, change = changes.refuse(token, at=at)
    school = school_of(change.account, day=clock.today(at)) if change else None
    context = {
        "worth": worth, "change": change, "said": said, "pressed": pressed if worth is Worth.GOOD else "",
        "may_agree": holder is Holder.OLD, "school": school, "at": at,
        "is_pupil": change is not None and change.account.kind == Kind.PUPIL,
    }  # fmt: skip
    return render(request, "my_account/answer.html", context, status=STATUS.get(worth, 200))


@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest, token: str) -> HttpResponse:
    """« Ce n’est pas moi », to what the school was asked to remove: shown, then done by the button only."""
    at, removal, is_done = request.at, channel_removals.behind(token), False  # type: ignore[attr-defined]
    if removal is not None and request.method == "POST":
        is_done = channel_removals.keep(removal, by=removal.account.key, at=at)
    context = {
        "removal": removal, "is_done": is_done, "at": at,
        "school": school_of(removal.account, day=clock.today(at)) if removal else None,
        "is_pupil": removal is not None and removal.account.kind == Kind.PUPIL,
    }  # fmt: skip
    return render(request, "my_account/keep_channel.html", context, status=200 if removal else 404)
