"""The door: the choice of profile, the two forms, the way out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_GET, require_http_methods

from preau import clock
from preau.design import moulds
from preau.identity.accounts import merging
from preau.identity.accounts.models import Kind
from preau.identity.compiled import together
from preau.identity.signin import (
    authenticator,
    captcha,
    classic,
    device,
    franceconnect,
    guards,
    help,
    network,
    obligations,
    old_accounts,
    return_address,
    second_step,
    sessions,
    step_up,
)
from preau.identity.signin.forms import ConfirmForm, PupilSigninForm, SigninForm
from preau.identity.signin.guards import signed_in
from preau.identity.signin.letter import begin_activation
from preau.identity.signin.models import Session
from preau.identity.signin.proof import OPENS, Found, Proof, prove, prove_again
from preau.identity.signin.without_waiting import JOURNEY as WITHOUT_WAITING
from preau.journeys import drafts

FORMS = {Kind.GUARDIAN: SigninForm, Kind.PUPIL: PupilSigninForm}
DOORS = {Kind.GUARDIAN: "signin:guardian", Kind.PUPIL: "signin:pupil"}
PAGES = {Kind.GUARDIAN: "signin/guardian.html", Kind.PUPIL: "signin/pupil.html"}
# The username comes from the other profile's page, where the secret was right: it is not typed twice, the secret is.
BROUGHT = "apporter"
STATUS = {Found.PAUSED: 429, Found.CROWDED: 429}


def _by_program(request: HttpRequest, kind: Kind | None = None) -> HttpResponse:
    """The two answers of the classic form, at the door of a profile or before any was chosen."""
    shown = kind or Kind.GUARDIAN
    return _judged(request, shown, FORMS[shown](classic.typed(request)), profile=kind)


@classic.or_token(_by_program)
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    """« Responsable d’élève » or « Élève »; who is signed in already goes on."""
    going_to = return_address.given(request)
    if sessions.current(request) is not None and not guards.is_again(request):
        return guards.turned_back(request, back_to=going_to) or redirect(going_to or _home())
    if kind := guards.hinted(request):
        kept = request.GET.copy()
        del kept[guards.HINT]
        return redirect(f"{reverse(DOORS[kind])}{'?' if kept else ''}{kept.urlencode()}")
    return moulds.filled(request, "signin/profile.html", {"query": request.GET.urlencode()}, _arrival)


@classic.or_token(_by_program)
@require_http_methods(["GET", "HEAD", "POST"])
def door(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The form of one profile."""
    if not request.POST or BROUGHT in request.POST:
        return _blank(request, kind)
    return _judged(request, kind, FORMS[kind](request.POST), profile=kind)


def _judged(request: HttpRequest, kind: Kind, form: SigninForm, *, profile: Kind | None) -> HttpResponse:
    if form.is_valid():
        proof = prove(
            username=form.cleaned_data["username"],
            typed=form.cleaned_data["password"],
            profile=profile,
            device=device.of(request),
            network=network.of(request),
            at=request.at,  # type: ignore[attr-defined]
            answer=request.POST.get(captcha.FIELD, ""),
            forgives_later=True,
        )
        form.effort = proof.effort
        kind = profile or Kind(proof.account.kind if proof.account else kind)
        old = old_accounts.answer(request, kind, form, proof, show=_show, refuse=_answer)
        return old or _answer(request, kind, form, proof)
    return _show(request, kind, form)


def _answer(request: HttpRequest, kind: Kind, form: SigninForm, proof: Proof) -> HttpResponse:
    if proof.found in OPENS:
        return _opened(request, proof)
    if proof.found in (Found.LETTER, Found.WAITING):
        return begin_activation(request, proof)
    if proof.found in (Found.WRONG, Found.EFFORT):
        form.refuse(proof)
        return _show(request, kind, form)
    day = clock.today(request.at)  # type: ignore[attr-defined]
    school = help.school_of(proof.account, day=day) if proof.account else None
    context = {"proof": proof, "kind": kind, "school": school, "at": request.at, **_way(request)}  # type: ignore[attr-defined]
    if proof.found is Found.SHUT and proof.account is not None:
        context["kept"] = merging.absorbed_into(proof.account)
    return render(request, "signin/refused.html", context, status=STATUS.get(proof.found, 403))


def _opened(request: HttpRequest, proof: Proof) -> HttpResponse:
    assert proof.account is not None
    also = [proof.forgiveness] if proof.forgiveness else []
    if authenticator.is_on(proof.account):
        if also:
            together(*also)
        return second_step.begin(request, proof.account)
    response = redirect("signin:onwards")
    going_to, at = return_address.given(request), request.at  # type: ignore[attr-defined]
    session = sessions.open(request, response, proof.account, at=at, going_to=going_to, also=also)
    if going_to and not return_address.leaves_the_site(going_to) and not obligations.next_address(session, at=at):
        response["Location"] = iri_to_uri(going_to)
    return response


def _show(request: HttpRequest, kind: Kind, form: SigninForm) -> HttpResponse:
    response = render(request, PAGES[kind], {"form": form, **_words(request, kind)}, status=422)
    device.greet(request, response)
    if form.effort is not None:
        captcha.remind(response, form.effort)
    return response


def _blank(request: HttpRequest, kind: Kind) -> HttpResponse:
    effort, brought = captcha.reminded(request), request.POST.get("username", "")
    if effort is not None or brought:
        blank = BLANKS[kind]()
        blank["form"].effort, blank["form"].initial["username"] = effort, brought
        response = render(request, PAGES[kind], {**blank, **_words(request, kind)})
    else:
        response = moulds.filled(request, PAGES[kind], _words(request, kind), BLANKS[kind])
    device.greet(request, response)
    return response


def _words(request: HttpRequest, kind: Kind) -> dict[str, str]:
    """What differs from one visitor to the next: where they were going; and from one day to the next."""
    way, is_for_guardians = _way(request), kind == Kind.GUARDIAN
    return {
        "old_accounts": old_accounts.mentioned(kind, at=request.at),  # type: ignore[attr-defined]
        "franceconnect_url": franceconnect.address(going_to=way["going_to"]) if is_for_guardians else "",
        **way,
    }


def _way(request: HttpRequest) -> dict[str, str]:
    """Where they were going, whether they must prove themselves again, and the choice of profile that knows both."""
    again = "1" if guards.is_again(request) else ""
    return {"going_to": return_address.given(request), "proves_again": again, "back": guards.choice(request)}


def _blank_guardian() -> dict[str, Any]:
    return {"form": SigninForm()}


def _blank_pupil() -> dict[str, Any]:
    return {"form": PupilSigninForm()}


def _arrival() -> dict[str, Any]:
    return {"is_arrival": True}


BLANKS = {Kind.GUARDIAN: _blank_guardian, Kind.PUPIL: _blank_pupil}


@require_GET
def onwards(request: HttpRequest) -> HttpResponse:
    """After signing in: what must be done first, then where the person was going, or their account."""
    session = sessions.current(request)
    if session is None:
        return redirect("signin:profile")
    todo = obligations.next_address(session, at=request.at)  # type: ignore[attr-defined]
    going_to = return_address.checked(session.going_to)
    if todo or not return_address.leaves_the_site(going_to):
        return redirect(todo or going_to or _home())
    # CSP 3 §6.4.1: form-action is checked on every redirect of a form's answer. The service is on another site: a
    # page of ours stands between, and goes on by itself.
    response = moulds.filled(request, "signin/onwards.html", {"going_to": going_to})
    response["Refresh"] = f"0; url={going_to}"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ask, then end the visit."""
    if request.method != "POST":
        return render(request, "signin/sign_out.html", {"back": reverse("my_account:home")})
    response = franceconnect.sign_out_too(request) or redirect("signin:signed_out")
    sessions.end(request, response, at=request.at)  # type: ignore[attr-defined]
    return response


@require_GET
def signed_out(request: HttpRequest) -> HttpResponse:
    """It is done."""
    return render(request, "signin/signed_out.html", {"is_arrival": True})


def _home() -> str:
    return reverse("my_account:home")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest, session: Session) -> HttpResponse:
    """« Confirmez que c’est vous »: before a sensitive deed, by the password or another means of the account."""
    account, at = session.account, request.at  # type: ignore[attr-defined]
    if step_up.is_enough(session, at):
        return step_up.onwards(request, session)
    form = ConfirmForm(request.POST or None)
    if form.is_valid():
        typed, mine = form.cleaned_data["password"], device.of(request)
        proof = prove_again(account, typed=typed, device=mine, network=network.of(request), at=at)
        if proof.is_right:
            return step_up.proved(request, session, amr="pwd", at=at)
        form.refuse(proof)
    context = {"form": form, **step_up.context(request, session)}
    return render(request, "signin/confirm.html", context, status=422 if form.errors else 200)


@require_GET
def without_waiting(request: HttpRequest, kind: Kind) -> HttpResponse:
    """After a pause: a code by a proved channel, rather than waiting."""
    response = redirect("signin:without_waiting", page="identifiant")
    facts = {"kind": kind.value}
    drafts.begin(response, journey=WITHOUT_WAITING.name, facts=facts, at=request.at)  # type: ignore[attr-defined]
    device.greet(request, response)
    return response


@require_GET
def waits_no_more(request: HttpRequest, kind: Kind) -> HttpResponse:
    """The pause is over; nobody is signed in by that."""
    context = {"kind": kind, "door": reverse(DOORS[kind]), "back": reverse("signin:profile")}
    return render(request, "signin/waits_no_more.html", context)
